"""Gateways of virtual networks and the networks on premises behind them, as routes."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.gateway import gateway_of, links, networks_behind
from lab.cloud.virtual_network import INTERNET_IDENTIFIER
from lab.compile.addresses import Addresses
from lab.contract.node_state import Delivery, FabricRoute
from lab.topology.gateway import OnPremisesNetwork, VirtualNetworkGateway
from lab.topology.model import Cloud, Lab
from lab.topology.problems import Problem
from lab.topology.route_table import NextHopType, Route, RouteTable, TaggedRoute
from lab.topology.virtual_network import VirtualNetwork

_EVERYTHING = IPv4Network("0.0.0.0/0")


def site_routes(site: OnPremisesNetwork, lab: Lab, addresses: Addresses) -> tuple[FabricRoute, ...]:
    """What hosts of a network on premises send by: to each other, and to virtual networks.

    The first connection that brings a prefix has it.
    """
    found = {_EVERYTHING: FabricRoute(prefix=_EVERYTHING, delivery=Delivery.DROP)}
    for link in links(lab):
        if link.site != site:
            continue
        for network in networks_behind(lab.cloud, link.gateway):
            for prefix in network.address_prefixes:
                found.setdefault(prefix, _outside(prefix, addresses.underlay[link.gateway.name]))
    for host in site.hosts:
        own = IPv4Network(host.address)
        found[own] = FabricRoute(
            prefix=own,
            delivery=Delivery.FABRIC,
            underlay_address=addresses.underlay[host.name],
            vni=INTERNET_IDENTIFIER,
        )
    return tuple(sorted(found.values(), key=lambda each: (each.prefix.prefixlen, each.prefix)))


def premises_routes(
    gateway: VirtualNetworkGateway, lab: Lab, addresses: Addresses
) -> tuple[FabricRoute, ...]:
    """Where a gateway takes what comes from virtual networks: to the hosts it is connected to."""
    found = {_EVERYTHING: FabricRoute(prefix=_EVERYTHING, delivery=Delivery.DROP)}
    for link in links(lab):
        if link.gateway != gateway or link.site is None:
            continue
        for host in link.site.hosts:
            if any(host.address in prefix for prefix in link.prefixes):
                prefix = IPv4Network(host.address)
                found.setdefault(prefix, _outside(prefix, addresses.underlay[host.name]))
    return tuple(sorted(found.values(), key=lambda each: (each.prefix.prefixlen, each.prefix)))


def without_gateway(table: RouteTable, network: VirtualNetwork, cloud: Cloud) -> Iterator[Problem]:
    """Routes of `table` that lead to a gateway that `network` doesn't have, as warnings."""
    if gateway_of(cloud, network) is not None:
        return
    written: tuple[Route | TaggedRoute, ...] = (*table.routes, *table.tagged_routes)
    for route in written:
        if route.next_hop_type is NextHopType.VIRTUAL_NETWORK_GATEWAY:
            yield Problem(
                route.location,
                f"route {route.name} of route table {table.name} leads to the gateway of "
                f"{network.name}, which has none: what the route matches is dropped",
                "give the network a gateway, or have a peering use the peer's",
            )


def _outside(prefix: IPv4Network, underlay: IPv4Address) -> FabricRoute:
    return FabricRoute(
        prefix=prefix,
        delivery=Delivery.INTERNET,
        underlay_address=underlay,
        vni=INTERNET_IDENTIFIER,
    )
