"""Peerings: which virtual networks see each other, and who lets forwarded packets in.

A peering consists of two halves, one in each virtual network, each with flags of
its own. It carries packets once both are there, and never on to a third network
(semantics 2.5).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network

from lab.cloud.security_group import EvaluatedRule, outside
from lab.contract.node_state import SecurityProtocol
from lab.topology.model import Cloud
from lab.topology.problems import Problem
from lab.topology.security import ANYWHERE, Access, Direction, Peers, SecurityRule
from lab.topology.virtual_network import VirtualNetwork, VirtualNetworkPeering


class PeeringState(Enum):
    """`peeringState` of a half, in the words of the Azure command line."""

    INITIATED = "Initiated"
    """The other half is missing."""
    CONNECTED = "Connected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A virtual network as seen from one that has a half of a peering with it."""

    network: VirtualNetwork
    half: VirtualNetworkPeering
    """The half of the network that looks."""
    other_half: VirtualNetworkPeering | None

    @property
    def state(self) -> PeeringState:
        """Connected once both halves are there."""
        return PeeringState.INITIATED if self.other_half is None else PeeringState.CONNECTED

    @property
    def passes(self) -> bool:
        """Whether packets get through: neither half may forbid access."""
        other = self.other_half
        return (
            other is not None
            and self.half.allow_virtual_network_access
            and other.allow_virtual_network_access
        )

    @property
    def takes_forwarded(self) -> bool:
        """Whether the peer lets in what does not originate in the network that looks."""
        return self.other_half is not None and self.other_half.allow_forwarded_traffic


def peers_of(cloud: Cloud, network: VirtualNetwork) -> tuple[Peer, ...]:
    """The peers of `network` in the order of its halves."""
    return tuple(
        Peer(network=remote, half=half, other_half=_half(remote, network))
        for half in network.virtual_network_peerings
        for remote in cloud.virtual_networks
        if remote.name == half.remote_virtual_network
    )


def peered_prefixes(cloud: Cloud, network: VirtualNetwork) -> tuple[IPv4Network, ...]:
    """Address space that `network` has routes to, by way of connected peerings."""
    return tuple(
        prefix
        for peer in peers_of(cloud, network)
        if peer.state is PeeringState.CONNECTED
        for prefix in peer.network.address_prefixes
    )


def accessible_prefixes(cloud: Cloud, network: VirtualNetwork) -> tuple[IPv4Network, ...]:
    """Address space of peers that counts as VirtualNetwork in `network`'s security rules."""
    return tuple(
        prefix
        for peer in peers_of(cloud, network)
        if peer.passes
        for prefix in peer.network.address_prefixes
    )


def forwarding_rules(cloud: Cloud, network: VirtualNetwork) -> tuple[EvaluatedRule, ...]:
    """What a network interface of `network` that forwards may send to peers.

    A peer that doesn't allow forwarded traffic takes nothing that originates outside
    of `network`; everything else passes. None, when every peer allows it.
    """
    foreign = tuple(outside(network.address_prefixes))
    closed = [peer for peer in peers_of(cloud, network) if peer.passes and not peer.takes_forwarded]
    refused = [
        _rule(
            f"{peer.half.name}-forwarded",
            100 + number,
            Access.DENY,
            (foreign, peer.network.address_prefixes),
            shown=Peers(tags=(f"not {network.name}",)),
        )
        for number, peer in enumerate(closed)
    ]
    everything = _rule(
        "AllowOriginated",
        65000,
        Access.ALLOW,
        ((ANYWHERE,), (ANYWHERE,)),
        shown=Peers(prefixes=(ANYWHERE,)),
    )
    return (*refused, everything) if refused else ()


def _rule(
    name: str,
    priority: int,
    access: Access,
    prefixes: tuple[tuple[IPv4Network, ...], tuple[IPv4Network, ...]],
    *,
    shown: Peers,
) -> EvaluatedRule:
    """`prefixes` of source and destination; `shown` is the source as people read it."""
    rule = SecurityRule(
        name=name,
        priority=priority,
        direction=Direction.OUTBOUND,
        access=access,
        protocol=SecurityProtocol.ANY,
        source=shown,
        destination=Peers(prefixes=prefixes[1]),
    )
    return EvaluatedRule(rule=rule, sources=prefixes[0], destinations=prefixes[1])


def one_sided(cloud: Cloud) -> Iterator[Problem]:
    """Halves that wait for their other half, as warnings."""
    for network in cloud.virtual_networks:
        for peer in peers_of(cloud, network):
            if peer.state is PeeringState.INITIATED:
                yield Problem(
                    peer.half.location,
                    f"peering {peer.half.name} of virtual network {network.name} is Initiated: "
                    f"{peer.network.name} has no peering back, so no packet passes",
                    f"add a peering to {network.name} in {peer.network.name}",
                )


def _half(network: VirtualNetwork, remote: VirtualNetwork) -> VirtualNetworkPeering | None:
    return next(
        (
            each
            for each in network.virtual_network_peerings
            if each.remote_virtual_network == remote.name
        ),
        None,
    )
