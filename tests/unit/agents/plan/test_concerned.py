"""Which of many routes a change of a few concerns; that it is enough: test_rerouting."""

from dataclasses import replace

import pytest

from agents.plan.concerned import concerned
from agents.plan.routes import DISTINCT, OUTWARD_TABLE, PODS_TABLE, Tables
from lab.contract.node_state import FabricRoute
from tests.unit.agents.states import fabric_route, pod_range_of, routes_of

MANY = routes_of(nodes=range(1, 50))
NEW = fabric_route("10.99.0.0/24", 7)


def table(*routes: FabricRoute, number: int = OUTWARD_TABLE) -> Tables:
    return Tables([(number, routes)])


def test_it_is_what_differs_and_what_else_leads_to_the_same_hosts() -> None:
    to_seven = {each for each in MANY if each.underlay_address == NEW.underlay_address}
    few = concerned(table(*MANY), table(*MANY, NEW))
    assert few is not None
    ((_, before),), ((_, after),) = few
    assert set(before) == to_seven
    assert set(after) == {*to_seven, NEW}
    assert concerned(table(*MANY, NEW), table(*MANY)) == few[::-1]


def test_nothing_differs_and_nothing_is_concerned() -> None:
    assert concerned(table(*MANY), table(*MANY)) == (table(), table())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(table(*MANY), table(*MANY, number=PODS_TABLE), id="other tables"),
        pytest.param(table(*MANY), table(*reversed(MANY), NEW), id="another order"),
        pytest.param(
            table(*MANY), table(*MANY, fabric_route(pod_range_of(3), 7)), id="a prefix twice"
        ),
        pytest.param(
            table(*MANY, NEW, fabric_route(NEW.prefix, 9)),
            table(*MANY, fabric_route(NEW.prefix, 9)),
            id="a prefix that was there twice",
        ),
        pytest.param(
            table(*MANY), table(*MANY, replace(NEW, vni=DISTINCT)), id="numbers may be the same"
        ),
    ],
)
def test_what_is_not_so_simple_is_left_to_who_looks_at_all(before: Tables, after: Tables) -> None:
    assert concerned(before, after) is None
