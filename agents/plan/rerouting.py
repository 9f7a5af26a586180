"""What becomes of a switch's routes when those change that its host shares with others.

A route that comes or goes does so in every switch of a subnet. What is to be done
is the same in all of them, but for those that the route concerns more than the others,
and is worked out once for all hosts of a process.
"""

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

from agents.objects.namespace import VSWITCH_NAMESPACE, Desired, NamespaceObjects, Observed
from agents.plan.concerned import concerned
from agents.plan.containers import own_prefixes
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
    resolved,
    shared_routes,
)
from lab.contract.node_state import Address, Nic, Prefix, Vswitch
from lab.contract.state_parts import InCommon, SharedChange


def rerouting_operations(change: SharedChange, vswitch: Vswitch, nic: Nic) -> tuple[Operation, ...]:
    """What makes the routes of a switch that is as desired those after `change`.

    Empty where it isn't what is done in other switches: a route of the change leads to this
    very host, or replaces what every switch has by itself (`agents.plan.routes`).
    """
    answers = Tables([(ANSWERS_TABLE, vswitch.node.answers)] if vswitch.node.answers else [])
    rerouting = _rerouting(change, answers, pods=vswitch.pods is not None)
    if vswitch.underlay_address in rerouting.hosts:
        return ()
    replaced = EVERYTHING in rerouting.prefixes or not rerouting.prefixes.isdisjoint(
        own_prefixes(vswitch, nic)
    )
    return () if replaced else rerouting.operations


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rerouting:
    operations: tuple[Operation, ...]
    hosts: Set[Address]
    """To which other routes lead than before, by their underlay addresses."""
    prefixes: Set[Prefix]
    """That a table has only before, or only afterwards."""


def _tables(shared: InCommon, answers: Tables, *, pods: bool) -> Tables:
    found = [(OUTWARD_TABLE, shared.node.routes)]
    if pods:
        found.append((PODS_TABLE, shared.pods.routes))
    return Tables([*found, *answers])


@lru_cache(maxsize=8)
def _rerouting(change: SharedChange, answers: Tables, *, pods: bool) -> _Rerouting:
    before, after = (
        _tables(shared, answers, pods=pods) for shared in (change.before, change.after)
    )
    if (few := concerned(before, after)) is None:
        one, other = shared_routes(before), shared_routes(after)
    else:
        one, other = map(resolved, few)
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
