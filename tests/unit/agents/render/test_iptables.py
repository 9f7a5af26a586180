"""The chains of a node's own components, as text (semantics §4, row kubenet; §4.3)."""

from dataclasses import replace
from ipaddress import IPv4Network

from agents.render.iptables import (
    MASQUERADE_CHAIN,
    PLATFORM_CHAIN,
    masquerade_ruleset,
    masquerade_rulesets,
    no_masquerade_ruleset,
)
from lab.contract.node_state import Masquerade
from tests.unit.agents.states import address_of, masquerade

POD_SUBNET = IPv4Network("10.1.0.0/22")


def test_all_but_the_pod_range_is_masqueraded() -> None:
    ruleset = masquerade_ruleset(masquerade())
    assert str(ruleset.name) == "iptables nat IP-MASQ-AGENT"
    assert ruleset.hooks == (
        '-A POSTROUTING -m comment --comment "ip-masq-agent: ensure nat POSTROUTING directs all '
        'non-LOCAL destination traffic to our custom IP-MASQ-AGENT chain" '
        "-m addrtype ! --dst-type LOCAL -j IP-MASQ-AGENT",
    )
    assert ruleset.rules == (
        '-d 10.244.0.0/16 -m comment --comment "ip-masq-agent: local traffic is not subject to '
        'MASQUERADE" -j RETURN',
        '-m comment --comment "ip-masq-agent: outbound traffic is subject to MASQUERADE '
        '(must be last in chain)" -j MASQUERADE',
    )


def test_link_local_destinations_are_exempt_unless_they_are_to_be_masqueraded() -> None:
    exempt = masquerade_ruleset(replace(masquerade(), masquerade_link_local=False))
    assert exempt.rules[0].startswith("-d 169.254.0.0/16 ")
    assert exempt.rules[0].endswith(" -j RETURN")
    assert len(exempt.rules) == 3


def test_removal_owns_the_same_chain() -> None:
    assert no_masquerade_ruleset().name == masquerade_ruleset(masquerade()).name
    assert no_masquerade_ruleset().rules == ()


def test_azure_cns_translates_towards_dns_and_metadata_only() -> None:
    """Semantics 4.3: three rules per pod subnet, and no agent beside them."""
    masquerade = Masquerade(agent=False, platform_sources=(POD_SUBNET,))
    (ruleset,) = masquerade_rulesets(masquerade, node=address_of(1))
    assert ruleset.name == PLATFORM_CHAIN
    tail = "-m addrtype ! --dst-type LOCAL -j SNAT --to-source 10.0.0.4"
    assert ruleset.rules == (
        f"-s 10.1.0.0/22 -d 168.63.129.16 -p udp -m udp --dport 53 {tail}",
        f"-s 10.1.0.0/22 -d 168.63.129.16 -p tcp -m tcp --dport 53 {tail}",
        f"-s 10.1.0.0/22 -d 169.254.169.254 -p tcp -m tcp --dport 80 {tail}",
    )


def test_the_agents_exemptions_come_before_its_last_rule() -> None:
    masquerade = Masquerade(non_masquerade_cidrs=(POD_SUBNET,), masquerade_link_local=False)
    (ruleset,) = masquerade_rulesets(masquerade, node=address_of(1))
    assert ruleset.name == MASQUERADE_CHAIN
    assert [rule.split()[1] for rule in ruleset.rules[:2]] == ["169.254.0.0/16", "10.1.0.0/22"]
    assert ruleset.rules[-1].endswith("-j MASQUERADE")
