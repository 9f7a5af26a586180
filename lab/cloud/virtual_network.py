"""A virtual network: its subnets by name and the routes that it has by itself."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network
from itertools import count

from lab.topology.model import Cloud
from lab.topology.route_table import NextHopType, Route
from lab.topology.virtual_network import Subnet, SubnetReference, VirtualNetwork

EVERYWHERE = IPv4Network("0.0.0.0/0")
RESERVED_PREFIXES = tuple(
    map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
)
"""Private and shared address space that Azure drops unless somebody in the lab owns it."""


INTERNET_IDENTIFIER = 1
"""Identifier (VNI) of what travels to and from the Internet."""
FIRST_IDENTIFIER = 1000


def identifiers(networks: Iterable[str], previous: Mapping[str, int]) -> dict[str, int]:
    """The VNI of each virtual network: what it had before, otherwise the lowest free one."""
    names = tuple(networks)
    held = {name: previous[name] for name in names if name in previous}
    taken = set(held.values())
    free = (number for number in count(FIRST_IDENTIFIER) if number not in taken)
    return {name: held[name] if name in held else next(free) for name in names}


def network_of(cloud: Cloud, reference: SubnetReference) -> VirtualNetwork:
    """The virtual network that `reference` names; raises `LookupError` without one."""
    for network in cloud.virtual_networks:
        if network.name == reference.virtual_network:
            return network
    raise LookupError(f"no virtual network is called {reference.virtual_network}")


def subnet_of(cloud: Cloud, reference: SubnetReference) -> Subnet:
    """The subnet that `reference` names; raises `LookupError` without one."""
    for subnet in network_of(cloud, reference).subnets:
        if subnet.name == reference.subnet:
            return subnet
    raise LookupError(f"no subnet is called {reference}")


def subnets(cloud: Cloud) -> tuple[SubnetReference, ...]:
    """Every subnet of every virtual network, in the order of the lab file."""
    return tuple(
        SubnetReference(virtual_network=network.name, subnet=subnet.name)
        for network in cloud.virtual_networks
        for subnet in network.subnets
    )


def system_routes(network: VirtualNetwork, peered: Iterable[IPv4Network] = ()) -> tuple[Route, ...]:
    """The default system routes of every subnet of `network` (semantics 2.2).

    `peered` are the prefixes of connected peers (`lab.cloud.peering`).

    Each address prefix is VnetLocal and the rest of the world Internet. Reserved
    address space is None, until the virtual network owns the whole or a part of
    it: then only what it owns is routed, and the remainder falls to 0.0.0.0/0,
    which leads no further.
    """
    owned = network.address_prefixes
    unowned = (
        prefix for prefix in RESERVED_PREFIXES if not any(prefix.overlaps(own) for own in owned)
    )
    return (
        *(_system(prefix, NextHopType.VNET_LOCAL) for prefix in owned),
        *(_system(prefix, NextHopType.VNET_PEERING) for prefix in peered),
        _system(EVERYWHERE, NextHopType.INTERNET),
        *(_system(prefix, NextHopType.NONE) for prefix in unowned),
    )


def _system(prefix: IPv4Network, next_hop_type: NextHopType) -> Route:
    return Route(name="", address_prefix=prefix, next_hop_type=next_hop_type)
