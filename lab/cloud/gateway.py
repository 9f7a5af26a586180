"""What virtual networks learn by their gateways, and what stands behind those (semantics 2.2).

A network has its own gateway, or uses that of one peer that lets it (gateway transit,
semantics 2.5). By way of a gateway it reaches the networks on premises that the
gateway is connected to, and they reach it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from lab.cloud.peering import PeeringState, peers_of
from lab.topology.gateway import (
    Connection,
    OnPremisesNetwork,
    VirtualNetworkGateway,
)
from lab.topology.model import Cloud, Lab
from lab.topology.virtual_network import VirtualNetwork


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A connection as both ends see it."""

    gateway: VirtualNetworkGateway
    site: OnPremisesNetwork | None
    """None: the lab has no network behind that address."""
    prefixes: tuple[IPv4Network, ...]
    """What virtual networks send there."""


def gateway_of(cloud: Cloud, network: VirtualNetwork) -> VirtualNetworkGateway | None:
    """The gateway that `network` sends by: its own, or that of a peer."""
    own = _own(cloud, network)
    if own is not None:
        return own
    for peer in peers_of(cloud, network):
        lets = peer.other_half is not None and peer.other_half.allow_gateway_transit
        if peer.half.use_remote_gateways and lets and peer.state is PeeringState.CONNECTED:
            return _own(cloud, peer.network)
    return None


def links(lab: Lab) -> Iterator[Link]:
    """The connections of a lab, in the order of the file."""
    gateways = {each.name: each for each in lab.cloud.virtual_network_gateways}
    for connection in lab.cloud.connections:
        site, prefixes = _far_end(connection, lab)
        if connection.virtual_network_gateway in gateways:
            yield Link(
                gateway=gateways[connection.virtual_network_gateway], site=site, prefixes=prefixes
            )


def gateway_prefixes(lab: Lab, network: VirtualNetwork) -> tuple[IPv4Network, ...]:
    """What `network` has routes to by way of its gateway, each prefix once."""
    gateway = gateway_of(lab.cloud, network)
    found = (link.prefixes for link in links(lab) if link.gateway == gateway)
    return tuple(dict.fromkeys(prefix for prefixes in found for prefix in prefixes))


def networks_behind(cloud: Cloud, gateway: VirtualNetworkGateway) -> tuple[VirtualNetwork, ...]:
    """The virtual networks that `gateway` announces: its own, and those that use it."""
    return tuple(
        network for network in cloud.virtual_networks if gateway_of(cloud, network) == gateway
    )


def _own(cloud: Cloud, network: VirtualNetwork) -> VirtualNetworkGateway | None:
    return next(
        (each for each in cloud.virtual_network_gateways if each.virtual_network == network.name),
        None,
    )


def _far_end(
    connection: Connection, lab: Lab
) -> tuple[OnPremisesNetwork | None, tuple[IPv4Network, ...]]:
    """The network at the other end, and what the cloud sends there."""
    local = next(
        (
            each
            for each in lab.cloud.local_network_gateways
            if each.name == connection.local_network_gateway
        ),
        None,
    )
    site = next(
        (
            each
            for each in lab.on_premises
            if each.name == connection.peer
            or (local is not None and each.gateway_ip_address == local.gateway_ip_address)
        ),
        None,
    )
    if local is not None and not connection.enable_bgp:
        return site, local.address_prefixes
    return site, site.address_prefixes if site is not None else ()
