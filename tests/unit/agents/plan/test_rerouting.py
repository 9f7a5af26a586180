"""What is worked out once for all switches is what each of them would have come to."""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Network
from random import Random

import pytest

from agents.objects.namespace import VSWITCH_NAMESPACE, Desired, Observed
from agents.plan.diff import operations_between
from agents.plan.operations import Operation
from agents.plan.ownership import Ownership
from agents.plan.rerouting import rerouting_operations
from agents.plan.vswitch import vswitch_for
from lab.contract.node_state import Delivery, FabricRoute, NetworkContainer, NodeState
from lab.contract.state_parts import InCommon, SharedChange
from tests.unit.agents.states import (
    VNI,
    address_of,
    fabric_route,
    machine,
    pod_range_of,
    routes_of,
)

OTHER = 9
"""A host that no route concerns."""


def state_with(routes: Iterable[FabricRoute], number: int = OTHER) -> NodeState:
    return machine(number, routes=routes)


def ahead(
    before: Iterable[FabricRoute], after: Iterable[FabricRoute], number: int = OTHER
) -> tuple[Operation, ...]:
    return done_of(changing(before, after), number)


def changing(before: Iterable[FabricRoute], after: Iterable[FabricRoute]) -> SharedChange:
    return SharedChange(
        before=InCommon(node=NetworkContainer(routes=tuple(before)), pods=NetworkContainer()),
        after=InCommon(node=NetworkContainer(routes=tuple(after)), pods=NetworkContainer()),
    )


def done_of(change: SharedChange, number: int) -> tuple[Operation, ...]:
    state = state_with((), number)
    return rerouting_operations(change, state.vswitch, state.nic)


def by_itself(before: NodeState, after: NodeState) -> tuple[Operation, ...]:
    return between(vswitch_for(before), vswitch_for(after))


def between(before: Desired, after: Desired) -> tuple[Operation, ...]:
    seen = Observed(
        objects=before.objects,
        rulesets={ruleset.name: ruleset.digest for ruleset in before.rulesets},
    )
    name = VSWITCH_NAMESPACE
    return operations_between({name: after}, {name: seen}, Ownership())


@pytest.mark.parametrize("duplicates", [True, False])
@pytest.mark.parametrize("networks", [(VNI,), (VNI, VNI + 1), (VNI, VNI + 8192)])
@pytest.mark.parametrize("seed", range(60))
def test_it_is_what_a_switch_would_have_come_to(
    seed: int, networks: tuple[int, ...], *, duplicates: bool
) -> None:
    """Or nothing, where this one differs from all others."""
    random = Random(seed)
    every = [
        *(replace(each, vni=random.choice(networks)) for each in routes_of(nodes=range(1, 8))),
        *(fabric_route(pod_range_of(1), number) for number in (3, 4) if duplicates),
        *(fabric_route(IPv4Network(address_of(2)), number) for number in (5, 6) if duplicates),
        fabric_route("0.0.0.0/0", 7, Delivery.INTERNET),
        FabricRoute(prefix=pod_range_of(2), delivery=Delivery.DROP),
    ]
    before, after = (random.sample(every, random.randint(3, len(every))) for _ in range(2))
    if random.random() < 0.5:
        # A few others, as most changes are.
        after = [each for each in before if random.random() < 0.9] + random.sample(every, 1)
    for number in range(1, 10):
        operations = ahead(before, after, number)
        alone = by_itself(state_with(before, number), state_with(after, number))
        assert set(operations) in (set(), set(alone))


def test_a_node_more_is_three_operations_in_every_other_switch() -> None:
    before, after = routes_of(nodes=range(1, 4)), routes_of(nodes=range(1, 5))
    change = changing(before, after)
    assert len(done_of(change, OTHER)) == 3
    assert done_of(change, OTHER) is done_of(change, 2)
    assert done_of(change, 4) == ()


def test_a_way_that_every_switch_has_by_itself_is_left_to_the_round() -> None:
    """The default, which else drops, and the port's own addresses."""
    before = routes_of(nodes=range(1, 4))
    default = (*before, fabric_route("0.0.0.0/0", 3, Delivery.INTERNET))
    assert ahead(before, default) == ahead(default, before) == ()
    own = (*before, fabric_route(IPv4Network(address_of(OTHER)), 3))
    assert ahead(before, own) == ahead(own, before) == ()
    assert len(ahead(before, own, 8)) == 1


def test_routes_of_pods_go_to_the_table_of_pods() -> None:
    some, more = routes_of(nodes=range(1, 4)), routes_of(nodes=range(1, 5))
    state = state_with(some)
    pods = NetworkContainer(addresses=(pod_range_of(OTHER),), routes=some)
    with_pods = replace(state, vswitch=replace(state.vswitch, pods=pods))
    change = SharedChange(
        before=InCommon(node=NetworkContainer(routes=some), pods=NetworkContainer(routes=some)),
        after=InCommon(node=NetworkContainer(routes=some), pods=NetworkContainer(routes=more)),
    )
    later = replace(with_pods, vswitch=replace(with_pods.vswitch, pods=replace(pods, routes=more)))
    operations = rerouting_operations(change, with_pods.vswitch, with_pods.nic)
    assert len(operations) == 3
    assert set(operations) == set(by_itself(with_pods, later))


def test_what_members_of_pools_answer_by_is_as_it_was() -> None:
    some, more = routes_of(nodes=range(1, 4)), routes_of(nodes=range(1, 5))
    state = state_with(some)
    answering = replace(state.vswitch.node, answers=(fabric_route("0.0.0.0/0", 7),))
    before = replace(state, vswitch=replace(state.vswitch, node=answering))
    after = replace(before, vswitch=replace(before.vswitch, node=replace(answering, routes=more)))
    change = SharedChange(
        before=InCommon(node=NetworkContainer(routes=some), pods=NetworkContainer()),
        after=InCommon(node=NetworkContainer(routes=more), pods=NetworkContainer()),
    )
    operations = rerouting_operations(change, before.vswitch, before.nic)
    assert len(operations) == 3
    assert set(operations) == set(by_itself(before, after))
