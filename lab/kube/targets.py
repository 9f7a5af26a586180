"""Whether the targets of a lab's tests are there.

A target is `pod/[NAMESPACE/]NAME`, `node/NAME`, `vm/NAME`, `internet/NAME`,
`host/NAME` (the virtual switch of a host), or a name alone that only one of them
has. A replica answers to its generated name and to ``OWNER-ORDINAL``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from lab.kube import system_pods
from lab.kube.instances import (
    PodInstance,
    daemon_instances,
    deployment_instances,
    manifest_instances,
)
from lab.kube.manifests import Manifests
from lab.topology import names
from lab.topology.model import Lab, Test
from lab.topology.problems import Location, Problem
from lab.topology.usable import Usable
from lab.topology.words import nearest

_PREFIXES = ("pod", "node", "vm", "internet", "host")


@dataclass(slots=True)
class _Known:
    """Everything that a test can refer to, by name; a set tells how many have the name."""

    by_name: dict[str, set[str]] = field(default_factory=dict)
    """Canonical targets of a name with or without its prefix."""

    def add(self, canonical: str, *words: str) -> None:
        for word in words:
            self.by_name.setdefault(word, set()).add(canonical)


def check(lab: Lab, manifests: Manifests, *, usable: Usable, incomplete: bool) -> Iterator[Problem]:
    """Problems of tests that refer to nothing, or to several things at once.

    `incomplete` says that some manifest could not be read, so that a pod may be
    missing for that reason.
    """
    if not lab.tests:
        return
    known = _known(lab, manifests)
    pods_missing = incomplete or usable.lacks("nodePools")
    for test in lab.tests:
        for target, place in _targets(test):
            matches = known.by_name.get(target, set())
            if len(matches) == 1:
                continue
            if matches:
                yield _ambiguous(target, matches, place)
            elif not _may_be_missing(target, usable, pods=pods_missing):
                yield _unknown(target, known, place)


def _targets(test: Test) -> Iterator[tuple[str, Location]]:
    yield test.source, test.at("from")
    if test.destination is not None and not _is_address(test.destination):
        yield test.destination, test.at("to")
    for index, capture in enumerate(test.expect.values.get("packets", ())):
        yield capture["on"], test.expect.at(f"packets[{index}]")


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


def _known(lab: Lab, manifests: Manifests) -> _Known:
    known = _Known()
    for prefix, name in _machines(lab):
        known.add(f"{prefix}/{name}", f"{prefix}/{name}", name)
        known.add(f"host/{name}", f"host/{name}")
    for pod in _pods(lab, manifests):
        canonical = f"pod/{pod.namespace}/{pod.name} of cluster {pod.cluster}"
        for name in {pod.name, f"{pod.owner}-{pod.ordinal}" if pod.owner else pod.name}:
            known.add(canonical, name, f"pod/{name}", f"pod/{pod.namespace}/{name}")
    return known


def _machines(lab: Lab) -> Iterator[tuple[str, str]]:
    for cluster in lab.clusters:
        for node in names.nodes(cluster):
            yield "node", node
    for machine in lab.virtual_machines:
        yield "vm", machine.name
    for host in lab.internet:
        yield "internet", host.name


def _pods(lab: Lab, manifests: Manifests) -> Iterator[PodInstance]:
    for cluster in lab.clusters:
        yield from manifest_instances(manifests.of(cluster.name))
        if cluster.system_pods:
            nodes = names.nodes(cluster)
            yield from daemon_instances(cluster.name, system_pods.daemon_sets(), nodes)
            yield from deployment_instances(cluster.name, system_pods.deployments())


def _may_be_missing(target: str, usable: Usable, *, pods: bool) -> bool:
    """Whether the target may be something that was written but could not be read."""
    missing = {
        "pod": pods,
        "node": usable.lacks("nodePools"),
        "vm": usable.lacks("virtualMachines"),
        "internet": usable.lacks("hosts"),
    }
    prefix = target.partition("/")[0] if "/" in target else ""
    return missing.get(prefix, any(missing.values()))


def _unknown(target: str, known: _Known, place: Location) -> Problem:
    prefix, slash, _ = target.partition("/")
    words = [word for word in known.by_name if not slash or word.startswith(f"{prefix}/")]
    guess = nearest(target, words) or nearest(target, known.by_name)
    return Problem(
        place,
        f"there is no '{target}' in the lab",
        f"did you mean '{guess}'?"
        if guess
        else f"name a target as {', '.join(f'{each}/NAME' for each in _PREFIXES)}",
    )


def _ambiguous(target: str, matches: set[str], place: Location) -> Problem:
    first, second, *rest = sorted(matches)
    return Problem(
        place,
        f"'{target}' is more than one thing: {first}, {second}{' and more' if rest else ''}",
        "write it with its prefix, a pod's namespace included, or rename one of them",
    )
