"""What becomes of a switch's routes when those change that its host shares with others.

A route that comes or goes does so in every switch of a subnet. What is to be done
is the same in all of them, but for those that the route concerns more than the others,
and is worked out once for all hosts of a process.
"""

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

from agents.objects.namespace import VSWITCH_NAMESPACE, Desired, NamespaceObjects, Observed
from agents.plan.containers import node_addresses, pod_addresses
from agents.plan.diff import operations_between
from agents.plan.operations import Operation
from agents.plan.ownership import Ownership
from agents.plan.routes import (
    ANSWERS_TABLE,
    EVERYTHING,
    OUTWARD_TABLE,
    PODS_TABLE,
    FabricRoutes,
    Tables,
    shared_routes,
)
from lab.contract.node_state import Address, FabricRoute, Nic, Prefix, Vswitch
from lab.contract.state_parts import InCommon, SharedChange


def rerouting_operations(change: SharedChange, vswitch: Vswitch, nic: Nic) -> tuple[Operation, ...]:
    """What makes the routes of a switch that is as desired those after `change`.

    Empty where it isn't what is done in other switches: a route of the change leads to this
    very host, or replaces what every switch has by itself (`agents.plan.routes`).
    """
    rerouting = _rerouting(_tables(change.before, vswitch), _tables(change.after, vswitch))
    if vswitch.underlay_address in rerouting.hosts:
        return ()
    own = {EVERYTHING, *node_addresses(vswitch, nic), *pod_addresses(vswitch, nic)}
    return rerouting.operations if rerouting.prefixes.isdisjoint(own) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rerouting:
    operations: tuple[Operation, ...]
    hosts: Set[Address]
    """To which other routes lead than before, by their underlay addresses."""
    prefixes: Set[Prefix]
    """That a table has only before, or only afterwards."""


def _tables(shared: InCommon, vswitch: Vswitch) -> Tables:
    found: list[tuple[int, tuple[FabricRoute, ...]]] = [(OUTWARD_TABLE, shared.node.routes)]
    if vswitch.pods is not None:
        found.append((PODS_TABLE, shared.pods.routes))
    if vswitch.node.answers:
        found.append((ANSWERS_TABLE, vswitch.node.answers))
    return Tables(found)


@lru_cache(maxsize=8)
def _rerouting(before: Tables, after: Tables) -> _Rerouting:
    one, other = shared_routes(before), shared_routes(after)
    wanted = Desired(subject="vswitch", objects=_differing(other.everywhere, one.everywhere))
    seen = Observed(objects=_differing(one.everywhere, other.everywhere))
    return _Rerouting(
        operations=operations_between(
            {VSWITCH_NAMESPACE: wanted}, {VSWITCH_NAMESPACE: seen}, Ownership()
        ),
        hosts={
            host
            for host in one.by_host.keys() | other.by_host.keys()
            if one.by_host.get(host) != other.by_host.get(host)
        },
        prefixes={prefix for _, prefix in one.prefixes ^ other.prefixes},
    )


def _differing(these: FabricRoutes, those: FabricRoutes) -> NamespaceObjects:
    return NamespaceObjects(
        routes=these.routes - those.routes, nexthops=these.nexthops - those.nexthops
    )
