"""Ports of shared addresses: what a load balancer's outbound rules give each member.

An address has 64,000 ports. They are handed out in blocks of 8, either as many as the
rule says or by the number of members, and stay with the member whether it uses them
or not (semantics 2.6). The port of a load-balancing rule takes its block out of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lab.contract.node_state import PortRange
from lab.topology.load_balancer import LoadBalancer, OutboundProtocol, OutboundRule

FIRST_PORT, PORTS = 1024, 64_000
"""Of each address."""
BLOCK = 8
_BLOCKS = range(FIRST_PORT, FIRST_PORT + PORTS, BLOCK)
_AUTOMATIC = ((50, 1024), (100, 512), (200, 256), (400, 128), (800, 64), (1000, 32))
"""(members at most, ports of each address for each member)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Ports of one address that are one member's."""

    load_balancer: str
    frontend: int
    """Number of the frontend in its load balancer."""
    member: str
    ports: PortRange
    protocol: OutboundProtocol


def automatic_ports(members: int) -> int:
    """How many ports of each address a member gets where the rule doesn't say."""
    return next((ports for most, ports in _AUTOMATIC if members <= most), 0)


def room(rule: OutboundRule) -> int:
    """How many members the rule has ports for."""
    if rule.allocated_outbound_ports == 0:
        return _AUTOMATIC[-1][0]
    of_each = PORTS // rule.allocated_outbound_ports
    return of_each * len(rule.frontend_ip_configurations)


def leases(balancer: LoadBalancer, pools: Mapping[str, Sequence[str]]) -> Iterator[Lease]:
    """What the members of each of `pools` get, rule by rule.

    Without a number of ports, a member has the same ones of every address; with one,
    it has so many of one address, and members take addresses in turn. Who finds no
    room gets none.
    """
    numbers = {each.name: index for index, each in enumerate(balancer.frontend_ip_configurations)}
    eaten = [_eaten(balancer, each.name) for each in balancer.frontend_ip_configurations]
    for rule in balancer.outbound_rules:
        members = pools.get(rule.backend_address_pool, ())
        frontends = [numbers[name] for name in rule.frontend_ip_configurations]
        for index, member in enumerate(members[: room(rule)]):
            if rule.allocated_outbound_ports:
                count, slot = rule.allocated_outbound_ports, index // len(frontends)
                own = [frontends[index % len(frontends)]]
            else:
                count, slot = automatic_ports(len(members)), index
                own = frontends
            for frontend in own:
                for ports in _ranges(slot, count, eaten[frontend]):
                    yield Lease(
                        load_balancer=balancer.name,
                        frontend=frontend,
                        member=member,
                        ports=ports,
                        protocol=rule.protocol,
                    )


def _eaten(balancer: LoadBalancer, frontend: str) -> frozenset[int]:
    """First ports of the blocks that load-balancing rules take away from outbound ones."""
    return frozenset(
        rule.frontend_port // BLOCK * BLOCK
        for rule in balancer.load_balancing_rules
        if rule.frontend_ip_configuration == frontend and rule.frontend_port >= FIRST_PORT
    )


def _ranges(slot: int, count: int, eaten: frozenset[int]) -> Iterator[PortRange]:
    """The ports of the member with that `slot`, if each has `count`: around what is eaten."""
    first = FIRST_PORT + slot * count
    if not eaten:
        yield PortRange(first=first, last=first + count - 1)
        return
    left = [block for block in _BLOCKS if block not in eaten]
    start = slot * count // BLOCK
    own = left[start : start + count // BLOCK]
    for index, block in enumerate(own):
        if index == 0 or own[index - 1] != block - BLOCK:
            first = block
        if index == len(own) - 1 or own[index + 1] != block + BLOCK:
            yield PortRange(first=first, last=block + BLOCK - 1)
