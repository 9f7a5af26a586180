"""The desired state of a host in two halves: what is its own, and what it shares with others.

Hosts of a subnet have the same routes and meet the same security groups, those of a
network are answered the same, those of a cluster know the same Services: each of these is
a part by itself (`lab.contract.state_parts`), encoded once. What is a host's own seldom
changes, and is encoded when it does. Nobody but who looks at a lab needs both halves in one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lab.compile.attachments import Port
from lab.compile.platform import SharedPlatform
from lab.compile.security import Gates
from lab.compile.services import SharedNames, SharedServices
from lab.contract import codec, state_parts
from lab.contract.node_state import FabricRoute, NetworkContainer, NodeState, SecurityGate
from lab.contract.state_parts import Parts
from lab.remembering import remembering, remembering_each


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What a host shares; one object for all that share the same."""

    port: Port
    platform: SharedPlatform | None
    services: SharedServices | None
    names: SharedNames | None
    encoded: tuple[bytes, ...]
    """The same for the wire, a part each."""


def shared_of(
    ports: Mapping[str, Port],
    *,
    platforms: Mapping[str, SharedPlatform],
    services: Mapping[str, SharedServices],
    names: Mapping[str, SharedNames],
) -> dict[str, Shared]:
    """What each host shares, by name, as all of the arguments are."""
    made: dict[tuple[int, ...], Shared] = {}
    found: dict[str, Shared] = {}
    shared: Shared | None = None
    for name, port in ports.items():
        platform = platforms.get(name)
        service, known = services.get(name), names.get(name)
        if (
            shared is not None
            and shared.port is port
            and shared.platform is platform
            and shared.services is service
            and shared.names is known
        ):
            # As its neighbour, which a node mostly is.
            found[name] = shared
            continue
        # Whatever has a place in `made` is kept there, so nothing else has its identity.
        key = (*map(id, port), id(platform), id(service), id(known))
        if key not in made:
            made[key] = Shared(
                port=port,
                platform=platform,
                services=service,
                names=known,
                encoded=(
                    *_of_port(port),
                    *(each.encoded for each in (platform, service, known) if each is not None),
                ),
            )
        found[name] = shared = made[key]
    return found


def encoded(
    lab: str, own: Mapping[str, NodeState], shared: Mapping[str, Shared]
) -> dict[str, Parts]:
    """The states of the hosts of `lab` for the wire, by name."""
    data = _own(lab, own)
    return {name: (data[name], *shared[name].encoded) for name in own}


def whole(own: NodeState, shared: Shared) -> NodeState:
    """Both halves in one: what the host's agent will make of them."""
    vswitch, port, proxy = own.vswitch, shared.port, own.kube_proxy
    node = _with(vswitch.node, port.routes.routes, port.gates)
    pods = vswitch.pods
    if pods is not None and port.pod_routes is not None and port.pod_gates is not None:
        pods = _with(pods, port.pod_routes.routes, port.pod_gates)
    if proxy is not None and shared.services is not None:
        proxy = replace(proxy, services=shared.services.services)
    return replace(
        own,
        vswitch=replace(vswitch, node=node, pods=pods),
        platform=own.platform if shared.platform is None else shared.platform.platform,
        kube_proxy=proxy,
        cluster_dns=own.cluster_dns if shared.names is None else shared.names.dns,
    )


def _with(
    container: NetworkContainer, routes: tuple[FabricRoute, ...], gates: Gates
) -> NetworkContainer:
    return replace(container, routes=routes, inbound=gates.inbound, outbound=gates.outbound)


def _of_port(port: Port) -> Iterator[bytes]:
    """Routes, then gates, of the node before those of its pods."""
    yield port.routes.encoded
    if port.pod_routes is not None:
        yield port.pod_routes.encoded
    yield from _gates(port.gates)
    if port.pod_gates is not None:
        yield from _gates(port.pod_gates, pods=True)


def _gates(gates: Gates, *, pods: bool = False) -> list[bytes]:
    if not gates.inbound and not gates.outbound:
        return []
    return [_shared_gates(gates.inbound, gates.outbound, pods=pods)]


@remembering(
    by=lambda inbound, outbound, *, pods: (pods, *(gate.name for gate in (*inbound, *outbound))),
    maxsize=1024,
)
def _shared_gates(
    inbound: tuple[SecurityGate, ...], outbound: tuple[SecurityGate, ...], *, pods: bool
) -> bytes:
    return state_parts.encode_gates(inbound, outbound, pods=pods)


@remembering_each(maxsize=4)
def _own(state: NodeState) -> bytes:
    return codec.encode(state)
