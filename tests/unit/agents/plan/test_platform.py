"""The way to the hypervisor's own services."""

from dataclasses import replace

from agents.plan.platform import platform_objects
from agents.plan.vswitch import vswitch_for
from lab.contract.platform import Platform
from tests.unit.agents.states import machine


def test_services_come_before_everything_that_the_guest_is_routed_by() -> None:
    """Whatever the routes of its subnet say (semantics 2.4)."""
    found = vswitch_for(replace(machine(1), platform=Platform())).objects
    ours = platform_objects()
    others = found.rules - ours.rules
    assert ours.rules < found.rules
    assert max(rule.priority for rule in ours.rules) < min(rule.priority for rule in others)


def test_only_what_the_guest_asks_is_the_switchs_own() -> None:
    """A packet from elsewhere to the same address is routed like any other."""
    asked = [rule for rule in platform_objects().rules if rule.destination is not None]
    assert {rule.incoming for rule in asked} == {"nic"}
    assert sorted(str(rule.destination) for rule in asked) == [
        "168.63.129.16/32",
        "169.254.169.254/32",
    ]


def test_where_no_cloud_is_there_is_no_service() -> None:
    found = vswitch_for(machine(1)).objects
    assert found.addresses == frozenset()
    assert not found.rules & platform_objects().rules
