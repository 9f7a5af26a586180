"""What an Azure firewall's machine has."""

from dataclasses import replace
from ipaddress import IPv4Network

from agents.plan.firewall import CONFIGURATION, firewall_ruleset_for, with_proxy
from agents.plan.host import host_for
from lab.contract.firewall import ApplicationRule, Firewall
from lab.contract.node_state import SecurityProtocol, SecurityRule
from tests.unit.agents.states import machine

ANY = (IPv4Network("0.0.0.0/0"),)
RULE = SecurityRule(
    name="net/rule",
    priority=100,
    allow=True,
    protocol=SecurityProtocol.ICMP,
    sources=ANY,
    destinations=(IPv4Network("203.0.113.30/32"),),
)
WEB = ApplicationRule(
    name="app/web", allow=True, sources=ANY, fqdns=("*",), http_ports=(80,), https_ports=(443,)
)
FIREWALL = Firewall(network_rules=(RULE,), application_rules=(WEB,))
STATE = replace(machine(1, forwarding=True), firewall=FIREWALL)


def test_a_firewall_runs_a_proxy_that_starts_anew_with_its_file() -> None:
    (proxy,) = with_proxy(STATE).containers
    assert proxy.command == ("haproxy", "-db", "-f", CONFIGURATION)
    assert [file.path for file in with_proxy(STATE).files] == [CONFIGURATION]
    other = replace(STATE, firewall=replace(FIREWALL, denied_status=403))
    assert with_proxy(other).containers != (proxy,)
    assert with_proxy(STATE).containers == (proxy,)


def test_other_machines_are_left_alone() -> None:
    assert with_proxy(machine(1)) == machine(1)
    assert host_for(machine(1))["node"].rulesets == ()


def test_the_packet_filter_is_the_nodes_own() -> None:
    (ruleset,) = host_for(STATE)["node"].rulesets
    assert ruleset == firewall_ruleset_for(FIREWALL)


def test_a_rule_that_matches_nothing_is_left_out() -> None:
    empty = replace(FIREWALL, network_rules=(replace(RULE, destinations=()),))
    assert not any("net/rule" in line for line in firewall_ruleset_for(empty).rules)
