"""Security groups resolved to gates: which rules a port's packets meet, in which order.

Inbound a packet meets the gate of its subnet and then that of its network
interface, outbound the other way round; without a group there is no gate
(semantics 2.3). What a tag stands for is decided where the packet is judged, so
the same group is evaluated for each subnet anew.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.cluster_routes import Association
from lab.cloud.gateway import gateway_prefixes
from lab.cloud.peering import accessible_prefixes, forwarding_rules
from lab.cloud.route_table import tag_prefixes, user_routes
from lab.cloud.security_group import (
    EvaluatedRule,
    Surroundings,
    evaluated,
    internet_tag,
    network_tag,
)
from lab.cloud.virtual_network import network_of, subnet_of, subnets
from lab.compile.addresses import Addresses
from lab.contract.node_state import PortRange, SecurityGate, SecurityRule
from lab.contract.platform import DNS_PORT
from lab.topology import names
from lab.topology.model import Lab
from lab.topology.security import PLATFORM_DNS, PLATFORM_TAGS, Access, Direction, same_name
from lab.topology.virtual_network import SubnetReference

_DNS = PortRange(first=DNS_PORT, last=DNS_PORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What packets of a container meet, in the order in which they meet it."""

    inbound: tuple[SecurityGate, ...] = ()
    outbound: tuple[SecurityGate, ...] = ()


NO_GATES = Gates()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInPlace:
    """A security group where it is associated, one direction of it."""

    place: str
    """``subnet vnet01/vlan01`` or ``nic vm1``."""
    network_security_group: str
    direction: Direction
    rules: tuple[EvaluatedRule, ...]
    """As evaluated there, by rising priority."""
    gate: SecurityGate


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """The security groups of a lab, evaluated where they are associated."""

    in_place: Mapping[tuple[str, Direction], GroupInPlace]
    """By place and direction: subnets in the order of the lab file, then network interfaces."""
    _shared: dict[tuple[SubnetReference, bool], Gates] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The gates of hosts without a group of their own, by subnet and whether they forward."""

    def gates(self, subnet: SubnetReference, host: str | None, *, forwards: bool = False) -> Gates:
        """The gates of a container in `subnet`; `host` is None for one without the NIC's group.

        What a network interface sends that `forwards` meets its network's peerings last.
        """
        if host is not None and self.in_place:
            own = _nic_place(host)
            if (own, Direction.INBOUND) in self.in_place:
                return self._evaluated([_subnet_place(subnet), own], subnet, forwards=forwards)
        found = self._shared.get((subnet, forwards))
        if found is None:
            found = self._evaluated([_subnet_place(subnet)], subnet, forwards=forwards)
            self._shared[subnet, forwards] = found
        return found

    def _evaluated(
        self, places: Sequence[str], subnet: SubnetReference, *, forwards: bool
    ) -> Gates:
        last = [_peering_place(subnet.virtual_network)] if forwards else []
        return Gates(
            inbound=self._gates(places, Direction.INBOUND),
            outbound=self._gates([*places[::-1], *last], Direction.OUTBOUND),
        )

    def _gates(self, places: Sequence[str], direction: Direction) -> tuple[SecurityGate, ...]:
        found = (self.in_place.get((place, direction)) for place in places)
        return tuple(each.gate for each in found if each is not None)


def security_of(
    lab: Lab,
    tables: Sequence[Association],
    *,
    addresses: Addresses,
    overlay_pods: Mapping[str, Sequence[IPv4Network]],
) -> Security:
    """The security groups of `lab`.

    `overlay_pods` has the ranges of the overlay clusters of each virtual network,
    which belong to its tag although no route names them (semantics 2.3).
    """
    places = [
        (_subnet_place(reference), reference, subnet_of(lab.cloud, reference))
        for reference in subnets(lab.cloud)
    ]
    named = [(place, where, each.network_security_group) for place, where, each in places]
    named += [
        (_nic_place(machine.name), machine.subnet, machine.network_security_group)
        for machine in lab.virtual_machines
    ]
    named += [
        (_nic_place(node), pool.subnet, cluster.network_security_group)
        for cluster in lab.clusters
        if cluster.network_security_group is not None
        for pool in cluster.node_pools
        for node in names.nodes_of_pool(cluster, pool)
    ]
    groups = {group.name: group for group in lab.cloud.network_security_groups}
    surroundings = _surroundings(
        lab,
        tables,
        {where for _, where, name in named if name is not None},
        addresses=addresses,
        overlay_pods=overlay_pods,
    )

    @cache
    def rules(name: str, direction: Direction, where: SubnetReference) -> tuple[EvaluatedRule, ...]:
        return evaluated(groups[name], direction, surroundings[where])

    found = {
        (place, direction): _in_place(place, name, direction, rules(name, direction, where))
        for place, where, name in named
        if name is not None
        for direction in Direction
    }
    for network in lab.cloud.virtual_networks:
        if forwarding := forwarding_rules(lab.cloud, network):
            place = _peering_place(network.name)
            found[place, Direction.OUTBOUND] = _in_place(place, "", Direction.OUTBOUND, forwarding)
    return Security(in_place=found)


def _subnet_place(subnet: SubnetReference) -> str:
    return f"subnet {subnet}"


def _peering_place(network: str) -> str:
    return f"peerings of {network}"


def _nic_place(host: str) -> str:
    return f"nic {host}"


def _surroundings(
    lab: Lab,
    tables: Sequence[Association],
    wanted: Container[SubnetReference],
    *,
    addresses: Addresses,
    overlay_pods: Mapping[str, Sequence[IPv4Network]],
) -> dict[SubnetReference, Surroundings]:
    """Of the subnets `wanted`: what tags stand for takes long to say."""
    members = _members(lab, addresses)
    tags = tag_prefixes(lab.cloud)
    found = {}
    for association in tables:
        within = [reference for reference in association.subnets if reference in wanted]
        routes = user_routes(association.table, tags) if within else ()
        for reference in within:
            network = network_of(lab.cloud, reference)
            space = network.address_prefixes
            peers = (*accessible_prefixes(lab.cloud, network), *gateway_prefixes(lab, network))
            found[reference] = Surroundings(
                virtual_network=network_tag(
                    space,
                    peers=peers,
                    user_routes=[route.address_prefix for route in routes],
                    pods=overlay_pods.get(reference.virtual_network, ()),
                ),
                internet=internet_tag((*space, *peers)),
                service_tags=tags,
                members=members,
            )
    return found


def _members(lab: Lab, addresses: Addresses) -> dict[str, tuple[IPv4Address, ...]]:
    """The addresses of the network interfaces of each application security group."""
    return {
        group.name: tuple(
            addresses.primary[machine.name]
            for machine in lab.virtual_machines
            if group.name in machine.application_security_groups
        )
        for group in lab.cloud.application_security_groups
    }


def _in_place(
    place: str, group: str, direction: Direction, rules: tuple[EvaluatedRule, ...]
) -> GroupInPlace:
    return GroupInPlace(
        place=place,
        network_security_group=group,
        direction=direction,
        rules=rules,
        gate=SecurityGate(name=place, network_security_group=group, rules=tuple(map(_rule, rules))),
    )


def _rule(evaluated_rule: EvaluatedRule) -> SecurityRule:
    rule = evaluated_rule.rule
    ports, tags = rule.destination.ports, rule.destination.tags
    if any(same_name(tag, PLATFORM_DNS) for tag in tags):
        # The tag is about names; the same address has another service.
        ports = tuple(_DNS for each in ports if each.first <= _DNS.first <= each.last)[:1]
    platform = any(same_name(tag, each) for tag in tags for each in PLATFORM_TAGS)
    return SecurityRule(
        name=rule.name,
        priority=rule.priority,
        allow=rule.access is Access.ALLOW,
        protocol=rule.protocol,
        sources=evaluated_rule.sources,
        destinations=evaluated_rule.destinations if ports else (),
        source_ports=rule.source.ports,
        destination_ports=ports,
        platform=platform,
    )
