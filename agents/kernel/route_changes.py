"""Changes of routes and nexthops alone, encoded once for all hosts that do the same ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from agents.kernel import nexthops, routes
from agents.kernel.netlink import Batch, Request, batch
from agents.objects.nexthop import Nexthop
from agents.objects.route import Route
from agents.plan.operations import Add, Change, Operation, Remove

_FEW = 64
"""More are rarely the same in many hosts, and take longer to recognise."""


@dataclass(frozen=True, slots=True, eq=False)
class RouteChanges:
    """Operations in one namespace."""

    namespace: str
    operations: tuple[Operation, ...]
    links: tuple[str, ...]
    """Devices that they name."""
    _encoded: dict[tuple[tuple[int, ...], bool], Batch] = field(default_factory=dict)
    """By the indexes of `links`: the same in most hosts, which make them in the same order."""

    def encoded(self, indexes: tuple[int, ...], *, echo: bool) -> Batch:
        """A request for each operation, where `links` have these indexes."""
        if (known := self._encoded.get((indexes, echo))) is None:
            index = dict(zip(self.links, indexes, strict=True)).__getitem__
            requests = [route_request(operation, index) for operation in self.operations]
            known = self._encoded[indexes, echo] = batch(requests, echo=echo)
        return known


def route_changes(operations: Sequence[Operation]) -> RouteChanges | None:
    """`operations` as such, if they are few and change routes and nexthops of one namespace."""
    return _recognised(_Same(operations)) if 0 < len(operations) <= _FEW else None


def is_of_a_route(operation: Operation) -> bool:
    """Whether it is about a route or a nexthop."""
    return isinstance(operation, Add | Change | Remove) and isinstance(
        operation.value, Route | Nexthop
    )


class _Same:
    """Equal only where the operations are the very same: quicker than to look at them."""

    __slots__ = ("operations",)

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def __hash__(self) -> int:
        return id(self.operations)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.operations is self.operations


@lru_cache(maxsize=16)
def _recognised(same: _Same) -> RouteChanges | None:
    operations = same.operations
    return _remembered(tuple(operations)) if all(map(is_of_a_route, operations)) else None


@lru_cache(maxsize=16)
def _remembered(operations: tuple[Add | Change | Remove, ...]) -> RouteChanges | None:
    spaces = {operation.namespace for operation in operations}
    links = {
        operation.value.link
        for operation in operations
        if isinstance(operation.value, Route | Nexthop) and operation.value.link is not None
    }
    if len(spaces) > 1:
        return None
    return RouteChanges(spaces.pop(), operations, tuple(sorted(links)))


def route_request(operation: Operation, index: Callable[[str], int]) -> Request:
    """The message for an operation on a route or nexthop; `index` is that of a device by name."""
    match operation:
        case Add(value=Route() as route):
            return routes.add(route, _index(route, index))
        case Add(value=Nexthop() as nexthop):
            return nexthops.add(nexthop, index(nexthop.link))
        case Change(value=Route() as route):
            return routes.change(route, _index(route, index))
        case Change(value=Nexthop() as nexthop):
            return nexthops.change(nexthop, index(nexthop.link))
        case Remove(value=Route() as route):
            return routes.remove(route)
        case Remove(value=Nexthop() as nexthop):
            return nexthops.remove(nexthop)
    raise ValueError(f"changes neither a route nor a nexthop: {operation}")


def _index(route: Route, index: Callable[[str], int]) -> int | None:
    return None if route.link is None else index(route.link)
