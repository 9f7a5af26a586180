"""Of hundreds of routes, those that a change of a few concerns.

What a route becomes follows from the others of its prefix and from the others to its
host (`agents.plan.routes`), so that few need be looked at.
"""

from collections.abc import Iterable, Iterator, Set
from itertools import chain
from operator import is_
from typing import NamedTuple

from agents.plan.routes import DISTINCT, Tables
from lab.contract.node_state import Address, FabricRoute, Prefix

Routes = tuple[FabricRoute, ...]


def concerned(before: Tables, after: Tables) -> tuple[Tables, Tables] | None:
    """Of both, what differs and what leads to the same hosts: all else becomes the same.

    None: that can't be said so simply. Something else has the prefix of one of these, or
    nexthops may not have numbers of their own, or there are other tables than before, or
    another order.
    """
    if [number for number, _ in before] != [number for number, _ in after]:
        return None
    changes = [
        (number, _change(one, other))
        for (number, one), (_, other) in zip(before, after, strict=True)
    ]
    differing: list[FabricRoute] = []
    for _, change in changes:
        gone, stays = _apart(change.before, change.after)
        new, stayed = _apart(change.after, change.before)
        if stays != stayed:
            return None
        differing += gone
        differing += new
    hosts = {route.underlay_address for route in differing if route.underlay_address is not None}
    numbers = {id(route) for route in differing}
    few, others = [], []
    for number, change in changes:
        chosen = _chosen(change, numbers, hosts)
        if chosen is None:
            return None
        few.append((number, chosen[0]))
        others.append((number, chosen[1]))
    return Tables(few), Tables(others)


class _Change(NamedTuple):
    """Of a table, what is the very same objects at its beginning and end, and what is between."""

    head: Routes
    before: Routes
    after: Routes
    tail: Routes


def _change(one: Routes, other: Routes) -> _Change:
    first = _alike(one, other)
    one, other, head = one[first:], other[first:], one[:first]
    last = _alike(one[::-1], other[::-1])
    end = len(one) - last
    return _Change(head, one[:end], other[: len(other) - last], one[end:])


def _alike(one: Routes, other: Routes) -> int:
    """With how many of the very same objects both begin."""
    same = list(map(is_, one, other))
    return same.index(False) if False in same else len(same)


def _apart(routes: Routes, others: Routes) -> tuple[list[FabricRoute], list[int]]:
    """Those of `routes` that aren't among `others`, and in their order the numbers of those that
    are, as far as the very same objects tell."""
    known = set(map(id, others))
    missing = [route for route in routes if id(route) not in known]
    return missing, [number for number in map(id, routes) if number in known]


def _chosen(
    change: _Change, numbers: Set[int], hosts: Set[Address]
) -> tuple[Routes, Routes] | None:
    """Of a table before and after, the routes with these `numbers` and those to `hosts`."""
    if any(route.vni >= DISTINCT for route in chain(*change)):
        return None
    # Hundreds of routes have an address object in common: each is looked up once.
    leads: dict[int, bool] = {}
    others: list[FabricRoute] = []

    def chosen(routes: Routes) -> Iterator[FabricRoute]:
        for route in routes:
            address = route.underlay_address
            if (known := leads.get(id(address))) is None:
                known = leads[id(address)] = address in hosts
            if known or id(route) in numbers:
                yield route
            else:
                others.append(route)

    # What is the same is looked at once for both.
    head, before, after, tail = (tuple(chosen(routes)) for routes in change)
    both = (*head, *before, *tail), (*head, *after, *tail)
    prefixes = [{route.prefix for route in each} for each in both]
    if any(len(distinct) < len(each) for distinct, each in zip(prefixes, both, strict=True)):
        return None
    return None if _has_one_of(others, prefixes[0] | prefixes[1]) else both


def _has_one_of(routes: Iterable[FabricRoute], prefixes: Set[Prefix]) -> bool:
    # A number is compared in a fraction of the time that a prefix takes.
    begins = {int(prefix.network_address) for prefix in prefixes}
    return any(
        int(route.prefix.network_address) in begins and route.prefix in prefixes for route in routes
    )
