"""A namespace as it was read, kept up to date by what is heard of it.

What the kernel says of routes, nexthops, neighbours and rules is taken over as it
is said. What has silent consequences (a device or an address that goes takes
routes along) is not: then the namespace has to be read anew.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agents.kernel import links, neighbours, nexthops, routes, rules
from agents.kernel.ears import Heard
from agents.kernel.links import ListedLink
from agents.kernel.neighbours import NeighbourKey
from agents.kernel.netlink import REPLACE
from agents.objects.address import Address
from agents.objects.link import Link
from agents.objects.namespace import NamespaceObjects
from agents.objects.neighbour import Neighbour
from agents.objects.nexthop import Nexthop
from agents.objects.route import Route, RouteKey
from agents.objects.rule import Rule

_NEW_LINK = 16
_NEW_ROUTE, _DELETE_ROUTE = 24, 25
_NEW_NEIGHBOUR, _DELETE_NEIGHBOUR = 28, 29
_NEW_RULE, _DELETE_RULE = 32, 33
_NEW_NEXTHOP, _DELETE_NEXTHOP = 104, 105
OF_ROUTES = frozenset({_NEW_ROUTE, _DELETE_ROUTE, _NEW_NEXTHOP, _DELETE_NEXTHOP})
"""Kinds of change that are about routes, of which an earlier one is not to follow a later one."""


@dataclass(slots=True, kw_only=True)
class Listing:
    """What a namespace holds."""

    identity: tuple[int, int]
    """Of the namespace that was read: another one may have taken its name since."""
    namespace_id: int | None
    """By which the listening post hears of it; None: it doesn't."""
    sysctls_asked: frozenset[str]
    routing_policy: bool
    """Whether nexthops and rules were read."""
    asks_neighbours: bool
    links: dict[int, ListedLink]
    addresses: frozenset[Address]
    routes: dict[RouteKey, Route]
    exact: bool
    """Whether every route has a key of its own."""
    sysctls: dict[str, str]
    names: dict[int, str]
    """Devices by index."""
    nexthops: dict[int, Nexthop] = field(default_factory=dict)
    neighbours: dict[NeighbourKey, Neighbour] = field(default_factory=dict)
    rules: set[Rule] = field(default_factory=set)

    def objects(self, traced: frozenset[Link]) -> NamespaceObjects:
        """As values; `traced`: the links with the ends of cables."""
        return NamespaceObjects(
            links=traced,
            addresses=self.addresses,
            routes=frozenset(self.routes.values()),
            nexthops=frozenset(self.nexthops.values()),
            neighbours=frozenset(self.neighbours.values()),
            rules=frozenset(self.rules),
            sysctls=self.sysctls,
        )

    def indexes(self, links: Sequence[str]) -> tuple[int, ...] | None:
        """Of the devices of these names; None: one of them isn't there."""
        known = {name: index for index, name in self.names.items()}
        found = tuple([known[name] for name in links if name in known])
        return found if len(found) == len(links) else None

    def take(self, heard: Heard) -> bool:
        """Take a change over; False: it cannot be, so that this is no longer what is."""
        taking = _TAKING.get(heard.kind)
        return taking is not None and taking(self, heard)

    def _take_link(self, heard: Heard) -> bool:
        """Devices say more than what concerns us; whatever does is too much to take over."""
        if heard.data[heard.start] != socket.AF_UNSPEC:
            return False
        link = links.parse(heard.data, heard.start, heard.end)
        return self.links.get(link.index) == link

    def _take_route(self, heard: Heard) -> bool:
        if heard.data[heard.start] != socket.AF_INET:
            return True
        route = routes.parse(heard.data, heard.start, heard.end, self.names)
        if route is None:
            # One of the kernel's own: nothing of ours, unless it took the place of such.
            return not heard.flags & REPLACE
        if not self.exact:
            return False
        if heard.kind == _DELETE_ROUTE:
            return self.routes.pop(route.key, None) == route
        if route.key in self.routes and not heard.flags & REPLACE:
            return False
        self.routes[route.key] = route
        return True

    def _take_neighbour(self, heard: Heard) -> bool:
        if not self.asks_neighbours or heard.data[heard.start] != socket.AF_INET:
            return True
        key = neighbours.key(heard.data, heard.start, heard.end, self.names)
        neighbour = neighbours.parse(heard.data, heard.start, heard.end, self.names)
        if heard.kind == _NEW_NEIGHBOUR and neighbour is not None:
            self.neighbours[key] = neighbour
        else:
            self.neighbours.pop(key, None)
        return True

    def _take_rule(self, heard: Heard) -> bool:
        if not self.routing_policy or heard.data[heard.start] != socket.AF_INET:
            return True
        rule = rules.parse(heard.data, heard.start, heard.end)
        if rule is not None and heard.kind == _NEW_RULE:
            self.rules.add(rule)
        elif rule is not None:
            self.rules.discard(rule)
        return True

    def _take_nexthop(self, heard: Heard) -> bool:
        if not self.routing_policy:
            return True
        nexthop = nexthops.parse(heard.data, heard.start, heard.end, self.names)
        if nexthop is None:
            return False
        if heard.kind == _NEW_NEXTHOP:
            self.nexthops[nexthop.number] = nexthop
            return True
        # Its routes would go with it, and nothing would be said of them.
        self.nexthops.pop(nexthop.number, None)
        return all(route.nexthop != nexthop.number for route in self.routes.values())


_TAKING: dict[int, Callable[[Listing, Heard], bool]] = {
    _NEW_LINK: Listing._take_link,
    _NEW_ROUTE: Listing._take_route,
    _DELETE_ROUTE: Listing._take_route,
    _NEW_NEIGHBOUR: Listing._take_neighbour,
    _DELETE_NEIGHBOUR: Listing._take_neighbour,
    _NEW_RULE: Listing._take_rule,
    _DELETE_RULE: Listing._take_rule,
    _NEW_NEXTHOP: Listing._take_nexthop,
    _DELETE_NEXTHOP: Listing._take_nexthop,
}
"""How each kind of change is taken over; none for those that never are."""
