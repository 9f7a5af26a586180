"""The virtual switch's routes: where a user-defined route becomes a kernel route.

A route of the contract says which host receives a prefix. Here it becomes a
route to a nexthop object that wraps the packet for that host; all routes to one
host share the object, so that moving a host re-points one thing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

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

INWARD_TABLE = 200
"""What the tunnels bring."""

_EVERYTHING = IPv4Network("0.0.0.0/0")

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
    pods = vswitch.pods.routes if vswitch.pods is not None else ()
    tables = [_Table(OUTWARD_TABLE, vswitch.node.routes, node_addresses(vswitch, nic))]
    if vswitch.pods is not None:
        tables.append(_Table(PODS_TABLE, pods, pod_addresses(vswitch, nic)))
    outward = _resolved(tables, own=vswitch.underlay_address)
    return replace(outward, routes=outward.routes | {_to_nic(_EVERYTHING, INWARD_TABLE)})


def edge_routes_for(edge: Edge, *, own: Address) -> FabricRoutes:
    """The kernel's routes of a switch without a guest; what would be for itself is dropped."""
    ways = ((OUTWARD_TABLE, edge.outward), (INWARD_TABLE, edge.inward))
    return _resolved(
        [
            _Table(number, [each for each in routes if each.underlay_address != own], ())
            for number, routes in ways
        ],
        own=own,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """A network container's routing table."""

    number: int
    routes: Iterable[FabricRoute]
    addresses: Iterable[IPv4Network]


def _resolved(tables: Sequence[_Table], *, own: Address) -> FabricRoutes:
    nexthops = _Nexthops([route for table in tables for route in table.routes], own=own)
    return FabricRoutes(
        routes=frozenset(
            route for table in tables for route in _routes_of(table, nexthops, own=own)
        ),
        nexthops=nexthops.objects,
    )


def _routes_of(table: _Table, nexthops: "_Nexthops", *, own: object) -> Iterable[Route]:
    outward: dict[Prefix, Route] = {
        _EVERYTHING: _outward(_EVERYTHING, table.number, link=FABRIC_LINK)
    }
    for address in table.addresses:
        outward[address] = _to_nic(address, table.number)
    for route in table.routes:
        prefix = route.prefix
        if route.underlay_address == own:
            outward[prefix] = _to_nic(prefix, table.number)
        elif route.delivery is Delivery.DROP:
            outward[prefix] = _outward(prefix, table.number, link=FABRIC_LINK)
        else:
            number = nexthops.number_of(route)
            outward[prefix] = _outward(prefix, table.number, nexthop=number)
    return outward.values()


class _Nexthops:
    """One nexthop per peer host, virtual network and tunnel.

    Its number is made of these three, so that a host keeps its number whoever
    comes and goes. In the rare case that two make the same number (virtual
    networks 8,192 apart), the later one takes the next free number.
    """

    def __init__(self, routes: Iterable[FabricRoute], *, own: object) -> None:
        wanted = {
            _peer_of(route)
            for route in routes
            if route.delivery is not Delivery.DROP and route.underlay_address != own
        }
        self._numbers: dict[_Peer, int] = {}
        taken = set()
        for peer in sorted(wanted):
            number = _number_for(peer)
            while number in taken:
                number += 1
            taken.add(number)
            self._numbers[peer] = number
        self.objects = frozenset(
            Nexthop(
                number=number,
                origin=Origin.VNETLAB,
                link=peer[0],
                encapsulation=Encapsulation(vni=peer[1], destination=peer[2]),
            )
            for peer, number in self._numbers.items()
        )

    def number_of(self, route: FabricRoute) -> int:
        return self._numbers[_peer_of(route)]


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


@lru_cache(maxsize=16384)
def _outward(
    prefix: Prefix, table: int, *, link: str | None = None, nexthop: int | None = None
) -> Route:
    return Route(prefix=prefix, origin=Origin.VNETLAB, table=table, link=link, nexthop=nexthop)


def _to_nic(prefix: Prefix, table: int) -> Route:
    return Route(
        prefix=prefix,
        origin=Origin.VNETLAB,
        table=table,
        link=NIC_LINK,
        gateway=GUEST,
        on_link=True,
    )
