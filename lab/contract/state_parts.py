"""A desired state in parts: what is the host's own, and what it has in common with others.

Hosts of a subnet have the same routes, those of a network are answered the same, those
of a cluster know the same Services. Each of these is encoded, sent and decoded once for
all of them. A part is the bytes of a NodeState: the first one is whole but for what the
others bring, and those hold nothing else.

Decoded parts are remembered, so that hosts of a process which share one have its
values in common, and comparing them is comparing references.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from google.protobuf.message import DecodeError

from lab.contract import codec
from lab.contract.load_balancing import ProbedBackend
from lab.contract.load_balancing_codec import probed_backend_from_wire, probed_backend_to_wire
from lab.contract.node_state import (
    FabricRoute,
    NetworkContainer,
    NodeState,
    SecurityGate,
)
from lab.contract.platform import Platform
from lab.contract.platform_codec import platform_from_wire, platform_to_wire
from lab.contract.service import ClusterDns, KubeProxy, Service
from lab.contract.service_codec import (
    cluster_dns_from_wire,
    cluster_dns_to_wire,
    kube_proxy_from_wire,
    kube_proxy_to_wire,
)
from lab.contract.v1 import node_state_pb2 as pb
from lab.contract.vswitch_codec import add_routes, container_from_wire, gates_to_wire
from lab.contract.wire import CodecError

Parts = tuple[bytes, ...]
"""Of one state, the host's own first."""

_SHARED_FIELDS = ("routes", "inbound", "outbound")
"""Of a network container, that parts bring."""

_OWN_PARTS = 64
"""Remembered: as many as hosts share a process, more or less."""
_SHARED_PARTS = 64
"""Remembered; of tens of kilobytes in a large lab."""


def encode_routes(routes: Iterable[FabricRoute], *, pods: bool = False) -> bytes:
    """What all hosts of a subnet share: the routes of the node's container.

    With `pods` those of the pods' container, which the host must have.
    """
    part = pb.NodeState()
    add_routes(part.vswitch.pods if pods else part.vswitch.node, routes)
    return _encoded(part)


def encode_gates(
    inbound: Iterable[SecurityGate], outbound: Iterable[SecurityGate], *, pods: bool = False
) -> bytes:
    """As `encode_routes`, for what hosts that meet the same security groups let through."""
    return _encoded(pb.NodeState(vswitch=gates_to_wire(inbound, outbound, pods=pods)))


def encode_platform(platform: Platform) -> bytes:
    """What all hosts of a virtual network are answered, beside a platform that answers nothing."""
    return _encoded(pb.NodeState(platform=platform_to_wire(platform)))


def encode_services(services: Iterable[Service]) -> bytes:
    """What kube-proxy knows on all nodes of a cluster, beside one that knows no Services."""
    proxy = KubeProxy(services=tuple(services))
    return _encoded(pb.NodeState(kube_proxy=kube_proxy_to_wire(proxy)))


def encode_cluster_dns(dns: ClusterDns) -> bytes:
    """What CoreDNS knows on all nodes of a cluster that run it, beside one that knows nothing."""
    return _encoded(pb.NodeState(cluster_dns=cluster_dns_to_wire(dns)))


def encode_health(up: Iterable[ProbedBackend]) -> bytes:
    """Who is up, beside an edge that knows nobody to be."""
    return _encoded(pb.NodeState(edge=pb.Edge(up=map(probed_backend_to_wire, up))))


def assembled(parts: Parts) -> NodeState:
    """The state that `parts` make; raises `CodecError` when they make none."""
    if not parts:
        raise CodecError("a state has at least one part")
    state, others = _own(parts[0]), [_shared(part) for part in parts[1:]]
    brought: dict[str, object] = {}
    node = _joined(state.vswitch.node, [other.node for other in others])
    pods = state.vswitch.pods and _joined(state.vswitch.pods, [other.pods for other in others])
    if node is not state.vswitch.node or pods is not state.vswitch.pods:
        brought["vswitch"] = replace(state.vswitch, node=node, pods=pods)
    for other in others:
        if other.platform is not None:
            brought["platform"] = _platform(other.platform)
        if other.cluster_dns is not None:
            brought["cluster_dns"] = _cluster_dns(other.cluster_dns)
        if other.services and state.kube_proxy is not None:
            brought["kube_proxy"] = replace(state.kube_proxy, services=other.services)
        if other.up and state.edge is not None:
            brought["edge"] = replace(state.edge, up=other.up)
    return replace(state, **brought) if brought else state  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class InCommon:
    """What a host shares with others of what its namespaces follow from."""

    node: NetworkContainer
    """Routes and gates alone."""
    pods: NetworkContainer
    """Likewise; empty also where pods have no container."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharedChange:
    """Two states between which this is all that any namespace of the host tells apart.

    One object for all hosts that share the same.
    """

    before: InCommon
    after: InCommon


def shared_change(before: Parts, after: Parts) -> SharedChange | None:
    """How shared routes and gates differ between two states; None: they don't, or more does.

    Who is answered what is more to programs, but to no namespace.

    Raises `CodecError` for what is no state.
    """
    return _shared_change(before[1:], after[1:]) if before[0] == after[0] else None


@lru_cache(maxsize=8)
def _shared_change(before: Parts, after: Parts) -> SharedChange | None:
    (one, more), (other, others) = _in_common(before), _in_common(after)
    return SharedChange(before=one, after=other) if more == others and one != other else None


def _in_common(parts: Parts) -> tuple[InCommon, tuple[object, ...]]:
    """(routes and gates; what else namespaces follow from)."""
    shared = [_shared(part) for part in parts]
    node = _joined(NetworkContainer(), [each.node for each in shared])
    pods = _joined(NetworkContainer(), [each.pods for each in shared])
    return InCommon(node=node, pods=pods), (
        [each.services for each in shared],
        [each.up for each in shared],
        [each.platform is None for each in shared],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What a part brings; None and empty: nothing."""

    node: NetworkContainer | None
    pods: NetworkContainer | None
    platform: bytes | None
    """Undecoded, as `cluster_dns`: no namespace follows from what is in them."""
    services: tuple[Service, ...]
    cluster_dns: bytes | None
    up: tuple[ProbedBackend, ...]


@lru_cache(maxsize=_OWN_PARTS)
def _own(data: bytes) -> NodeState:
    return codec.decode(data)


@lru_cache(maxsize=_SHARED_PARTS)
def _shared(data: bytes) -> _Shared:
    try:
        message = pb.NodeState.FromString(data)
    except DecodeError as error:
        raise CodecError(f"these bytes are no part of a node state: {error}") from error
    vswitch = message.vswitch
    return _Shared(
        node=container_from_wire(vswitch.node) if vswitch.HasField("node") else None,
        pods=container_from_wire(vswitch.pods) if vswitch.HasField("pods") else None,
        platform=data if message.HasField("platform") else None,
        services=kube_proxy_from_wire(message.kube_proxy).services,
        cluster_dns=data if message.HasField("cluster_dns") else None,
        up=tuple(map(probed_backend_from_wire, message.edge.up)),
    )


@lru_cache(maxsize=_SHARED_PARTS)
def _platform(part: bytes) -> Platform:
    return platform_from_wire(pb.NodeState.FromString(part).platform)


@lru_cache(maxsize=_SHARED_PARTS)
def _cluster_dns(part: bytes) -> ClusterDns:
    return cluster_dns_from_wire(pb.NodeState.FromString(part).cluster_dns)


def _joined(own: NetworkContainer, shared: Iterable[NetworkContainer | None]) -> NetworkContainer:
    """`own` with what others bring of `_SHARED_FIELDS`."""
    brought = {
        name: value
        for each in shared
        if each is not None
        for name in _SHARED_FIELDS
        if (value := getattr(each, name))
    }
    return replace(own, **brought) if brought else own


def _encoded(part: pb.NodeState) -> bytes:
    return part.SerializeToString(deterministic=True)
