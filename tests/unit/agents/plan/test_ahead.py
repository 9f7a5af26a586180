"""What is done of a change ahead of the rounds is what each of them would have come to."""

from dataclasses import replace
from random import Random

import pytest

from agents.objects.namespace import VSWITCH_NAMESPACE, Observed
from agents.plan.ahead import operations_ahead
from agents.plan.diff import operations_between
from agents.plan.operations import LoadRuleset, Operation
from agents.plan.ownership import Ownership
from agents.plan.vswitch import vswitch_for
from lab.contract.node_state import Edge, NetworkContainer, NodeState, SecurityGate
from lab.contract.state_parts import InCommon, SharedChange
from tests.unit.agents.plan.test_security import REST, WEB, gate
from tests.unit.agents.states import machine, pod_range_of, routes_of

NOTHING = NetworkContainer()
OPEN, CLOSED = gate(WEB, REST), gate(replace(WEB, allow=False), REST)


def host(node: NetworkContainer, pods: NetworkContainer | None) -> NodeState:
    state = machine(9)
    if pods is not None:
        pods = replace(pods, addresses=(pod_range_of(9),))
    return replace(state, vswitch=replace(state.vswitch, node=node, pods=pods))


def ahead(before: NodeState, after: NodeState) -> tuple[Operation, ...]:
    """Of a host that shares all of it with others."""
    one, other = (
        InCommon(node=each.vswitch.node, pods=replace(each.vswitch.pods or NOTHING, addresses=()))
        for each in (before, after)
    )
    return operations_ahead(SharedChange(before=one, after=other), before, vswitch_for(before))


def by_itself(before: NodeState, after: NodeState) -> tuple[Operation, ...]:
    there, wanted = vswitch_for(before), vswitch_for(after)
    digests = {ruleset.name: ruleset.digest for ruleset in there.rulesets}
    seen = Observed(objects=there.objects, rulesets=digests)
    return operations_between({VSWITCH_NAMESPACE: wanted}, {VSWITCH_NAMESPACE: seen}, Ownership())


@pytest.mark.parametrize("seed", range(80))
def test_it_is_all_that_the_switch_would_have_come_to(seed: int) -> None:
    """As long as no direction of a container begins or ends to have gates."""
    random = Random(seed)

    def gates() -> tuple[SecurityGate, ...]:
        return tuple(random.choices([OPEN, CLOSED], k=random.choice((1, 2))))

    def container() -> NetworkContainer:
        routes = routes_of(nodes=range(1, random.choice((4, 5, 6))))
        return NetworkContainer(routes=routes, inbound=gates(), outbound=gates())

    with_pods = random.choice((True, False))
    before, after = (host(container(), container() if with_pods else None) for _ in range(2))
    assert set(ahead(before, after)) == set(by_itself(before, after))


def test_rules_come_before_routes() -> None:
    before = host(NetworkContainer(routes=routes_of(nodes=(1,)), inbound=(OPEN,)), None)
    after = host(NetworkContainer(routes=routes_of(nodes=(1, 2)), inbound=(CLOSED,)), None)
    first, *others = ahead(before, after)
    assert isinstance(first, LoadRuleset)
    assert others
    assert not any(isinstance(each, LoadRuleset) for each in others)


def test_a_direction_that_begins_or_ends_to_have_gates_is_left_to_the_round() -> None:
    """What the host has there by itself counts then."""
    without, gated = host(NOTHING, None), host(NetworkContainer(inbound=(OPEN,)), None)
    both = host(NetworkContainer(inbound=(OPEN,), outbound=(OPEN,)), None)
    assert ahead(without, gated) == ahead(gated, without) == ()
    assert ahead(gated, both) == ahead(both, gated) == ()


def test_gates_of_the_host_alone_stay() -> None:
    """Others in common mean another table, in which they are as they were."""
    own = NetworkContainer(inbound=(OPEN, CLOSED), outbound=(OPEN,))
    before = host(own, None)
    change = SharedChange(
        before=InCommon(node=NetworkContainer(outbound=(OPEN,)), pods=NOTHING),
        after=InCommon(node=NetworkContainer(outbound=(CLOSED,)), pods=NOTHING),
    )
    after = host(replace(own, outbound=(CLOSED,)), None)
    assert operations_ahead(change, before, vswitch_for(before)) == by_itself(before, after)


def test_where_virtual_networks_end_nothing_is_done_ahead() -> None:
    gated = host(NetworkContainer(inbound=(OPEN,)), None)
    before = replace(gated, edge=Edge())
    change = SharedChange(
        before=InCommon(node=NetworkContainer(inbound=(OPEN,)), pods=NOTHING),
        after=InCommon(node=NetworkContainer(inbound=(CLOSED,)), pods=NOTHING),
    )
    assert operations_ahead(change, before, vswitch_for(gated)) == ()
