"""The front door: from the bytes of a lab file to the model, or every problem at once."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest

from lab.topology.cluster import NetworkPlugin, OsType
from lab.topology.load import examine, manifest_paths, parse
from lab.topology.problems import LabFileError
from lab.topology.sources import LabSources, SourceFile
from lab.topology.virtual_network import SubnetReference
from lab.topology.written import Written
from tests.unit.lab.topology.edits import FILES, NAMES, edits
from tests.unit.lab.topology.labs import CLOUD, HEAD, cluster, messages, parsed, sources


def test_the_smallest_lab_has_a_cloud_and_the_internet() -> None:
    lab = parsed()

    assert lab.name == "small"
    assert lab.cloud.provider == "azure"
    assert [network.name for network in lab.cloud.virtual_networks] == ["vnet01"]
    assert [(host.name, str(host.address)) for host in lab.internet] == [
        ("internet", "203.0.113.10")
    ]


@pytest.mark.claim("A6")
@pytest.mark.claim("A29")
def test_a_cluster_says_what_was_written_and_has_defaults_for_the_rest() -> None:
    (found,) = parsed(cluster("registrationOrder: [1, 0]")).clusters

    assert found.network_plugin is NetworkPlugin.KUBENET
    assert found.pod_cidr == IPv4Network("10.244.0.0/16")
    assert found.service_cidr == IPv4Network("172.16.1.0/24")
    assert found.dns_service_ip == IPv4Address("172.16.1.10")
    assert found.docker_bridge_cidr == IPv4Interface("172.17.0.1/16")
    assert found.system_pods
    (pool,) = found.node_pools
    assert pool.subnet == SubnetReference(virtual_network="vnet01", subnet="vlan01")
    assert (pool.count, pool.max_pods, pool.os_type) == (2, 110, OsType.LINUX)
    assert pool.registration_order == (1, 0)


def test_the_same_file_gives_the_same_lab() -> None:
    assert parsed(cluster()) == parsed(cluster())


def test_a_lab_does_not_depend_on_where_it_is_written() -> None:
    other = HEAD + "\n\n# moved\n" + CLOUD

    assert parse(LabSources(lab=SourceFile(path="other.yaml", content=other.encode()))) == parsed()


def test_every_value_knows_its_line() -> None:
    text = HEAD + CLOUD + "virtualMachines:\n  - name: vm1\n    subnet: vnet01/vlan01\n"
    (machine,) = parse(
        LabSources(lab=SourceFile(path="lab.yaml", content=text.encode()))
    ).virtual_machines

    assert str(machine.location) == "lab.yaml:12"
    assert str(machine.at("subnet")) == "lab.yaml:13"
    assert str(machine.at("privateIpAddress")) == "lab.yaml:12", "left out: the machine itself"


def test_problems_of_form_and_of_sense_are_told_together_in_order_of_lines() -> None:
    body = """
        virtualMachines:
          - {name: vm_1, subnet: vnet01/vlan01}
          - {name: vm2, subnet: vnet01/vlan09}
          - {name: vm3, subnet: vnet01/vlan01, enableIPForwarding: maybe}
    """
    with pytest.raises(LabFileError) as caught:
        parsed(body)

    assert [problem.location.line for problem in caught.value.problems] == [13, 14, 15]


def test_nobody_is_blamed_for_referring_to_what_could_not_be_read() -> None:
    cloud = CLOUD.replace("10.0.0.0/22", "10.0.0.0/222")

    assert len(messages(cluster(), cloud=cloud)) == 1


def test_a_misspelt_key_is_the_only_problem_even_if_it_is_a_required_one() -> None:
    assert messages(cloud=CLOUD.replace("addressPrefixes", "adressPrefixes")) == [
        "unknown key 'adressPrefixes' in cloud.virtualNetworks[vnet01]"
    ]


def test_half_of_a_test_is_not_judged() -> None:
    """Without its misspelt ping, the test would have nothing to ask `to`."""
    body = """
        virtualMachines: [{name: vm1, subnet: vnet01/vlan01}]
        tests: [{name: a, from: vm1, to: vm1, expect: {pings: {}}}]
    """

    assert messages(body) == ["unknown key 'pings' in tests[a].expect"]


def test_keys_that_begin_with_x_are_a_place_for_anchors() -> None:
    body = """
        x-machine: &machine {subnet: vnet01/vlan02}
        virtualMachines:
          - {<<: *machine, name: vm1}
          - {<<: *machine, name: vm2}
    """

    assert [str(each.subnet) for each in parsed(body).virtual_machines] == ["vnet01/vlan02"] * 2


def test_manifests_are_named_once_each_in_order() -> None:
    body = cluster(manifests="[b.yaml, a.yaml, b.yaml]")

    assert manifest_paths(sources(body).lab) == ("b.yaml", "a.yaml")


def test_manifests_are_named_even_by_a_lab_with_problems() -> None:
    body = cluster("count: 401", manifests="[a.yaml]")

    assert manifest_paths(sources(body).lab) == ("a.yaml",)


@pytest.mark.parametrize("content", [b"", b"[]", b"a: [", b"\xff"])
def test_what_is_no_lab_names_no_manifests(content: bytes) -> None:
    assert manifest_paths(SourceFile(path="lab.yaml", content=content)) == ()


def test_a_missing_manifest_is_a_problem_where_it_is_named() -> None:
    (problem,) = examine(sources("\n" + cluster(manifests="[a.yaml]"))).problems

    assert problem.message == "manifest 'a.yaml' of cluster 'aks01' can't be read"
    assert problem.location.line == 12


def test_expectations_are_frozen_all_the_way_down() -> None:
    (test,) = parsed(
        """
        virtualMachines: [{name: vm1, subnet: vnet01/vlan01}]
        tests:
          - name: vm1 hears itself
            from: vm1
            to: 10.0.0.4
            within: 2.5
            expect: {ping: {ttl: 64}, packets: [{on: vm1, seen: false}]}
        """
    ).tests

    assert test.within == 2.5
    assert test.expect.values["ping"]["ttl"] == 64
    assert test.expect.values["packets"] == ({"on": "vm1", "seen": False},)
    with pytest.raises(TypeError):
        test.expect.values["ping"]["ttl"] = 63  # type: ignore[index]


@pytest.mark.claim("B9")
@pytest.mark.parametrize(("plugin", "max_pods"), [("kubenet", 110), ("azure", 30)])
def test_how_many_pods_a_node_takes_depends_on_the_network_plugin(
    plugin: str, max_pods: int
) -> None:
    (found,) = parsed(cluster(networkPlugin=plugin)).clusters

    assert found.node_pools[0].max_pods == max_pods


def test_azure_cni_has_no_pod_cidr_by_default() -> None:
    assert parsed(cluster(networkPlugin="azure")).clusters[0].pod_cidr is None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_that_is_edited_means_what_a_new_one_does(path: Path) -> None:
    """To the line of each property."""
    name = next(NAMES)
    for now in edits(path.read_text("utf-8", errors="replace"), turns=8, seed=path.name):
        assert everything(name, now) == everything(next(NAMES), now), now


def test_what_equals_something_right_may_be_wrong() -> None:
    """True equals 1, in Python."""
    name, text = next(NAMES), sources(cluster(pool="count: 1")).lab.content.decode()

    assert everything(name, text)[2] == []
    assert everything(name, text.replace("count: 1", "count: true"))[2] != []


def everything(name: str, text: str) -> tuple[object, ...]:
    """What a file called `name` says, but for its name."""
    content = text.encode()
    found = examine(LabSources(lab=SourceFile(path=name, content=content)))
    problems = [(each.location.line, each.message, each.remedy) for each in found.problems]
    warnings = [each.location.line for each in found.lab.warnings] if found.lab else []
    return (
        repr(found.lab).replace(name, ""),
        list(lines(found.lab)),
        problems,
        warnings,
        found.usable,
    )


def lines(value: object) -> Iterator[object]:
    """Where everything stands that stands somewhere."""
    if isinstance(value, Written):
        yield value.location.line
        yield [(key, each.line) for key, each in value.places.items()]
    if isinstance(value, tuple):
        for each in value:
            yield from lines(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from lines(getattr(value, field.name))
