"""The effective routes of a subnet: system, gateway and user-defined ones (semantics 2.2).

A route table matters on the sending subnet only (semantics 1.5). The longest
prefix wins; of equal ones the user's does, then the gateway's. What doesn't count is
kept as Invalid so that ``az network nic show-effective-route-table`` can show it. What
a virtual network and its peers have comes before all that a gateway brings, however
long its prefix is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network
from types import MappingProxyType

from lab.cloud.virtual_network import system_routes
from lab.remembering import remembering_each
from lab.topology.model import Cloud
from lab.topology.route_table import NextHopType, Route, RouteTable
from lab.topology.virtual_network import VirtualNetwork


class RouteSource(Enum):
    """Where a route comes from, in the words of the Azure command line."""

    DEFAULT = "Default"
    USER = "User"
    VIRTUAL_NETWORK_GATEWAY = "VirtualNetworkGateway"


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


NO_TAGS: Mapping[str, tuple[IPv4Network, ...]] = MappingProxyType({})


def effective_routes(
    network: VirtualNetwork,
    table: RouteTable | None,
    *,
    peered: Iterable[IPv4Network] = (),
    gateway: Iterable[IPv4Network] = (),
    service_tags: Mapping[str, tuple[IPv4Network, ...]] = NO_TAGS,
) -> tuple[EffectiveRoute, ...]:
    """The effective routes of a subnet of `network` that is associated with `table`.

    System routes first, then the gateway's, then the user's in the order of the table,
    those with service tags last. Of user routes with equal prefixes, which Azure refuses, the
    first counts; one that comes of a tag yields to the user's own prefix. `peered`
    are the prefixes of connected peers, `gateway` those that a gateway brings, unless
    the table keeps them out, `service_tags` those of each tag by its case-folded name.
    """
    peered = tuple(peered)
    written = user_routes(table, service_tags)
    name = table.name if table is not None else ""
    # By numbers: a network is hashed at the cost of several.
    first: dict[tuple[int, int], Route] = {}
    of_user = {
        str(number): (route, first.setdefault(_numbers(route.address_prefix), route) is route, name)
        for number, route in enumerate(written)
    }
    user = _of_user((network.name, name), of_user).values()
    learned = () if table is not None and table.disable_bgp_route_propagation else tuple(gateway)
    kept = (*network.address_prefixes, *peered)
    brought = [
        _effective(
            Route(
                name="",
                address_prefix=prefix,
                next_hop_type=NextHopType.VIRTUAL_NETWORK_GATEWAY,
            ),
            RouteSource.VIRTUAL_NETWORK_GATEWAY,
            active=_numbers(prefix) not in first and not any(map(prefix.subnet_of, kept)),
            table="",
        )
        for prefix in learned
    ]
    taken = first.keys() | {
        _numbers(route.address_prefix) for route in brought if route.state is RouteState.ACTIVE
    }
    system = [
        _effective(
            route,
            RouteSource.DEFAULT,
            active=_numbers(route.address_prefix) not in taken,
            table="",
        )
        for route in system_routes(network, peered)
    ]
    return (*system, *brought, *user)


def user_routes(
    table: RouteTable | None, service_tags: Mapping[str, tuple[IPv4Network, ...]]
) -> tuple[Route, ...]:
    """The routes of `table`, one for each prefix of a tag."""
    if table is None:
        return ()
    return (
        *table.routes,
        *(
            Route(
                name=tagged.name,
                address_prefix=prefix,
                next_hop_type=tagged.next_hop_type,
                next_hop_ip_address=tagged.next_hop_ip_address,
                location=tagged.location,
                places=tagged.places,
            )
            for tagged in table.tagged_routes
            for prefix in service_tags.get(tagged.service_tag.casefold(), ())
        ),
    )


def tag_prefixes(cloud: Cloud) -> dict[str, tuple[IPv4Network, ...]]:
    """The prefixes of each service tag of the lab's own, by case-folded name."""
    return {tag.name.casefold(): tag.address_prefixes for tag in cloud.service_tags}


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


def _numbers(prefix: IPv4Network) -> tuple[int, int]:
    return int(prefix.network_address), prefix.prefixlen


@remembering_each(maxsize=64)
def _of_user(route: tuple[Route, bool, str]) -> EffectiveRoute:
    """A route of a table with that name, active or not: most stay as they are."""
    written, active, table = route
    return _effective(written, RouteSource.USER, active=active, table=table)


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
