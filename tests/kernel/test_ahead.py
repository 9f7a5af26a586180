"""Packets meet routes and rules that were changed ahead of the round (decision 0107)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lab.contract.node_state import FabricRoute, NetworkContainer, NodeState, SecurityGate
from lab.contract.state_parts import InCommon, SharedChange
from tests.kernel.hosts import Host, Site
from tests.unit.agents.plan.test_security import REST
from tests.unit.agents.states import address_of, machine, routes_of

pytestmark = pytest.mark.kernel

ALONE, TOGETHER = (routes_of(nodes=(), machines=machines) for machines in ((1,), (1, 2)))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """One that has no route to another one, which has one to it."""
    site = Site(tmp_path / "site")
    host = site.host(1)
    host.reconcile(machine(1, routes=ALONE))
    site.host(2).reconcile(machine(2, routes=TOGETHER))
    yield host
    site.close()


def change(before: tuple[FabricRoute, ...], after: tuple[FabricRoute, ...]) -> SharedChange:
    return SharedChange(
        before=InCommon(node=NetworkContainer(routes=before), pods=NetworkContainer()),
        after=InCommon(node=NetworkContainer(routes=after), pods=NetworkContainer()),
    )


def is_answered(host: Host) -> bool:
    said = host.run("node", "ping", "-c1", "-W1", str(address_of(2)), check=False)
    return ", 0% packet loss" in said


def test_packets_take_them_before_any_round(host: Host) -> None:
    assert not is_answered(host)
    assert host.kept.anticipate(change(ALONE, TOGETHER)) == 2
    assert is_answered(host)
    assert host.reconcile(machine(1, routes=TOGETHER)).operations == 0
    assert host.kept.anticipate(change(TOGETHER, ALONE)) == 2
    assert not is_answered(host)
    assert host.reconcile(machine(1, routes=ALONE)).operations == 0


def test_what_somebody_else_has_removed_meanwhile_is_mended_by_the_round(host: Host) -> None:
    assert host.kept.anticipate(change(ALONE, TOGETHER)) == 2
    host.run("host", "ip", "route", "del", str(address_of(2)), "table", "100")
    assert not is_answered(host)
    assert host.reconcile(machine(1, routes=TOGETHER)).operations == 1
    assert is_answered(host)


def test_refusals_of_the_kernel_leave_it_to_the_round(host: Host) -> None:
    """Somebody had one of the routes already."""
    host.run("host", *f"ip route add {address_of(2)} dev vx0 table 100 proto 118".split())
    assert host.kept.anticipate(change(ALONE, TOGETHER)) == 1
    host.reconcile(machine(1, routes=TOGETHER))
    assert is_answered(host)


def guarded(*, allow: bool) -> NodeState:
    """The host with a gate that lets out all or nothing."""
    gate = SecurityGate(
        name="subnet x", network_security_group="group", rules=(replace(REST, allow=allow),)
    )
    state = machine(1, routes=TOGETHER)
    container = replace(state.vswitch.node, outbound=(gate,))
    return replace(state, vswitch=replace(state.vswitch, node=container))


def test_packets_meet_shared_rules_before_any_round(host: Host) -> None:
    allowing, denying = guarded(allow=True), guarded(allow=False)
    host.reconcile(allowing)
    assert is_answered(host)
    for state, other, answered in ((allowing, denying, False), (denying, allowing, True)):
        one, two = (
            InCommon(
                node=NetworkContainer(outbound=each.vswitch.node.outbound), pods=NetworkContainer()
            )
            for each in (state, other)
        )
        assert host.kept.anticipate(SharedChange(before=one, after=two)) == 1
        assert is_answered(host) is answered
        assert host.reconcile(other).operations == 0
