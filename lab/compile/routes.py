"""Where effective routes lead: to which host, over which device, or nowhere.

The virtual switch of a sending host holds these routes and looks no further. Each
next hop of a sending subnet becomes hosts as follows:

VnetLocal
    Nobody answers for a prefix as such. Each network interface of the virtual
    network whose address this very route decides gets a /32 to its host (FABRIC);
    the rest of the prefix is DROP.
VNetPeering
    As VnetLocal, for the network interfaces of the peer; what is encapsulated bears
    the identifier of the network that receives it.
VirtualAppliance
    The whole prefix goes to the host that has the next hop's address (FABRIC), be
    it in a peer. If none has it, DROP and a warning (`unreachable_appliances`).
Internet
    Each Internet host, and each network interface with a public address of its own,
    whose address this route decides gets a /32 (INTERNET); the rest is DROP. That
    includes public addresses of default outbound access: what comes to one unasked
    is not let in on the real thing either (semantics 2.6). Where a NAT gateway is the
    next hop Internet, the whole prefix goes to its host, untranslated (FABRIC).
VirtualNetworkGateway
    The whole prefix goes to the host of the gateway (FABRIC), be it a peer's. DROP
    where there is none.
VirtualNetworkServiceEndpoint
    To the service's host, untranslated (FABRIC): it sees the sender's own address.
InterfaceEndpoint
    To the host of the service that the private endpoint leads to (FABRIC), unless its
    connection isn't approved.
None
    DROP.

A packet for the sender's own host is a route like any other: the host knows its
own underlay address, and its virtual switch hands the packet back. 0.0.0.0/0 is
always there, so that ARP is answered for everything (semantics 1.3).

Internet hosts have routes of their own: a /32 for every other Internet host and one
for the public address of every network interface, all INTERNET, so that replies
leave over the same device over which requests come. Their public address is their
own, which makes the translation of the source one that changes nothing. On the
receiving host the reply becomes a packet for the network interface because
conntrack knows the flow. One that conntrack does not know keeps the public address
as its destination and must be dropped there, IP forwarding or not: that is the
receiving virtual switch's part, no route can tell a reply from a request.
"""

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from operator import itemgetter
from typing import NamedTuple

from lab.cloud.route_table import EffectiveRoute, LongestPrefixMatch, RouteState
from lab.cloud.virtual_network import INTERNET_IDENTIFIER
from lab.contract.node_state import Delivery, FabricRoute
from lab.topology.problems import Problem
from lab.topology.route_table import NextHopType, Route, RouteTable, TaggedRoute


class _Receiver(NamedTuple):
    delivery: Delivery
    underlay: int = 0
    """The address as a number, which is hashed at less cost; 0: nobody's."""
    vni: int = 0


_NOBODY = _Receiver(Delivery.DROP)
_Table = dict[int, dict[int, _Receiver]]
"""Receivers by prefix length, then by network as a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """Who can be the receiver of a packet that leaves a virtual network's subnet."""

    vni: int
    interfaces: Mapping[IPv4Address, IPv4Address]
    """Underlay address by address of a network interface of the virtual network."""
    internet: Mapping[IPv4Address, IPv4Address]
    """Underlay address by address of an Internet host, and by public address of a network
    interface that has one of its own."""
    services: Mapping[IPv4Address, IPv4Address] = field(default_factory=dict)
    """Underlay address by public address of a service with service endpoints."""
    private_endpoints: Mapping[IPv4Address, IPv4Address] = field(default_factory=dict)
    """Underlay address of the service by address of a private endpoint that lets packets in."""
    nat_gateway: IPv4Address | None = None
    """Underlay address of the NAT gateway that is the next hop Internet."""
    gateway: tuple[IPv4Address, int] | None = None
    """Underlay address of the virtual network gateway, and the VNI of its network."""
    peers: "tuple[Reachable, ...]" = ()
    """The same of each peer that packets get through to; of theirs only `interfaces` and
    `private_endpoints` count."""


def fabric_routes(
    effective: Iterable[EffectiveRoute], reachable: Reachable
) -> tuple[FabricRoute, ...]:
    """The effective routes of a subnet, resolved to hosts; shortest prefix first."""
    effective = tuple(effective)
    table = _dropping()
    around = (reachable, *reachable.peers)
    interfaces = [_receivers(each.interfaces, each) for each in around]
    # Whoever comes first has an address: the network itself, then its peers in their order.
    hops = interfaces[0] if len(around) == 1 else dict(ChainMap(*interfaces))
    for route in effective:
        if route.state is RouteState.ACTIVE:
            prefix = route.address_prefix
            number = int(prefix.network_address)
            table[prefix.prefixlen][number] = _receiver(route, reachable, hops)
    decides = LongestPrefixMatch(effective)
    owners = (
        (NextHopType.VNET_LOCAL, interfaces[0]),
        *((NextHopType.VNET_PEERING, each) for each in interfaces[1:]),
        (
            NextHopType.VIRTUAL_NETWORK_SERVICE_ENDPOINT,
            _receivers(reachable.services, reachable),
        ),
        *(
            (NextHopType.INTERFACE_ENDPOINT, _receivers(each.private_endpoints, each))
            for each in around
        ),
    )
    alone = table[32]
    for kind, members in owners:
        for number, receiver in members.items():
            if (found := decides(number)) is not None and found.next_hop_type is kind:
                alone[number] = receiver
    internet = reachable.internet if reachable.nat_gateway is None else {}
    for address, underlay in internet.items():
        number = int(address)
        if (found := decides(number)) is not None and found.next_hop_type is NextHopType.INTERNET:
            alone[number] = _Receiver(Delivery.INTERNET, int(underlay), INTERNET_IDENTIFIER)
    return _as_routes(_collapsed(table))


def _receivers(
    owners: Mapping[IPv4Address, IPv4Address], network: Reachable
) -> dict[int, _Receiver]:
    """Those that `network` delivers to at underlay addresses, by the number of their own."""
    fabric, vni = Delivery.FABRIC, network.vni
    return {int(each): _Receiver(fabric, int(underlay), vni) for each, underlay in owners.items()}


def internet_routes(public: Mapping[IPv4Address, IPv4Address]) -> tuple[FabricRoute, ...]:
    """The routes of every Internet host; `public` has the underlay address of each public one."""
    return _delivered(public, Delivery.INTERNET, INTERNET_IDENTIFIER)


def routes_of_service(
    public: Mapping[IPv4Address, IPv4Address],
    networks: Iterable[Reachable],
    premises: Mapping[IPv4Network, tuple[IPv4Address, int]],
) -> tuple[FabricRoute, ...]:
    """The routes of a service: as an Internet host's, and to network interfaces it sees.

    `premises`: what is reached by a gateway, as (its underlay address, the VNI of its network).
    Who comes from there has a private endpoint's address to come to.
    """
    receivers = {
        int(address): _Receiver(Delivery.INTERNET, int(underlay), INTERNET_IDENTIFIER)
        for address, underlay in public.items()
    }
    for network in networks:
        receivers |= _receivers(network.interfaces, network)
    table = _dropping()
    for prefix, (underlay, vni) in premises.items():
        gateway = _Receiver(Delivery.FABRIC, int(underlay), vni)
        table[prefix.prefixlen][int(prefix.network_address)] = gateway
    # What is here comes before what a gateway brings, also where that is as long.
    table[32] |= receivers
    return _as_routes(_collapsed(table))


def interface_routes(network: Reachable) -> tuple[FabricRoute, ...]:
    """The routes of what only brings answers back to network interfaces of `network`."""
    return _delivered(network.interfaces, Delivery.FABRIC, network.vni)


def _delivered(
    receivers: Mapping[IPv4Address, IPv4Address], delivery: Delivery, vni: int
) -> tuple[FabricRoute, ...]:
    """A route for each address to the host with that underlay address; the rest is dropped."""
    table = _dropping()
    table[32] = {int(each): _Receiver(delivery, int(host), vni) for each, host in receivers.items()}
    return _as_routes(_collapsed(table))


def _dropping() -> _Table:
    """Where nobody receives anything yet."""
    table: _Table = {length: {} for length in range(33)}
    table[0][0] = _NOBODY
    return table


def unreachable_appliances(
    table: RouteTable, network: str, forwarding: Mapping[IPv4Address, bool]
) -> Iterator[Problem]:
    """What keeps routes of `table` to an appliance in `network` from working, as warnings.

    `forwarding` says of every network interface of the virtual network whether it
    has IP forwarding enabled.
    """
    written: tuple[Route | TaggedRoute, ...] = (*table.routes, *table.tagged_routes)
    for route in written:
        hop = route.next_hop_ip_address
        if hop is None or forwarding.get(hop):
            continue
        where = f"route {route.name} of route table {table.name} leads to {hop}"
        if hop in forwarding:
            yield Problem(
                route.location,
                f"{where}, whose network interface has no IP forwarding: what the route "
                "matches is dropped there",
                "set enableIPForwarding: true on the appliance",
            )
        else:
            yield Problem(
                route.location,
                f"{where}, an address that no network interface in {network} has: what the route "
                "matches is dropped",
                "give the appliance that address, or correct nextHopIpAddress",
            )


def _receiver(
    route: EffectiveRoute, reachable: Reachable, hops: Mapping[int, _Receiver]
) -> _Receiver:
    """Who gets what matches `route` and nothing longer; `hops` are those by whom it may go on."""
    hop = route.next_hop_ip_address
    if route.next_hop_type is NextHopType.INTERNET and reachable.nat_gateway is not None:
        return _Receiver(Delivery.FABRIC, int(reachable.nat_gateway), reachable.vni)
    if route.next_hop_type is NextHopType.VIRTUAL_NETWORK_GATEWAY and reachable.gateway:
        underlay, vni = reachable.gateway
        return _Receiver(Delivery.FABRIC, int(underlay), vni)
    if route.next_hop_type is not NextHopType.VIRTUAL_APPLIANCE or hop is None:
        return _NOBODY
    return hops.get(int(hop), _NOBODY)


def _collapsed(table: _Table) -> _Table:
    """The smallest table that leads every packet to the same receiver.

    Two halves with one receiver become the whole, and what the next shorter prefix
    would do anyway is left out. 0.0.0.0/0 stays.
    """
    for length in range(32, 0, -1):
        level, shorter = table[length], table[length - 1]
        bit = 1 << (32 - length)
        for network in [network for network in level if not network & bit]:
            if level.get(network | bit) == level[network]:
                shorter[network] = level.pop(network)
                del level[network | bit]
    kept: _Table = {}
    # By rising addresses whatever a prefix is in comes before it, the longest last.
    ordered = sorted(
        [
            (network, length, receiver)
            for length, level in table.items()
            for network, receiver in level.items()
        ],
        key=itemgetter(0, 1),
    )
    around: list[tuple[int, _Receiver]] = []
    for network, length, receiver in ordered:
        while around and around[-1][0] <= network:
            around.pop()  # it ends before
        if not around or around[-1][1] != receiver:
            kept.setdefault(length, {})[network] = receiver
        around.append((network + (1 << (32 - length)), receiver))
    return kept


def _as_routes(table: _Table) -> tuple[FabricRoute, ...]:
    return tuple(
        [
            _route(network, length, *level[network])
            for length, level in sorted(table.items())
            for network in sorted(level)
        ]
    )


@lru_cache(maxsize=8192)
def _route(network: int, length: int, delivery: Delivery, underlay: int, vni: int) -> FabricRoute:
    """Cached, because the subnets of a lab have most routes in common, today and tomorrow."""
    return FabricRoute(
        prefix=IPv4Network((network, length)),
        delivery=delivery,
        underlay_address=IPv4Address(underlay) if underlay else None,
        vni=vni,
    )
