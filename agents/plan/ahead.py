"""What can be done of a change before the round that is for all of it.

Most changes of a lab concern what hosts share, routes or gates, and are the same to all of
them. That is done first, in all hosts of a process (decision 0107).
"""

from dataclasses import replace
from functools import lru_cache

from agents.objects.namespace import VSWITCH_NAMESPACE, Desired
from agents.plan.containers import pod_addresses
from agents.plan.operations import LoadRuleset, Operation
from agents.plan.rerouting import rerouting_operations
from agents.plan.routes import NIC_LINK
from agents.plan.security import SECURITY_TABLE, security_table
from lab.contract.node_state import NetworkContainer, NodeState
from lab.contract.state_parts import SharedChange

_GATES = ("inbound", "outbound")


def operations_ahead(
    change: SharedChange, state: NodeState, vswitch: Desired
) -> tuple[Operation, ...]:
    """What makes routes and gates of a switch those after `change`, as far as it is simple.

    `state` and `vswitch`: what was wanted of the host before, and what that made of
    its switch. Rules come before routes, as in a round.
    """
    if state.edge is not None:
        return ()
    rerouting = rerouting_operations(change, state.vswitch, state.nic)
    if not _regates(change):
        # The very same in most hosts, so that it is encoded once for them.
        return rerouting
    return *_gating(change, state, vswitch), *rerouting


@lru_cache(maxsize=8)
def _regates(change: SharedChange) -> bool:
    before, after = change.before, change.after
    return any(
        getattr(one, name) != getattr(other, name)
        for one, other in ((before.node, after.node), (before.pods, after.pods))
        for name in _GATES
    )


def _gating(change: SharedChange, state: NodeState, vswitch: Desired) -> tuple[LoadRuleset, ...]:
    """Another table of gates in place of the one that there is."""
    node, pods = state.vswitch.node, state.vswitch.pods
    renewed = _renewed(node, change.before.node, change.after.node)
    renewed_pods = pods and _renewed(pods, change.before.pods, change.after.pods)
    standing = next((each for each in vswitch.rulesets if each.name == SECURITY_TABLE), None)
    if standing is None or (renewed is node and renewed_pods is pods):
        return ()
    wanted = security_table(
        replace(state.vswitch, node=renewed, pods=renewed_pods),
        nic_link=NIC_LINK,
        pods=pod_addresses(state.vswitch, state.nic),
        probed=bool(state.health_probes),
    )
    if wanted is None:
        return ()
    return (
        LoadRuleset(
            namespace=VSWITCH_NAMESPACE, subject=vswitch.subject, reason="differs", ruleset=wanted
        ),
    )


def _renewed(
    container: NetworkContainer, before: NetworkContainer, after: NetworkContainer
) -> NetworkContainer:
    """`container` with the gates that are others after than before; the very same: none are.

    Where a direction has none in common before or after, its own count: that is a round's.
    """
    differing = {
        name: value
        for name in _GATES
        if (value := getattr(after, name))
        and getattr(before, name)
        and value != getattr(before, name)
    }
    return replace(container, **differing) if differing else container
