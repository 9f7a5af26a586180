"""Of hundreds of routes, those that a change of a few concerns.

What a route becomes follows from the others of its prefix and from the others to its
host (`agents.plan.routes`), so that few need be looked at.
"""

from collections.abc import Iterable, Set

from agents.plan.routes import DISTINCT, Tables
from lab.contract.node_state import Address, FabricRoute, Prefix


def concerned(before: Tables, after: Tables) -> tuple[Tables, Tables] | None:
    """Of both, what differs and what leads to the same hosts: all else becomes the same.

    None: that can't be said so simply. Something else has the prefix of one of these, or
    nexthops may not have numbers of their own, or there are other tables than before, or
    another order.
    """
    if [number for number, _ in before] != [number for number, _ in after]:
        return None
    differing: list[FabricRoute] = []
    for (_, one), (_, other) in zip(before, after, strict=True):
        if one is not other:
            gone, stays = _apart(one, other)
            new, stayed = _apart(other, one)
            if stays != stayed:
                return None
            differing += gone
            differing += new
    hosts = {route.underlay_address for route in differing if route.underlay_address is not None}
    numbers = {id(route) for route in differing}
    few, others = (_chosen(tables, numbers, hosts) for tables in (before, after))
    return None if few is None or others is None else (few, others)


def _apart(
    routes: tuple[FabricRoute, ...], others: tuple[FabricRoute, ...]
) -> tuple[list[FabricRoute], list[int]]:
    """Those of `routes` that aren't among `others`, and in their order the numbers of those that
    are, as far as the very same objects tell."""
    known = set(map(id, others))
    missing = [route for route in routes if id(route) not in known]
    return missing, [number for number in map(id, routes) if number in known]


def _chosen(tables: Tables, numbers: Set[int], hosts: Set[Address]) -> Tables | None:
    # Hundreds of routes have an address object in common: each is looked up once.
    leads: dict[int, bool] = {}
    found = []
    for number, routes in tables:
        chosen: list[FabricRoute] = []
        others: list[FabricRoute] = []
        for route in routes:
            if route.vni >= DISTINCT:
                return None
            address = route.underlay_address
            if (known := leads.get(id(address))) is None:
                known = leads[id(address)] = address in hosts
            (chosen if known or id(route) in numbers else others).append(route)
        prefixes = {route.prefix for route in chosen}
        if len(prefixes) < len(chosen) or _has_one_of(others, prefixes):
            return None
        found.append((number, tuple(chosen)))
    return Tables(found)


def _has_one_of(routes: Iterable[FabricRoute], prefixes: Set[Prefix]) -> bool:
    # A number is compared in a fraction of the time that a prefix takes.
    begins = {int(prefix.network_address) for prefix in prefixes}
    return any(
        int(route.prefix.network_address) in begins and route.prefix in prefixes for route in routes
    )
