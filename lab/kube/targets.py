"""Whether the targets of a lab's tests are there.

A target is `pod/[NAMESPACE/]NAME`, `node/NAME`, `vm/NAME`, `internet/NAME`,
`host/NAME` (the virtual switch of a host), or a name alone that only one of them
has. A replica answers to its generated name and to ``OWNER-ORDINAL``. What a target
resolves to once addresses are known is `lab.compile.targets`' affair.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address

from lab.kube import system_pods
from lab.kube.instances import (
    PodInstance,
    daemon_instances,
    deployment_instances,
    manifest_instances,
)
from lab.kube.manifests import DEFAULT_NAMESPACE, Manifests, Service
from lab.kube.service_targets import PREFIX, matching, names_service
from lab.kube.services import ServiceKey, key_of, services_of
from lab.topology import names
from lab.topology.model import Lab, Test
from lab.topology.problems import Location, Problem
from lab.topology.usable import Usable
from lab.topology.words import nearest

_PREFIXES = ("pod", "node", "vm", "internet", "onprem", "host")


class _Known:
    """Everything that a test can refer to."""

    def __init__(self, lab: Lab, manifests: Manifests) -> None:
        self._by_machine: dict[str, list[str]] = {}
        for prefix, name in _machines(lab):
            for word in dict.fromkeys((f"{prefix}/{name}", name, f"host/{name}")):
                self._by_machine.setdefault(word, []).append(f"{prefix}/{name}")
        self._by_name: dict[str, list[PodInstance]] = {}
        self._by_ordinal: dict[str, list[PodInstance]] = {}
        for pod in _pods(lab, manifests):
            self._by_name.setdefault(pod.name, []).append(pod)
            if pod.owner:
                self._by_ordinal.setdefault(f"{pod.owner}-{pod.ordinal}", []).append(pod)

    def matches(self, target: str) -> list[str]:
        """What `target` may mean, as full names."""
        prefix, slash, rest = target.partition("/")
        machines = self._by_machine.get(target, [])
        if not slash:
            return [*machines, *self._pods_called(target)]
        return self._pods_called(rest) if prefix == "pod" else machines

    def _pods_called(self, path: str) -> list[str]:
        """A pod's own name comes before ordinals, ``default`` before other namespaces."""
        namespace, slash, name = path.rpartition("/")
        found = self._by_name.get(name) or self._by_ordinal.get(name, [])
        if slash:
            found = [pod for pod in found if pod.namespace == namespace]
        else:
            found = [pod for pod in found if pod.namespace == DEFAULT_NAMESPACE] or found
        return [f"pod/{pod.namespace}/{pod.name} of cluster {pod.cluster}" for pod in found]

    def like(self, target: str) -> str | None:
        """What was most likely meant."""
        prefix, slash, _ = target.partition("/")
        pods = [*self._by_name, *self._by_ordinal]
        if not slash:
            return nearest(target, [*self._by_machine, *pods])
        words = [word for word in self._by_machine if "/" in word] + [
            f"pod/{name}" for name in pods
        ]
        alike = [word for word in words if word.startswith(f"{prefix}/")]
        return nearest(target, alike) or nearest(target, words)


def check(lab: Lab, manifests: Manifests, *, usable: Usable, incomplete: bool) -> Iterator[Problem]:
    """Problems of tests that refer to nothing, or to several things at once.

    `incomplete` says that some manifest could not be read, so that a pod may be
    missing for that reason.
    """
    if not lab.tests:
        return
    known = _Known(lab, manifests)
    pods_missing = incomplete or usable.lacks("nodePools")
    for test in lab.tests:
        if test.destination is not None and names_service(test.destination):
            found = _service(test.destination, test.at("to"), lab, manifests)
            yield from () if pods_missing else found
        for target, place in _targets(test):
            matches = known.matches(target)
            if len(matches) == 1:
                continue
            if matches:
                yield _ambiguous(target, matches, place)
            elif not _may_be_missing(target, usable, pods=pods_missing):
                yield _unknown(target, known, place)


def _targets(test: Test) -> Iterator[tuple[str, Location]]:
    yield test.source, test.at("from")
    asked = test.destination
    if asked is not None and not _is_address(asked) and not names_service(asked):
        yield asked, test.at("to")
    for index, capture in enumerate(test.expect.values.get("packets", ())):
        yield capture["on"], test.expect.at(f"packets[{index}]")


def _service(target: str, place: Location, lab: Lab, manifests: Manifests) -> Iterator[Problem]:
    """Problems of a Service that is asked at its address."""
    known: dict[ServiceKey, list[Service]] = {}
    for cluster in lab.clusters:
        for service in services_of(cluster, manifests.of(cluster.name).services):
            known.setdefault(key_of(service), []).append(service)
    found = [service for key in matching(target, known) for service in known[key]]
    if not found:
        guess = nearest(target, [f"{PREFIX}{name}" for _, name in known])
        yield Problem(
            place,
            f"there is no '{target}' in the lab",
            f"did you mean '{guess}'?" if guess else "add a manifest of kind Service for it",
        )
    elif len(found) > 1:
        yield Problem(
            place,
            f"'{target}' may mean {len(found)} Services, of several namespaces or clusters",
            "write it with its namespace or, of several clusters, the ClusterIP instead",
        )
    elif found[0].headless:
        yield Problem(
            place,
            f"'{target}' is headless and has no address",
            "ask a pod, or expect dns to answer with its pods",
        )


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


def _machines(lab: Lab) -> Iterator[tuple[str, str]]:
    for cluster in lab.clusters:
        for node in names.nodes(cluster):
            yield "node", node
    for machine in lab.virtual_machines:
        yield "vm", machine.name
    for firewall in lab.cloud.azure_firewalls:
        yield "vm", firewall.name
    for host in lab.internet:
        yield "internet", host.name
    for name in names.on_premises(lab):
        yield "onprem", name
    for edge in names.edges(lab):
        yield "host", edge


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
    guess = known.like(target)
    return Problem(
        place,
        f"there is no '{target}' in the lab",
        f"did you mean '{guess}'?"
        if guess
        else f"name a target as {', '.join(f'{each}/NAME' for each in _PREFIXES)}",
    )


def _ambiguous(target: str, matches: Sequence[str], place: Location) -> Problem:
    first, second, *rest = sorted(matches)
    return Problem(
        place,
        f"'{target}' is more than one thing: {first}, {second}{' and more' if rest else ''}",
        "write it with its prefix, a pod's namespace included, or rename one of them",
    )
