"""The virtual switch's routes: where a user-defined route becomes a kernel route.

A route of the contract says which host receives a prefix. Here it becomes a
route to a nexthop object that wraps the packet for that host; all routes to one
host share the object, so that moving a host re-points one thing.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

from agents.objects.canonical import canonical
from agents.objects.nexthop import Encapsulation, Nexthop
from agents.objects.origin import Origin
from agents.objects.route import Route
from agents.plan.containers import node_addresses, pod_addresses
from lab.contract.node_state import Address, Delivery, Edge, FabricRoute, Nic, Prefix, Vswitch

NIC_LINK = "nic"
"""The switch's port towards the node's eth0."""

FABRIC_LINK = "vx0"
"""The tunnel of the virtual networks. Without encapsulation nothing comes out of it."""

INTERNET_LINK = "inet0"
"""The tunnel that packets take to the Internet: rules tell by it what leaves."""

GUEST = IPv4Address("169.254.255.2")
"""What the switch calls the node as a next hop; nobody owns it, its neighbour entry is all
that counts. The node's own address would not do: a guest may have any, the one that this
host has in the underlay included, and the kernel refuses a local address as a gateway."""

OUTWARD_TABLE = 100
"""What the node sends."""

PODS_TABLE = 101
"""What its pods send, where they are a network container of their own."""

ANSWERS_TABLE = 102
"""What it answers as the frontend of a load balancer, where that takes a way of its own."""

INWARD_TABLE = 200
"""What the tunnels bring."""

EVERYTHING = IPv4Network("0.0.0.0/0")
"""The prefix of a default route."""

_HOST_BITS = 17
_NETWORK_BITS = 13
_INTERNET_BIT = 1 << (_HOST_BITS + _NETWORK_BITS)


@dataclass(frozen=True, slots=True)
class FabricRoutes:
    """Routes and the nexthops that they refer to."""

    routes: frozenset[Route]
    nexthops: frozenset[Nexthop]


def routes_for(vswitch: Vswitch, nic: Nic) -> FabricRoutes:
    """The kernel's routes for the effective routes of the sending subnets.

    What no route covers, and the container's own addresses, are always answered
    for: a packet of a guest must never fall through to the underlay's own tables.
    """
    tables = [_Table(OUTWARD_TABLE, vswitch.node.routes, node_addresses(vswitch, nic))]
    if vswitch.pods is not None:
        tables.append(_Table(PODS_TABLE, vswitch.pods.routes, pod_addresses(vswitch, nic)))
    if vswitch.node.answers:
        tables.append(_Table(ANSWERS_TABLE, vswitch.node.answers, node_addresses(vswitch, nic)))
    outward = _resolved(tables, own=vswitch.underlay_address)
    return replace(outward, routes=outward.routes | {_to_nic(EVERYTHING, INWARD_TABLE)})


def edge_routes_for(edge: Edge, *, own: Address) -> FabricRoutes:
    """The kernel's routes of a switch without a guest; what would be for itself is dropped."""
    ways = ((OUTWARD_TABLE, edge.outward), (INWARD_TABLE, edge.inward))
    return _resolved(
        [
            _Table(number, tuple(each for each in routes if each.underlay_address != own), ())
            for number, routes in ways
        ],
        own=own,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """A network container's routing table."""

    number: int
    routes: tuple[FabricRoute, ...]
    addresses: Iterable[IPv4Network]


def _resolved(tables: Sequence[_Table], *, own: Address) -> FabricRoutes:
    """What is the same for all hosts, but for the ways to this one."""
    shared = shared_routes(Tables((table.number, table.routes) for table in tables))
    back = shared.by_host.get(own, _NOBODY)
    routes = {_to_nic(route.prefix, route.table) for route in back.routes}
    for table in tables:
        for address in table.addresses:
            if (table.number, address) not in shared.prefixes:
                routes.add(_to_nic(address, table.number))
        if (table.number, EVERYTHING) not in shared.prefixes:
            routes.add(_outward(EVERYTHING, table.number, link=FABRIC_LINK))
    return FabricRoutes(
        routes=(shared.everywhere.routes - back.routes) | routes,
        nexthops=shared.everywhere.nexthops - back.nexthops,
    )


_NOBODY = FabricRoutes(frozenset(), frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRoutes:
    """Routes as a host has them that none of them leads to."""

    everywhere: FabricRoutes
    by_host: Mapping[Address, FabricRoutes]
    """What leads to a host, by its underlay address."""
    prefixes: Set[tuple[int, Prefix]]
    """With the number of the table."""


class Tables(tuple[tuple[int, tuple[FabricRoute, ...]], ...]):
    """Routes by table. Hashed by their number: hundreds that hosts share are compared at once."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(tuple((number, len(routes)) for number, routes in self))


@lru_cache(maxsize=8)
def shared_routes(tables: Tables) -> SharedRoutes:
    """Made once for all hosts of a process that have these tables."""
    return resolved(tables)


def resolved(tables: Tables) -> SharedRoutes:
    """What the routes of these tables become."""
    # Of one prefix the last route counts.
    wanted = {(table, route.prefix): route for table, routes in tables for route in routes}
    nexthops = _nexthops(wanted.values())
    ways: dict[Address, set[Route]] = {}
    others = set()
    for (table, prefix), route in wanted.items():
        if route.delivery is Delivery.DROP:
            others.add(_outward(prefix, table, link=FABRIC_LINK))
        else:
            peer = _peer_of(route)
            way = _outward(prefix, table, nexthop=nexthops[peer].number)
            ways.setdefault(peer[2], set()).add(way)
    doors: dict[Address, set[Nexthop]] = {}
    for (_, _, host), nexthop in nexthops.items():
        doors.setdefault(host, set()).add(nexthop)
    return SharedRoutes(
        everywhere=FabricRoutes(
            frozenset(others.union(*ways.values())), frozenset(nexthops.values())
        ),
        by_host={
            host: FabricRoutes(frozenset(routes), frozenset(doors[host]))
            for host, routes in ways.items()
        },
        prefixes=wanted.keys(),
    )


DISTINCT = 1 << _NETWORK_BITS
"""Virtual networks below this number: each of their nexthops has a number of its own, whatever
others there are."""


def _nexthops(routes: Iterable[FabricRoute]) -> Mapping["_Peer", Nexthop]:
    """One nexthop per peer host, virtual network and tunnel.

    Its number is made of these three, so that a host keeps its number whoever
    comes and goes. In the rare case that two make the same number (virtual
    networks 8,192 apart), the later one takes the next free number.
    """
    found: dict[_Peer, Nexthop] = {}
    taken = set()
    for peer in sorted(
        {_peer_of(route) for route in routes if route.delivery is not Delivery.DROP}
    ):
        number = _number_for(peer)
        while number in taken:
            number += 1
        taken.add(number)
        found[peer] = _nexthop(peer, number)
    return found


_Peer = tuple[str, int, IPv4Address]


def _peer_of(route: FabricRoute) -> _Peer:
    if not isinstance(route.underlay_address, IPv4Address):
        raise TypeError(f"{route.prefix}: {route.delivery} without an IPv4 underlay address")
    link = INTERNET_LINK if route.delivery is Delivery.INTERNET else FABRIC_LINK
    return link, route.vni, route.underlay_address


def _number_for(peer: _Peer) -> int:
    link, vni, underlay = peer
    host = int(underlay) & ((1 << _HOST_BITS) - 1)
    network = (vni & ((1 << _NETWORK_BITS) - 1)) << _HOST_BITS
    return (_INTERNET_BIT if link == INTERNET_LINK else 0) | network | host or 1


@lru_cache(maxsize=4096)
def _nexthop(peer: _Peer, number: int) -> Nexthop:
    link, vni, underlay = peer
    return canonical(
        Nexthop(
            number=number,
            origin=Origin.VNETLAB,
            link=link,
            encapsulation=Encapsulation(vni=vni, destination=underlay),
        )
    )


@lru_cache(maxsize=16384)
def _outward(
    prefix: Prefix, table: int, *, link: str | None = None, nexthop: int | None = None
) -> Route:
    return canonical(
        Route(prefix=prefix, origin=Origin.VNETLAB, table=table, link=link, nexthop=nexthop)
    )


@lru_cache(maxsize=4096)
def _to_nic(prefix: Prefix, table: int) -> Route:
    return canonical(
        Route(
            prefix=prefix,
            origin=Origin.VNETLAB,
            table=table,
            link=NIC_LINK,
            gateway=GUEST,
            on_link=True,
        )
    )
