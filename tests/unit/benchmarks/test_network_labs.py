"""Labs of rules and routes are labs, and have what was asked for."""

from benchmarks import network_labs
from lab.topology.load import parse


def test_labs_that_change_differ_in_what_changes() -> None:
    before = parse(network_labs.changeable(nodes=3, rules=5).sources())
    assert parse(network_labs.changeable(nodes=3, rules=5).sources()) == before
    for changed in ({"denied": True}, {"dropped": True}):
        assert parse(network_labs.changeable(nodes=3, rules=5, **changed).sources()) != before


def test_security_rules_are_shared_out_to_both_gates() -> None:
    lab = parse(network_labs.filtered(rules=(0, 2000)).sources())
    groups = lab.cloud.network_security_groups
    assert [len(group.security_rules) for group in groups] == [1000, 1000]


def test_a_route_table_is_as_long_as_asked() -> None:
    lab = parse(network_labs.routed(machines=100, routes=400).sources())
    assert len(lab.virtual_machines) == 100
    assert [len(table.routes) for table in lab.cloud.route_tables] == [400]
    assert parse(network_labs.routed(machines=2, routes=0).sources()).cloud.route_tables == ()
