"""Network security groups as the rows that can be inspected. Pure."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from lab.compile.security import GroupInPlace
from lab.contract.node_state import NetworkContainer, PortRange, SecurityGate, Vswitch
from lab.contract.v1 import lab_pb2
from lab.topology.security import ANYWHERE, Direction, Peers


def security_rules(group: GroupInPlace) -> Iterator[lab_pb2.EffectiveSecurityRule]:
    """The rules of a group in one place, by rising priority."""
    for evaluated in group.rules:
        rule = evaluated.rule
        yield lab_pb2.EffectiveSecurityRule(
            place=group.place,
            network_security_group=group.network_security_group,
            direction=group.direction.value,
            priority=rule.priority,
            name=rule.name,
            access=rule.access.value,
            protocol=rule.protocol.value,
            source=_written(rule.source),
            source_ports=map(_ports, rule.source.ports),
            destination=_written(rule.destination),
            destination_ports=map(_ports, rule.destination.ports),
            expanded_source=map(str, evaluated.sources),
            expanded_destination=map(str, evaluated.destinations),
        )


def security_paths(vswitch: Vswitch) -> Iterator[lab_pb2.SecurityPath]:
    """The places that packets of each container pass, in order; nothing without a place."""
    containers: list[tuple[str, NetworkContainer | None]] = [
        ("node", vswitch.node),
        ("pods", vswitch.pods),
    ]
    for name, container in containers:
        if container is None:
            continue
        ways = ((Direction.INBOUND, container.inbound), (Direction.OUTBOUND, container.outbound))
        for direction, gates in ways:
            if gates:
                yield _path(name, direction, gates)


def _path(
    container: str, direction: Direction, gates: Sequence[SecurityGate]
) -> lab_pb2.SecurityPath:
    return lab_pb2.SecurityPath(
        container=container, direction=direction.value, places=[gate.name for gate in gates]
    )


def _written(peers: Peers) -> list[str]:
    return [*map(_prefix, peers.prefixes), *peers.tags, *peers.application_security_groups]


def _prefix(prefix: IPv4Network) -> str:
    return "*" if prefix == ANYWHERE else str(prefix)


def _ports(ports: PortRange) -> str:
    if ports.is_any:
        return "*"
    return str(ports.first) if ports.first == ports.last else f"{ports.first}-{ports.last}"
