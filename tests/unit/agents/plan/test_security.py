"""Security gates, as chains of rules."""

from dataclasses import replace
from ipaddress import IPv4Network

from agents.objects.filter import FilterRule, Verdict
from agents.plan.security import gate_chains, security_table
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


def chains(switch: Vswitch, *pods: IPv4Network) -> dict[str, tuple[FilterRule, ...]]:
    table = security_table(switch, nic_link="nic", pods=pods)
    assert table is not None
    return {chain.name: chain.rules for chain in table.chains}


def targets(rules: tuple[FilterRule, ...]) -> list[str]:
    return [rule.target for rule in rules if rule.target]


def test_without_a_gate_nothing_is_tracked() -> None:
    assert security_table(vswitch(1), nic_link="nic", pods=()) is None


def test_prefixes_and_ports_are_merged() -> None:
    """The kernel refuses a set whose elements overlap."""
    web, rest = chains(guarded(inbound=(gate(WEB, REST),)))["security_in_0"]
    assert (web.sources, web.destinations) == ((IPv4Network("10.0.0.0/23"),), ())
    assert (web.protocols, web.destination_ports) == ((6,), ((8000, 8081),))
    assert (web.verdict, web.comment, web.counted) == (Verdict.RETURN, "web", True)
    assert rest == FilterRule(verdict=Verdict.DROP, comment="rest", counted=True)


def test_ports_of_any_protocol_are_those_of_tcp_and_udp() -> None:
    rule = replace(WEB, protocol=SecurityProtocol.ANY)
    (found,) = chains(guarded(inbound=(gate(rule),)))["security_in_0"]
    assert found.protocols == (6, 17)


def test_each_gate_has_to_let_a_packet_through() -> None:
    """An allowing rule ends its own chain, not the next one's."""
    switch = guarded(inbound=(gate(WEB), gate(REST)))
    assert list(gate_chains(switch)) == ["security_in_0", "security_in_1"]
    assert targets(chains(switch)["security_in"]) == ["security_in_0", "security_in_1"]


def test_what_is_jumped_to_is_made_first() -> None:
    switch = guarded(inbound=(gate(WEB),), outbound=(gate(REST),))
    made: set[str] = set()
    for name, rules in chains(switch).items():
        assert set(targets(rules)) <= made
        made.add(name)


def test_a_rule_without_a_side_matches_nothing() -> None:
    """A tag or group that covers nobody."""
    found = chains(guarded(outbound=(gate(replace(WEB, sources=())),)))
    assert found["security_out_0"] == ()


def test_pods_meet_their_own_gates() -> None:
    """Two network containers on one port (claim C4)."""
    switch = replace(
        guarded(inbound=(gate(REST),)),
        pods=NetworkContainer(inbound=(gate(WEB),)),
    )
    pods = IPv4Network("10.1.0.16/28")
    inbound = chains(switch, pods)["inbound"]
    assert [(rule.destinations, rule.target) for rule in inbound] == [
        ((pods,), "security_pods_in"),
        ((), "security_in"),
    ]


def test_a_closed_table_lets_only_live_flows_pass() -> None:
    table = security_table(guarded(inbound=(gate(WEB),)), nic_link="nic", pods=())
    assert table is not None
    live, outbound, inbound = table.closed
    assert (live.established, live.verdict) == (True, Verdict.ACCEPT)
    assert (outbound.incoming, outbound.verdict) == ("nic", Verdict.DROP)
    assert (inbound.outgoing, inbound.verdict) == ("nic", Verdict.DROP)


NO_NAMES = replace(
    REST, name="no-names", destinations=(IPv4Network("168.63.129.16/32"),), platform=True
)


def test_no_rule_is_asked_about_the_platform_that_does_not_name_it() -> None:
    """Semantics 2.3."""
    assert "platform" not in chains(guarded(outbound=(gate(WEB, REST),)))


def test_a_rule_that_names_the_platform_is_asked_about_nothing_else() -> None:
    found = chains(guarded(outbound=(gate(NO_NAMES, REST), gate(WEB))))

    assert [rule.comment for rule in found["security_out_0"]] == ["rest"]
    assert [rule.comment for rule in found["security_out_0_platform"]] == ["no-names"]
    assert targets(found["security_out_platform"]) == [
        "security_out_0_platform",
        "security_out_1_platform",
    ]
    established, jump = found["platform"]
    assert established.verdict is Verdict.ACCEPT
    assert (jump.incoming, jump.target) == ("nic", "outbound_platform")
    assert targets(found["outbound_platform"]) == ["security_out_platform"]


def test_pods_ask_the_platform_by_their_own_gates() -> None:
    switch = guarded(outbound=(gate(REST),))
    switch = replace(switch, pods=NetworkContainer(outbound=(gate(NO_NAMES),)))
    found = chains(switch, IPv4Network("10.1.0.16/28"))

    assert targets(found["outbound_platform"]) == [
        "security_pods_out_platform",
        "security_out_platform",
    ]
    assert [rule.comment for rule in found["security_pods_out_0_platform"]] == ["no-names"]


def test_probes_of_load_balancers_meet_what_comes_in_meets() -> None:
    switch = guarded(inbound=(gate(WEB),))
    table = security_table(switch, nic_link="nic", pods=(), probed=True)
    assert table is not None
    (probes,) = (chain for chain in table.chains if chain.name == "probes")
    assert list(map(str, probes.rules)) == [
        "ct state established,related accept",
        'oifname "nic" jump inbound',
    ]
    assert "probes" not in chains(switch)
