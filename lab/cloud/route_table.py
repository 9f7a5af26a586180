"""The effective routes of a subnet: system and user-defined ones together (semantics 2.2).

A route table matters on the sending subnet only (semantics 1.5). The longest
prefix wins; of equal ones the user's does, and the system's is kept as Invalid so
that ``az network nic show-effective-route-table`` can show it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.virtual_network import system_routes
from lab.topology.model import NextHopType, Route, RouteTable, VirtualNetwork


class RouteSource(Enum):
    """Where a route comes from, in the words of the Azure command line."""

    DEFAULT = "Default"
    USER = "User"


class RouteState(Enum):
    """Whether a route takes part, in the words of the Azure command line."""

    ACTIVE = "Active"
    INVALID = "Invalid"
    """Another route with the same prefix comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveRoute:
    """A row of ``az network nic show-effective-route-table``."""

    source: RouteSource
    state: RouteState
    address_prefix: IPv4Network
    next_hop_type: NextHopType
    next_hop_ip_address: IPv4Address | None = None
    name: str = ""
    """Empty for a system route."""
    route_table: str = ""
    """Empty for a system route."""


def effective_routes(
    network: VirtualNetwork, table: RouteTable | None, peered: Iterable[IPv4Network] = ()
) -> tuple[EffectiveRoute, ...]:
    """The effective routes of a subnet of `network` that is associated with `table`.

    System routes first, then the user's in the order of the table. Of user
    routes with equal prefixes, which Azure refuses, the first counts. `peered` are
    the prefixes of connected peers.
    """
    name, written = (table.name, table.routes) if table is not None else ("", ())
    first: dict[IPv4Network, Route] = {}
    user = [
        _effective(
            route,
            RouteSource.USER,
            active=first.setdefault(route.address_prefix, route) is route,
            table=name,
        )
        for route in written
    ]
    system = [
        _effective(route, RouteSource.DEFAULT, active=route.address_prefix not in first, table="")
        for route in system_routes(network, peered)
    ]
    return (*system, *user)


class LongestPrefixMatch:
    """Which active route decides for an address."""

    def __init__(self, routes: Iterable[EffectiveRoute]) -> None:
        self._by_length: dict[int, dict[int, EffectiveRoute]] = {}
        for route in routes:
            if route.state is RouteState.ACTIVE:
                prefix = route.address_prefix
                network = int(prefix.network_address) >> (32 - prefix.prefixlen)
                self._by_length.setdefault(prefix.prefixlen, {})[network] = route
        self._lengths = sorted(self._by_length, reverse=True)

    def __call__(self, address: int) -> EffectiveRoute | None:
        """The route for the address with the number `address`; None when there is none."""
        for length in self._lengths:
            route = self._by_length[length].get(address >> (32 - length))
            if route is not None:
                return route
        return None


def _effective(route: Route, source: RouteSource, *, active: bool, table: str) -> EffectiveRoute:
    return EffectiveRoute(
        source=source,
        state=RouteState.ACTIVE if active else RouteState.INVALID,
        address_prefix=route.address_prefix,
        next_hop_type=route.next_hop_type,
        next_hop_ip_address=route.next_hop_ip_address,
        name=route.name,
        route_table=table,
    )
