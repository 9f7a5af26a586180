"""What a member's switch does for frontends, as text."""

from ipaddress import IPv4Address

from agents.render.balanced import answered_chains, balanced_rules, found_chain, moved_chain
from lab.contract.load_balancing import BalancedPort
from lab.contract.node_state import Protocol

OWN = IPv4Address("10.0.0.4")
FLOATING = BalancedPort(
    frontend=IPv4Address("20.0.0.1"),
    protocol=Protocol.TCP,
    port=80,
    locator=IPv4Address("240.0.0.10"),
)
MOVED = BalancedPort(
    frontend=IPv4Address("20.0.0.1"),
    protocol=Protocol.UDP,
    port=53,
    backend_port=5353,
    locator=IPv4Address("240.0.0.10"),
)


def test_the_frontend_is_put_back_once_for_all_its_ports() -> None:
    assert found_chain([FLOATING, MOVED], internet="inet0") == [
        "chain found {",
        "  type filter hook prerouting priority raw;",
        '  iifname "inet0" ip daddr 240.0.0.10 ip daddr set 20.0.0.1',
        "}",
    ]


def test_without_floating_ip_the_member_is_the_destination() -> None:
    assert moved_chain([FLOATING, MOVED], own=OWN, internet="inet0") == [
        "chain moved {",
        "  type nat hook prerouting priority dstnat;",
        '  iifname "inet0" ip daddr 20.0.0.1 udp dport 53 dnat to 10.0.0.4:5353',
        "}",
    ]
    assert moved_chain([FLOATING], own=OWN, internet="inet0") == []


def test_a_guest_speaks_as_a_frontend_in_answers_only() -> None:
    assert balanced_rules([FLOATING], nic="nic", internet="inet0") == [
        'iifname "inet0" oifname "nic" ip daddr . meta l4proto . th dport '
        "{ 20.0.0.1 . tcp . 80 } accept",
        'iifname "nic" ip saddr . meta l4proto . th sport { 20.0.0.1 . tcp . 80 } '
        "ct direction reply accept",
        'iifname "nic" ip saddr { 20.0.0.1 } drop',
    ]
    assert balanced_rules([MOVED], nic="nic", internet="inet0") == [
        'oifname "inet0" ct direction reply ct status dnat accept'
    ]
    assert balanced_rules([], nic="nic", internet="inet0") == []


def test_answers_that_have_a_way_of_their_own_are_marked_until_they_are_routed() -> None:
    assert answered_chains([FLOATING, MOVED], own=OWN, nic="nic") == [
        "chain answered {",
        "  type filter hook prerouting priority mangle;",
        '  iifname "nic" ip saddr . meta l4proto . th sport '
        "{ 20.0.0.1 . tcp . 80, 10.0.0.4 . udp . 5353 } ct direction reply meta mark set 2",
        "}",
        "chain unmarked {",
        "  type filter hook postrouting priority mangle;",
        "  meta mark 2 meta mark set 0",
        "}",
    ]
