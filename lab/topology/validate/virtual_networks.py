"""Virtual networks and their subnets."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates
from lab.topology.validate.ranges import NETWORK_RESERVED, overlap, overlapping
from lab.topology.virtual_network import Subnet, VirtualNetwork
from lab.topology.words import listed, nearest

SMALLEST, LARGEST = 29, 8
"""Prefix lengths that Azure takes (semantics 1.8)."""


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the cloud's virtual networks."""
    yield from duplicates(lab.cloud.virtual_networks, "virtual network")
    for network in lab.cloud.virtual_networks:
        yield from _prefixes(network)
        yield from duplicates(network.subnets, "subnet", f" in virtual network '{network.name}'")
        yield from _subnets(network)
        yield from _count(network, lab.limits.subnets_per_virtual_network)
        for subnet in network.subnets:
            yield from _route_table(subnet, lab, usable)


def _prefixes(network: VirtualNetwork) -> Iterator[Problem]:
    for index, prefix in enumerate(network.address_prefixes):
        place = network.at(f"addressPrefixes[{index}]")
        if not LARGEST <= prefix.prefixlen <= SMALLEST:
            yield Problem(
                place,
                f"virtual network '{network.name}' has a /{prefix.prefixlen} prefix ({prefix})",
                f"choose a prefix from /{LARGEST} to /{SMALLEST}",
            )
            continue
        for reserved, purpose in NETWORK_RESERVED.items():
            if overlap(prefix, reserved):
                yield Problem(
                    place,
                    f"virtual network '{network.name}' ({prefix}) overlaps {reserved}, which is "
                    f"kept for {purpose}",
                    "choose another prefix, for example from 10.0.0.0/8",
                )
    for first, second in overlapping(
        (prefix, index) for index, prefix in enumerate(network.address_prefixes)
    ):
        yield Problem(
            network.at(f"addressPrefixes[{second}]"),
            f"address prefixes {network.address_prefixes[first]} and "
            f"{network.address_prefixes[second]} of virtual network '{network.name}' overlap",
            "take one out, or choose prefixes apart",
        )


def _subnets(network: VirtualNetwork) -> Iterator[Problem]:
    for subnet in network.subnets:
        prefix = subnet.address_prefix
        if prefix.prefixlen > SMALLEST:
            yield Problem(
                subnet.at("addressPrefix"),
                f"subnet '{subnet.name}' ({prefix}) is smaller than /{SMALLEST}: five of its "
                "addresses are reserved",
                f"choose a prefix of /{SMALLEST} or larger",
            )
        if not any(_within(prefix, space) for space in network.address_prefixes):
            yield Problem(
                subnet.at("addressPrefix"),
                f"subnet '{subnet.name}' ({prefix}) is outside its virtual network "
                f"'{network.name}' ({listed(map(str, network.address_prefixes))}) "
                "(NetcfgSubnetRangeOutsideVnet)",
                "choose a prefix within the virtual network, or extend addressPrefixes",
            )
    for first, second in overlapping((subnet.address_prefix, subnet) for subnet in network.subnets):
        yield Problem(
            second.at("addressPrefix"),
            f"subnets '{first.name}' ({first.address_prefix}) and '{second.name}' "
            f"({second.address_prefix}) of virtual network '{network.name}' overlap "
            "(NetcfgSubnetRangesOverlap)",
            "choose prefixes apart",
        )


def _count(network: VirtualNetwork, limit: int) -> Iterator[Problem]:
    if len(network.subnets) > limit:
        yield Problem(
            network.at("subnets"),
            f"virtual network '{network.name}' has {len(network.subnets)} subnets; {limit} is the "
            "limit",
            "join subnets, or raise limits.subnetsPerVirtualNetwork",
        )


def _route_table(subnet: Subnet, lab: Lab, usable: Usable) -> Iterator[Problem]:
    known = [table.name for table in lab.cloud.route_tables]
    wanted = subnet.route_table
    if wanted is None or wanted in known or usable.lacks("routeTables"):
        return
    guess = nearest(wanted, known)
    yield Problem(
        subnet.at("routeTable"),
        f"subnet '{subnet.name}' refers to route table '{wanted}', which does not exist",
        f"did you mean '{guess}'?" if guess else f"define '{wanted}' under cloud.routeTables",
    )


def _within(inner: IPv4Network, outer: IPv4Network) -> bool:
    return inner.subnet_of(outer)
