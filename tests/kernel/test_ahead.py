"""Packets meet routes and rules that were changed ahead of the round (decision 0107)."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path
from threading import Event, Thread

import pytest

from lab.contract.node_state import FabricRoute, NetworkContainer, NodeState, SecurityGate
from lab.contract.state_parts import InCommon, SharedChange
from tests.kernel.hosts import Host, Site
from tests.kernel.packets import capture, send
from tests.unit.agents.plan.test_security import REST
from tests.unit.agents.states import address_of, fabric_route, machine, routes_of

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


BEHIND = IPv4Network("10.0.99.0/24")
"""Reached by way of an appliance; all else of 10.0.0.0/16 is dropped."""
AT_MOST = 20_000
"""Packets that a test sends."""
COUNTING = f"""
table ip counting {{
    chain arriving {{
        type filter hook prerouting priority 0
        ip daddr {BEHIND} counter drop
    }}
}}"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "site")
    yield site
    site.close()


@pytest.mark.parametrize("ahead", [True, False], ids=["ahead", "by rounds"])
def test_no_packet_is_lost_while_a_route_turns_to_another_host(site: Site, ahead: bool) -> None:
    """Each one goes the old way or the new one, as many as there are on the way."""
    everybody = routes_of(nodes=(), machines=(1, 2, 3))
    one, *appliances = (site.host(number) for number in (1, 2, 3))
    for number, appliance in enumerate(appliances, 2):
        appliance.reconcile(machine(number, routes=everybody, forwarding=True))
    # The hosts that routes lead to come and go with them: nobody else leads there.
    way, other = ((everybody[0], everybody[1], fabric_route(BEHIND, number)) for number in (2, 3))
    one.reconcile(machine(1, routes=way))
    ended, sent = Event(), 0

    def stream() -> None:
        nonlocal sent
        with one.inside("node"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            while not ended.is_set() and sent < AT_MOST:
                udp.sendto(b"%d" % sent, (str(BEHIND[9]), 40000))
                sent += 1

    for appliance in appliances:
        appliance.run("node", "nft", COUNTING)
    streaming = Thread(target=stream)
    streaming.start()
    try:
        for _ in range(10):
            for before, after in ((way, other), (other, way)):
                if ahead:
                    assert one.kept.anticipate(change(before, after)) > 0
                one.reconcile(machine(1, routes=after))
    finally:
        ended.set()
        streaming.join()
    one.reconcile(machine(1, routes=everybody))
    counted = []
    for number, appliance in enumerate(appliances, 2):
        with capture(appliance, "node", "eth0") as seen:
            send(one, "node", source=address_of(1), destination=address_of(number), payload=b"end")
            seen.datagrams_until(b"end")
        (packets,) = re.findall(r"packets (\d+)", appliance.run("node", "nft", "list ruleset"))
        counted.append(int(packets))
    assert sum(counted) == sent
    assert all(counted)
