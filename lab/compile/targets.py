"""What a target such as ``pod/nginx-0`` means: a host, a place on it, an address."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address

from lab.compile.compilation import Compilation
from lab.compile.inspection import NodeRow, PodRow
from lab.contract.node_state import NodeKind

DEFAULT_NAMESPACE = "default"

_KINDS = {
    NodeKind.CLUSTER_NODE: "node",
    NodeKind.VIRTUAL_MACHINE: "vm",
    NodeKind.INTERNET_HOST: "internet",
    NodeKind.ON_PREMISES_HOST: "onprem",
}


class PlaceKind(Enum):
    """Where on a host."""

    NODE = "node"
    """Its operating system; that of a pod on the host network as well."""

    VSWITCH = "vswitch"
    POD = "pod"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place on a host."""

    kind: PlaceKind
    pod_uid: str = ""
    """Of a pod with a network of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a target is."""

    node: str
    place: Place
    address: IPv4Address
    """What a packet to the target is addressed to."""
    canonical_name: str
    """Unambiguous, with prefix: ``pod/default/nginx-6799fc88d8-ltwhl``."""


class TargetError(LookupError):
    """A target that names nothing, several things, or a pod that runs nowhere."""


def resolve(compilation: Compilation, target: str) -> Target:
    """The place that `target` names.

    ``node/NAME``, ``vm/NAME``, ``internet/NAME``, ``onprem/NAME``, ``host/NAME`` (the
    virtual switch), ``pod/NAME``, ``pod/NAMESPACE/NAME``, or a name alone that only one of
    them has.
    A pod answers to its own name and, where it has an owner, to OWNER-ORDINAL. Without
    a namespace, ``default`` comes first.

    Raises `TargetError`, which says what to write instead.
    """
    prefix, slash, rest = target.partition("/")
    if not slash:
        return _only(target, _unprefixed(compilation, target), _known_names(compilation))
    match prefix:
        case "pod":
            pods = _named_pods(compilation.pods, rest)
            return _only(target, map(_pod_target, pods), _pod_names(compilation.pods))
        case "host":
            found = [_vswitch_target(host) for host in compilation.hosts if host.name == rest]
            return _only(target, found, [f"host/{host.name}" for host in compilation.hosts])
        case "node" | "vm" | "internet" | "onprem":
            hosts = [host for host in compilation.hosts if _KINDS.get(host.kind) == prefix]
            found = [_host_target(host) for host in hosts if host.name == rest]
            return _only(target, found, [_host_target(host).canonical_name for host in hosts])
        case _:
            raise TargetError(
                f"'{target}' is no target: '{prefix}' is none of node, pod, vm, internet, "
                "onprem, host"
            )


def _unprefixed(compilation: Compilation, name: str) -> Iterable[Target]:
    hosts = (_host_target(host) for host in compilation.hosts if host.name == name)
    return [*hosts, *map(_pod_target, _named_pods(compilation.pods, name))]


def _named_pods(pods: Sequence[PodRow], path: str) -> list[PodRow]:
    """The pods that ``NAME`` or ``NAMESPACE/NAME`` may mean."""
    namespace, slash, name = path.rpartition("/")
    found = [pod for pod in pods if pod.name == name]
    found = found or [pod for pod in pods if pod.owner and _by_ordinal(pod) == name]
    if not slash:
        return [pod for pod in found if pod.namespace == DEFAULT_NAMESPACE] or found
    return [pod for pod in found if pod.namespace == namespace]


def _by_ordinal(pod: PodRow) -> str:
    return f"{pod.owner}-{pod.ordinal}"


def _only(target: str, found: Iterable[Target], known: Iterable[str]) -> Target:
    candidates = list(found)
    if not candidates:
        close = difflib.get_close_matches(target, list(known), n=1)
        hint = f"did you mean '{close[0]}'?" if close else "'vnetlab inspect' shows what there is"
        raise TargetError(f"there is no '{target}' in the lab; {hint}")
    if len(candidates) > 1:
        names = ", ".join(sorted(each.canonical_name for each in candidates))
        raise TargetError(f"'{target}' may mean {names}: write which")
    return candidates[0]


def _known_names(compilation: Compilation) -> list[str]:
    pods = [name for pod in compilation.pods for name in (pod.name, _by_ordinal(pod))]
    return [*(host.name for host in compilation.hosts), *pods]


def _pod_names(pods: Iterable[PodRow]) -> list[str]:
    short = (f"pod/{_by_ordinal(pod) if pod.owner else pod.name}" for pod in pods)
    return [*short, *(_canonical(pod) for pod in pods)]


def _canonical(pod: PodRow) -> str:
    return f"pod/{pod.namespace}/{pod.name}"


def _pod_target(pod: PodRow) -> Target:
    if pod.reason is not None or pod.address is None:
        why = pod.reason.message if pod.reason is not None else "it has no address"
        raise TargetError(f"{_canonical(pod)} is Pending: {why}")
    own = Place(kind=PlaceKind.POD, pod_uid=pod.uid)
    return Target(
        node=pod.node,
        place=Place(kind=PlaceKind.NODE) if pod.host_network else own,
        address=pod.address,
        canonical_name=_canonical(pod),
    )


def _host_target(host: NodeRow) -> Target:
    if not host.kind.has_guest:
        return _vswitch_target(host)
    return Target(
        node=host.name,
        place=Place(kind=PlaceKind.NODE),
        address=host.address,
        canonical_name=f"{_KINDS[host.kind]}/{host.name}",
    )


def _vswitch_target(host: NodeRow) -> Target:
    return Target(
        node=host.name,
        place=Place(kind=PlaceKind.VSWITCH),
        address=host.address,
        canonical_name=f"host/{host.name}",
    )
