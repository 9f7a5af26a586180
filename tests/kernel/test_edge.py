"""A switch without a guest, brought up from a state written by hand (semantics 2.6).

Two machines behind a NAT gateway, and a host of the Internet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest

from lab.contract.node_state import (
    Delivery,
    Edge,
    NodeKind,
    NodeState,
    PortLease,
    PortRange,
    SourceTranslation,
)
from tests.kernel.hosts import Host, Site
from tests.kernel.packets import capture, send
from tests.unit.agents.states import address_of, fabric_route, machine, underlay_of

pytestmark = pytest.mark.kernel

ONE, TWO, WEBSITE_HOST, NAT, FRONT = 1, 2, 3, 4, 5
WEBSITE = IPv4Address("203.0.113.10")
PUBLIC, SHARED = IPv4Address("20.50.0.10"), IPv4Address("20.50.0.20")
LEASE = PortLease(
    public_address=SHARED,
    ports=PortRange(first=2048, last=2055),
    locator=IPv4Address("240.0.0.2"),
)


@dataclass(frozen=True, slots=True)
class Lab:
    translated: Host
    leasing: Host
    website: Host
    nat: Host
    states: dict[int, NodeState]


def edge(number: int, kind: NodeKind, made: Edge) -> NodeState:
    return replace(machine(number), kind=kind, edge=made)


def states() -> dict[int, NodeState]:
    website = machine(
        WEBSITE_HOST,
        routes=[
            fabric_route(IPv4Network(PUBLIC), NAT, Delivery.INTERNET),
            fabric_route(IPv4Network(SHARED), FRONT, Delivery.INTERNET),
        ],
    )
    switch = replace(website.vswitch, node=replace(website.vswitch.node, public_address=WEBSITE))
    leasing = machine(TWO, routes=[fabric_route("0.0.0.0/0", WEBSITE_HOST, Delivery.INTERNET)])
    leased = replace(leasing.vswitch.node, leases=(LEASE,))
    out = fabric_route(IPv4Network(WEBSITE), WEBSITE_HOST, Delivery.INTERNET)
    translation = SourceTranslation(public_addresses=(PUBLIC,), tcp_idle_seconds=240)
    return {
        ONE: machine(ONE, routes=[fabric_route("0.0.0.0/0", NAT)]),
        TWO: replace(leasing, vswitch=replace(leasing.vswitch, node=leased)),
        WEBSITE_HOST: replace(
            website,
            kind=NodeKind.INTERNET_HOST,
            vswitch=switch,
            nic=replace(
                website.nic,
                primary=IPv4Interface(f"{WEBSITE}/24"),
                gateway=IPv4Address("203.0.113.1"),
            ),
        ),
        NAT: edge(
            NAT,
            NodeKind.NAT_GATEWAY,
            Edge(
                outward=(out,),
                inward=(fabric_route(IPv4Network(address_of(ONE)), ONE),),
                translation=translation,
            ),
        ),
        FRONT: edge(
            FRONT,
            NodeKind.LOAD_BALANCER,
            Edge(inward=(fabric_route("240.0.0.2/32", TWO, Delivery.INTERNET),), leases=(LEASE,)),
        ),
    }


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    site = Site(Path(tmp_path_factory.mktemp("site")))
    made = states()
    hosts = {number: site.host(number) for number in made}
    for number, state in made.items():
        done = hosts[number].reconcile(state)
        assert [c for c in done.conditions if c.reason] == []
    yield Lab(hosts[ONE], hosts[TWO], hosts[WEBSITE_HOST], hosts[NAT], made)
    site.close()


def test_a_second_round_writes_nothing(lab: Lab) -> None:
    for number, host in ((ONE, lab.translated), (TWO, lab.leasing), (NAT, lab.nat)):
        assert host.reconcile(lab.states[number]).operations == 0


def test_an_edge_has_no_machine(lab: Lab) -> None:
    assert "eth0" not in lab.nat.run("node", "ip", "-o", "link")
    assert "nic" not in lab.nat.run("host", "ip", "-o", "link")


def test_the_internet_sees_the_gateways_address(lab: Lab) -> None:
    with capture(lab.website, "node", "eth0") as seen:
        send(lab.translated, "node", source=address_of(ONE), destination=WEBSITE, payload=b"out")
        assert seen.datagrams_until(b"out")[-1].source == PUBLIC


def test_answers_find_the_machine_and_nothing_else_gets_in(lab: Lab) -> None:
    """The port of the packet before is the machine's until the gateway forgets it."""
    with capture(lab.translated, "node", "eth0") as seen:
        send(lab.translated, "node", source=address_of(ONE), destination=WEBSITE, payload=b"ask")
        send(lab.website, "node", source=WEBSITE, destination=PUBLIC, payload=b"no", port=40001)
        send(lab.website, "node", source=WEBSITE, destination=PUBLIC, payload=b"yes")
        assert [d.payload for d in seen.datagrams_until(b"yes")] == [b"yes"]


def test_no_ttl_is_lost_on_the_way(lab: Lab) -> None:
    with capture(lab.website, "node", "eth0") as seen:
        send(lab.translated, "node", source=address_of(ONE), destination=WEBSITE,
             payload=b"one hop", ttl=1)  # fmt: skip
        assert seen.datagrams_until(b"one hop")[-1].ttl == 1


def test_a_gateway_carries_no_icmp(lab: Lab) -> None:
    output = lab.translated.run("node", "ping", "-n", "-c1", "-W1", str(WEBSITE), check=False)
    assert "100% packet loss" in output
    assert "Unreachable" not in output


def test_the_internet_sees_the_address_of_a_lease(lab: Lab) -> None:
    with capture(lab.website, "node", "eth0") as seen:
        send(lab.leasing, "node", source=address_of(TWO), destination=WEBSITE, payload=b"leased")
        assert seen.datagrams_until(b"leased")[-1].source == SHARED


def test_underlay_addresses_stay_out_of_it(lab: Lab) -> None:
    """What an edge is sent for an underlay address is nobody's."""
    with capture(lab.website, "node", "eth0") as seen:
        send(lab.translated, "node", source=address_of(ONE),
             destination=underlay_of(WEBSITE_HOST), payload=b"underlay")  # fmt: skip
        send(lab.translated, "node", source=address_of(ONE), destination=WEBSITE, payload=b"end")
        assert [d.payload for d in seen.datagrams_until(b"end")] == [b"end"]
