"""The front door: lab file and manifests together."""

import pytest

from lab.kube.objects import parse_lab, parse_manifests
from lab.topology.load import parse
from lab.topology.problems import LabFileError
from lab.topology.sources import LabSources, SourceFile
from tests.unit.lab.kube.manifest_sources import DEPLOYMENT, LAB, pod, sources

TWO_CLUSTERS = (
    LAB.replace("/22}]", "/22}, {name: vlan02, addressPrefix: 10.0.4.0/24}]")
    + """\
  - name: aks02
    serviceCidr: 172.16.1.0/24
    nodePools: [{name: pool, count: 1, subnet: vnet01/vlan02}]
    manifests: [objects.yaml]
"""
)


def test_lab_and_objects_come_together() -> None:
    lab, manifests = parse_lab(sources(DEPLOYMENT))

    assert lab.name == "small"
    assert [each.metadata.name for each in manifests.of("aks01").deployments] == ["nginx"]
    assert manifests == parse_manifests(lab, sources(DEPLOYMENT))


def test_problems_of_the_lab_file_and_of_manifests_are_told_at_once() -> None:
    broken = sources(
        DEPLOYMENT.replace("replicas", "replcas"),
        lab="virtualMachines: [{name: vm1, subnet: vnet01/vlan9}]",
    )
    with pytest.raises(LabFileError) as caught:
        parse_lab(broken)

    assert [problem.location.file for problem in caught.value.problems] == [
        "a.lab.yaml",
        "objects.yaml",
    ]


def test_manifests_alone_are_checked_as_well() -> None:
    lab = parse(sources(DEPLOYMENT))
    with pytest.raises(LabFileError):
        parse_manifests(lab, sources(DEPLOYMENT.replace("kind: Deployment", "kind: Service")))


def test_each_cluster_has_objects_of_its_own() -> None:
    given = sources(DEPLOYMENT)
    both = LabSources(
        lab=SourceFile(path="a.lab.yaml", content=TWO_CLUSTERS.encode()), manifests=given.manifests
    )

    _, manifests = parse_lab(both)

    assert [each.cluster for each in manifests.clusters] == ["aks01", "aks02"]
    assert manifests.of("aks01").objects == manifests.of("aks02").objects


def test_a_manifest_of_two_clusters_is_complained_about_once() -> None:
    given = sources(DEPLOYMENT.replace("replicas", "replcas"))
    both = LabSources(
        lab=SourceFile(path="a.lab.yaml", content=TWO_CLUSTERS.encode()), manifests=given.manifests
    )
    with pytest.raises(LabFileError) as caught:
        parse_lab(both)

    assert len(caught.value.problems) == 1


def test_without_a_lab_there_are_the_problems_of_the_lab_file_only() -> None:
    with pytest.raises(LabFileError) as caught:
        parse_lab(LabSources(lab=SourceFile(path="a.lab.yaml", content=b"a: [")))

    assert len(caught.value.problems) == 1


def test_a_manifest_that_could_not_be_read_hides_pods_not_problems() -> None:
    """The test refers to a pod that may be in the missing file."""
    lab = """
        virtualMachines: [{name: vm1, subnet: vnet01/vlan01}]
        tests: [{name: t, from: vm1, to: pod/nginx-0, expect: {reachable: true}}]
    """
    given = sources(pod(), lab=lab)
    with pytest.raises(LabFileError) as caught:
        parse_lab(LabSources(lab=given.lab))

    assert [problem.message for problem in caught.value.problems] == [
        "manifest 'objects.yaml' of cluster 'aks01' can't be read"
    ]
