"""Security gates, as text."""

from dataclasses import replace
from ipaddress import IPv4Network

from agents.render.security import gate_chains, security_chains
from lab.contract.node_state import (
    NetworkContainer,
    PortRange,
    SecurityGate,
    SecurityProtocol,
    SecurityRule,
    Vswitch,
)
from tests.unit.agents.states import vswitch

WEB = SecurityRule(
    name="web",
    priority=100,
    allow=True,
    protocol=SecurityProtocol.TCP,
    sources=(IPv4Network("10.0.1.0/24"), IPv4Network("10.0.0.0/24")),
    destinations=(IPv4Network("0.0.0.0/0"),),
    destination_ports=(PortRange(first=8000, last=8080), PortRange(first=8081, last=8081)),
)
REST = replace(
    WEB,
    name="rest",
    priority=200,
    allow=False,
    protocol=SecurityProtocol.ANY,
    sources=(IPv4Network("0.0.0.0/0"),),
    destination_ports=(PortRange(first=0, last=65535),),
)


def gate(*rules: SecurityRule) -> SecurityGate:
    return SecurityGate(name="subnet vnet/vlan", network_security_group="nsg", rules=rules)


def guarded(**gates: tuple[SecurityGate, ...]) -> Vswitch:
    switch = vswitch(1)
    return replace(switch, node=replace(switch.node, **gates))


def lines(switch: Vswitch, *pods: IPv4Network) -> list[str]:
    return [line.strip() for line in security_chains(switch, nic_link="nic", pods=pods)]


def test_without_a_gate_nothing_is_tracked() -> None:
    assert lines(vswitch(1)) == []


def test_prefixes_and_ports_are_merged() -> None:
    """nft refuses a set whose elements overlap."""
    found = lines(guarded(inbound=(gate(WEB, REST),)))
    assert (
        "ip saddr 10.0.0.0/23 meta l4proto tcp th dport { 8000-8081 } "
        'counter return comment "web"' in found
    )
    assert 'counter drop comment "rest"' in found


def test_each_gate_has_to_let_a_packet_through() -> None:
    """An allowing rule ends its own chain, not the next one's."""
    switch = guarded(inbound=(gate(WEB), gate(REST)))
    assert list(gate_chains(switch)) == ["security_in_0", "security_in_1"]
    found = lines(switch)
    assert found.index("jump security_in_0") < found.index("jump security_in_1")


def test_a_rule_without_a_side_matches_nothing() -> None:
    """A tag or group that covers nobody."""
    found = lines(guarded(outbound=(gate(replace(WEB, sources=())),)))
    assert not any("counter" in line for line in found)


def test_pods_meet_their_own_gates() -> None:
    """Two network containers on one port (claim C4)."""
    switch = replace(
        guarded(inbound=(gate(REST),)),
        pods=NetworkContainer(inbound=(gate(WEB),)),
    )
    found = lines(switch, IPv4Network("10.1.0.16/28"))
    jumps = [line for line in found if line.startswith('oifname "nic" ct mark')]
    assert [line.split("ip daddr ")[-1] for line in jumps if "jump" in line] == [
        "{ 10.1.0.16/28 } jump security_pods_in",
        "!= { 10.1.0.16/28 } jump security_in",
    ]
