"""The front door to the Kubernetes objects of a lab: from manifest files to frozen values.

    manifest_files   bytes → objects that fulfil their schema
    manifest_build   objects → values, Kubernetes' defaults filled in
    manifest_checks  what Kubernetes would refuse
    load_balancer_checks  what the cloud would
    targets          what the lab's tests refer to

The values are in `manifests`.
"""

from dataclasses import dataclass

from lab.kube import manifest_checks, targets
from lab.kube.load_balancer_checks import check_load_balancer
from lab.kube.manifest_build import build
from lab.kube.manifest_files import read
from lab.kube.manifests import (
    ClusterManifests,
    Container,
    ContainerPort,
    Deployment,
    DnsPolicy,
    KubernetesObject,
    LabelSelector,
    Manifests,
    Namespace,
    ObjectMeta,
    Operator,
    Pod,
    PodDnsConfig,
    PodSpec,
    PodTemplate,
    Requirement,
    Service,
    ServicePort,
    Transport,
)
from lab.remembering import remembering
from lab.topology.load import examine
from lab.topology.model import Lab
from lab.topology.problems import LabFileError, Problem
from lab.topology.sources import LabSources, SourceFile
from lab.topology.usable import Usable

__all__ = [
    "ClusterManifests",
    "Container",
    "ContainerPort",
    "Deployment",
    "DnsPolicy",
    "KubernetesObject",
    "LabelSelector",
    "Manifests",
    "Namespace",
    "ObjectMeta",
    "Operator",
    "Pod",
    "PodDnsConfig",
    "PodSpec",
    "PodTemplate",
    "Requirement",
    "Service",
    "ServicePort",
    "Transport",
    "parse_lab",
    "parse_manifests",
]


def parse_lab(sources: LabSources) -> tuple[Lab, Manifests]:
    """Return the lab and the objects of its manifests.

    Raises `LabFileError` with every problem of the lab file and of its manifests
    at once.
    """
    examination = examine(sources)
    problems = list(examination.problems)
    manifests = Manifests()
    if examination.lab is not None:
        manifests, more = _examine(examination.lab, sources, examination.usable)
        problems += more
    if problems or examination.lab is None:
        raise LabFileError(problems)
    return examination.lab, manifests


def parse_manifests(lab: Lab, sources: LabSources) -> Manifests:
    """Return the objects of every manifest that `lab` names.

    Raises `LabFileError` with every problem of every manifest, and of tests that
    refer to pods which do not exist. A manifest that is missing from `sources` is
    a problem of the lab file (`lab.topology.load`) and passed over here.
    """
    manifests, problems = _examine(lab, sources, Usable())
    if problems:
        raise LabFileError(problems)
    return manifests


def _examine(lab: Lab, sources: LabSources, usable: Usable) -> tuple[Manifests, list[Problem]]:
    files = {path: _held(source) for path, source in sources.manifests}
    problems: dict[Problem, None] = {}
    incomplete = usable.lacks("manifests")
    clusters = []
    for cluster in lab.clusters:
        held = [files[path] for path in dict.fromkeys(cluster.manifests) if path in files]
        lacking = len(held) < len(set(cluster.manifests)) or any(file.incomplete for file in held)
        incomplete = incomplete or lacking
        objects = tuple(each for file in held for each in file.objects)
        manifests = ClusterManifests(cluster=cluster.name, objects=objects)
        clusters.append(manifests)
        problems.update(dict.fromkeys(problem for file in held for problem in file.problems))
        problems.update(
            dict.fromkeys(
                manifest_checks.check(manifests, cluster, usable=usable, incomplete=lacking)
            )
        )
        problems.update(dict.fromkeys(check_load_balancer(manifests, cluster, lab)))
    result = Manifests(clusters=tuple(clusters))
    if not any(len(each.deployments) and _too_many(each) for each in clusters):
        problems.update(
            dict.fromkeys(targets.check(lab, result, usable=usable, incomplete=incomplete))
        )
    return result, list(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What a manifest file holds, built."""

    objects: tuple[KubernetesObject, ...]
    problems: tuple[Problem, ...]
    incomplete: bool


@remembering(by=lambda source: source.path, maxsize=256)
def _held(source: SourceFile) -> _Held:
    """What `source` holds: most files of a lab stay as they are when one changes."""
    file = read(source)
    return _Held(
        objects=tuple(map(build, file.objects)), problems=file.problems, incomplete=file.incomplete
    )


def _too_many(manifests: ClusterManifests) -> bool:
    """Whether counting out every replica would take for ever."""
    return sum(each.replicas for each in manifests.deployments) > manifest_checks.POD_LIMIT
