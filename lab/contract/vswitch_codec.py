"""The virtual switch to messages and back: containers, routes, security gates, the edge."""

from collections.abc import Iterable
from functools import lru_cache

from lab.contract import wire
from lab.contract.load_balancing_codec import (
    balanced_port_from_wire,
    balanced_port_to_wire,
    balancing_rule_from_wire,
    balancing_rule_to_wire,
    probed_backend_from_wire,
    probed_backend_to_wire,
)
from lab.contract.node_state import (
    ANY_PORT,
    Address,
    Delivery,
    Edge,
    FabricRoute,
    NetworkContainer,
    PortLease,
    PortRange,
    SecurityGate,
    SecurityProtocol,
    SecurityRule,
    SourceTranslation,
    Vswitch,
)
from lab.contract.v1 import node_state_pb2 as pb

_DELIVERY_TO_WIRE = {
    Delivery.FABRIC: pb.DELIVERY_FABRIC,
    Delivery.INTERNET: pb.DELIVERY_INTERNET,
    Delivery.DROP: pb.DELIVERY_DROP,
}
_DELIVERY_FROM_WIRE: dict[int, Delivery] = {
    number: delivery for delivery, number in _DELIVERY_TO_WIRE.items()
}
_SECURITY_TO_WIRE = {
    SecurityProtocol.ANY: pb.SECURITY_PROTOCOL_ANY,
    SecurityProtocol.TCP: pb.SECURITY_PROTOCOL_TCP,
    SecurityProtocol.UDP: pb.SECURITY_PROTOCOL_UDP,
    SecurityProtocol.ICMP: pb.SECURITY_PROTOCOL_ICMP,
    SecurityProtocol.ESP: pb.SECURITY_PROTOCOL_ESP,
    SecurityProtocol.AH: pb.SECURITY_PROTOCOL_AH,
}
_SECURITY_FROM_WIRE: dict[int, SecurityProtocol] = {
    number: protocol for protocol, number in _SECURITY_TO_WIRE.items()
}


def vswitch_to_wire(vswitch: Vswitch) -> pb.Vswitch:
    """The message of a virtual switch."""
    return pb.Vswitch(
        underlay_address=vswitch.underlay_address.packed,
        node=_container_to_wire(vswitch.node),
        pods=_container_to_wire(vswitch.pods) if vswitch.pods is not None else None,
    )


def vswitch_from_wire(message: pb.Vswitch) -> Vswitch:
    """The virtual switch of a message; raises `CodecError` when it holds none."""
    return Vswitch(
        underlay_address=wire.address_from_wire(message.underlay_address),
        node=container_from_wire(message.node),
        pods=container_from_wire(message.pods) if message.HasField("pods") else None,
    )


def add_routes(container: pb.NetworkContainer, routes: Iterable[FabricRoute]) -> None:
    """Let a container have `routes`, and be there if there are none."""
    container.SetInParent()
    # Messages behind one another are one message: of hundreds of routes few are new.
    container.MergeFromString(b"".join(map(_route_alone, routes)))


def gates_to_wire(
    inbound: Iterable[SecurityGate], outbound: Iterable[SecurityGate], *, pods: bool
) -> pb.Vswitch:
    """A virtual switch with nothing but the gates of one of its containers."""
    container = pb.NetworkContainer(
        inbound=map(_gate_to_wire, inbound), outbound=map(_gate_to_wire, outbound)
    )
    return _with(container, pods=pods)


def _with(container: pb.NetworkContainer, *, pods: bool) -> pb.Vswitch:
    return pb.Vswitch(pods=container) if pods else pb.Vswitch(node=container)


def edge_to_wire(edge: Edge) -> pb.Edge:
    """The message of an edge."""
    translation = edge.translation
    return pb.Edge(
        outward=map(_route_to_wire, edge.outward),
        inward=map(_route_to_wire, edge.inward),
        translation=pb.SourceTranslation(
            public_addresses=[each.packed for each in translation.public_addresses],
            tcp_idle_seconds=translation.tcp_idle_seconds,
        )
        if translation is not None
        else None,
        leases=map(_lease_to_wire, edge.leases),
        rules=map(balancing_rule_to_wire, edge.rules),
        up=map(probed_backend_to_wire, edge.up),
    )


def edge_from_wire(message: pb.Edge) -> Edge:
    """The edge of a message; raises `CodecError` when it holds none."""
    translation = message.translation
    return Edge(
        outward=tuple(map(_route_from_wire, message.outward)),
        inward=tuple(map(_route_from_wire, message.inward)),
        translation=SourceTranslation(
            public_addresses=tuple(map(wire.address_from_wire, translation.public_addresses)),
            tcp_idle_seconds=translation.tcp_idle_seconds,
        )
        if message.HasField("translation")
        else None,
        leases=tuple(map(_lease_from_wire, message.leases)),
        rules=tuple(map(balancing_rule_from_wire, message.rules)),
        up=tuple(map(probed_backend_from_wire, message.up)),
    )


def _container_to_wire(container: NetworkContainer) -> pb.NetworkContainer:
    return pb.NetworkContainer(
        subnet=container.subnet,
        addresses=map(wire.prefix_to_wire, container.addresses),
        routes=map(_route_to_wire, container.routes),
        public_address=wire.optional_address_to_wire(container.public_address),
        inbound=map(_gate_to_wire, container.inbound),
        outbound=map(_gate_to_wire, container.outbound),
        accepts_inbound=container.accepts_inbound,
        leases=map(_lease_to_wire, container.leases),
        balanced=map(balanced_port_to_wire, container.balanced),
        answers=map(_route_to_wire, container.answers),
    )


def container_from_wire(message: pb.NetworkContainer) -> NetworkContainer:
    """The network container of a message."""
    return NetworkContainer(
        subnet=message.subnet,
        addresses=tuple(map(wire.prefix_from_wire, message.addresses)),
        routes=_route_from_wire.all(message.routes),
        public_address=wire.optional_address_from_wire(message.public_address),
        inbound=tuple(map(_gate_from_wire, message.inbound)),
        outbound=tuple(map(_gate_from_wire, message.outbound)),
        accepts_inbound=message.accepts_inbound,
        leases=tuple(map(_lease_from_wire, message.leases)),
        balanced=tuple(map(balanced_port_from_wire, message.balanced)),
        answers=tuple(map(_route_from_wire, message.answers)),
    )


def _route_to_wire(route: FabricRoute) -> pb.FabricRoute:
    return pb.FabricRoute(
        prefix=wire.prefix_to_wire(route.prefix),
        delivery=_DELIVERY_TO_WIRE[route.delivery],
        underlay_address=wire.optional_address_to_wire(route.underlay_address),
        vni=route.vni,
    )


@lru_cache(maxsize=8192)
def _route_alone(route: FabricRoute) -> bytes:
    """A network container with nothing but `route`."""
    return pb.NetworkContainer(routes=[_route_to_wire(route)]).SerializeToString()


@wire.remembered(of=pb.FabricRoute, most=16384)
def _route_from_wire(message: pb.FabricRoute) -> FabricRoute:
    return FabricRoute(
        prefix=wire.prefix_from_wire(message.prefix),
        delivery=wire.enum_from_wire(_DELIVERY_FROM_WIRE, message.delivery),
        underlay_address=_host(message.underlay_address),
        vni=message.vni,
    )


@lru_cache(maxsize=4096)
def _host(packed: bytes) -> Address | None:
    """One object per peer, however many routes it has."""
    return wire.optional_address_from_wire(packed)


def _lease_to_wire(lease: PortLease) -> pb.PortLease:
    protocol = lease.protocol
    return pb.PortLease(
        public_address=lease.public_address.packed,
        ports=_ports_to_wire(lease.ports),
        protocol=wire.PROTOCOL_TO_WIRE[protocol] if protocol is not None else None,
        locator=lease.locator.packed,
    )


def _lease_from_wire(message: pb.PortLease) -> PortLease:
    return PortLease(
        public_address=wire.address_from_wire(message.public_address),
        ports=PortRange(first=message.ports.first, last=message.ports.last),
        protocol=wire.enum_from_wire(wire.PROTOCOL_FROM_WIRE, message.protocol)
        if message.protocol
        else None,
        locator=wire.address_from_wire(message.locator),
    )


def _gate_to_wire(gate: SecurityGate) -> pb.SecurityGate:
    return pb.SecurityGate(
        name=gate.name,
        network_security_group=gate.network_security_group,
        rules=map(rule_to_wire, gate.rules),
    )


@wire.remembered(of=pb.SecurityGate, most=64)
def _gate_from_wire(message: pb.SecurityGate) -> SecurityGate:
    return SecurityGate(
        name=message.name,
        network_security_group=message.network_security_group,
        rules=rule_from_wire.all(message.rules),
    )


@lru_cache(maxsize=8192)
def rule_to_wire(rule: SecurityRule) -> pb.SecurityRule:
    """The message of a security rule."""
    return pb.SecurityRule(
        name=rule.name,
        priority=rule.priority,
        allow=rule.allow,
        protocol=_SECURITY_TO_WIRE[rule.protocol],
        sources=map(wire.prefix_to_wire, rule.sources),
        source_ports=map(_ports_to_wire, rule.source_ports),
        destinations=map(wire.prefix_to_wire, rule.destinations),
        destination_ports=map(_ports_to_wire, rule.destination_ports),
        platform=rule.platform,
    )


@wire.remembered(of=pb.SecurityRule, most=8192)
def rule_from_wire(message: pb.SecurityRule) -> SecurityRule:
    """The security rule of a message; equal ones are one object."""
    return SecurityRule(
        name=message.name,
        priority=message.priority,
        allow=message.allow,
        protocol=wire.enum_from_wire(_SECURITY_FROM_WIRE, message.protocol),
        sources=tuple(map(wire.prefix_from_wire, message.sources)),
        source_ports=_ports_from_wire(message.source_ports),
        destinations=tuple(map(wire.prefix_from_wire, message.destinations)),
        destination_ports=_ports_from_wire(message.destination_ports),
        platform=message.platform,
    )


def _ports_to_wire(ports: PortRange) -> pb.PortRange:
    return pb.PortRange(first=ports.first, last=ports.last)


def _ports_from_wire(message: Iterable[pb.PortRange]) -> tuple[PortRange, ...]:
    found = tuple(PortRange(first=each.first, last=each.last) for each in message)
    return ANY_PORT if found == ANY_PORT else found
