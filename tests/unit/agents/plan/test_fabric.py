"""The table that packets of guests meet first."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from agents.objects.filter import FilterTable, Verdict
from agents.plan.fabric import edge_fabric_table, host_fabric_table
from lab.contract.load_balancing import BalancedPort
from lab.contract.node_state import Protocol
from tests.unit.agents.states import nic

OWN = (IPv4Network("10.0.0.4"), IPv4Network("10.1.0.16/28"))
HOST = host_fabric_table(nic(1), OWN, platform=True)
ONE_MORE = HOST.chains[0]


def chain(table: FilterTable, name: str) -> list[str]:
    return [str(rule) for chain in table.chains if chain.name == name for rule in chain.rules]


@pytest.mark.parametrize("ttl", range(255))
def test_exactly_one_rule_adds_one(ttl: int) -> None:
    matching = [
        rule.raised_bits
        for rule in ONE_MORE.rules
        if ttl % (1 << rule.raised_bits) == (1 << rule.raised_bits - 1) - 1
    ]
    assert len(matching) == 1
    (bits,) = matching
    assert (ttl >> bits << bits) + (1 << bits - 1) == ttl + 1


def test_each_rule_is_the_last_that_a_packet_meets() -> None:
    """Or what it has raised would be raised again."""
    assert {rule.verdict for rule in ONE_MORE.rules} == {Verdict.ACCEPT}
    assert (
        str(ONE_MORE.rules[4]) == "ip ttl and 0x7 == 0x3 ip ttl set ip ttl and 0xf8 or 0x4 accept"
    )


def test_what_comes_in_by_the_links_is_raised_and_all_else_is_not_tracked() -> None:
    assert chain(HOST, "prerouting") == [
        'iifname "nic" goto from_nic',
        'iifname "vx0" goto one_more',
        'iifname "inet0" goto one_more',
        "notrack",
    ]
    assert chain(edge_fabric_table(), "prerouting") == [
        'iifname "vx0" goto one_more',
        'iifname "inet0" goto one_more',
        "notrack",
    ]


def test_what_the_switch_says_itself_is_tracked_and_what_carries_packets_is_not() -> None:
    assert chain(HOST, "output") == ['oifname "nic" goto own', "notrack"]
    assert chain(edge_fabric_table(), "output") == ['oifname "vx0" accept', "notrack"]


def test_a_guest_speaks_as_itself_and_to_somebody() -> None:
    """Anti-spoofing (semantics 1.7), a silent gateway (1.4), no broadcasts (1.2)."""
    assert chain(HOST, "from_nic") == [
        "ip daddr 10.0.0.1/32 drop",
        "ip daddr 224.0.0.0/4 drop",
        "ip daddr 255.255.255.255/32 drop",
        "ip saddr { 10.0.0.4/32, 10.1.0.16/28 } goto one_more",
        "drop",
    ]


def test_who_forwards_speaks_as_all_but_the_platform() -> None:
    table = host_fabric_table(nic(1, forwarding=True), OWN, platform=True)
    assert chain(table, "from_nic")[3:] == [
        "ip saddr 168.63.129.16/32 drop",
        "ip saddr 169.254.169.254/32 drop",
        "goto one_more",
    ]


def test_services_answer_and_nobody_else_says_anything_to_a_guest() -> None:
    assert chain(HOST, "own") == [
        "ip saddr 168.63.129.16/32 meta l4proto { 6, 17 } accept",
        "ip saddr 169.254.169.254/32 meta l4proto 6 accept",
        "drop",
    ]
    assert chain(host_fabric_table(nic(1), OWN, platform=False), "own") == ["drop"]


def test_a_closed_table_lets_nothing_in_from_the_guest() -> None:
    """One of a guest with so many addresses that it has to be loaded in pieces."""
    assert list(map(str, HOST.closed)) == ['iifname "nic" drop']
    assert edge_fabric_table().closed == ()


def test_it_is_asked_before_connection_tracking() -> None:
    hooks = [each.hook for each in HOST.chains if each.hook is not None]
    assert [hook.priority for hook in hooks] == [-300, -300]


def test_a_member_of_a_pool_may_answer_as_the_frontend() -> None:
    """Whether it answers or begins, connection tracking says behind this."""
    port = BalancedPort(
        frontend=IPv4Address("20.0.0.1"),
        protocol=Protocol.TCP,
        port=80,
        locator=IPv4Address("240.0.0.10"),
    )
    moved = replace(port, port=81, backend_port=8081)
    table = host_fabric_table(nic(1), OWN, platform=True, balanced=[port, moved])
    assert chain(table, "from_nic")[3:] == [
        "ip saddr 20.0.0.1/32 meta l4proto 6 th sport 80 goto one_more",
        "ip saddr { 10.0.0.4/32, 10.1.0.16/28 } goto one_more",
        "drop",
    ]
    forwarding = nic(1, forwarding=True)
    assert host_fabric_table(forwarding, OWN, platform=True, balanced=[port]) == host_fabric_table(
        forwarding, OWN, platform=True
    )
