"""The ip-masq-agent's chain, as text (semantics §4, row kubenet)."""

from dataclasses import replace

from agents.render.iptables import masquerade_ruleset, no_masquerade_ruleset
from tests.unit.agents.states import kubenet


def test_all_but_the_pod_range_is_masqueraded() -> None:
    ruleset = masquerade_ruleset(kubenet(1))
    assert str(ruleset.name) == "iptables nat IP-MASQ-AGENT"
    assert ruleset.hook == (
        'POSTROUTING -m comment --comment "ip-masq-agent: ensure nat POSTROUTING directs all '
        'non-LOCAL destination traffic to our custom IP-MASQ-AGENT chain" '
        "-m addrtype ! --dst-type LOCAL -j IP-MASQ-AGENT"
    )
    assert ruleset.rules == (
        '-d 10.244.0.0/16 -m comment --comment "ip-masq-agent: local traffic is not subject to '
        'MASQUERADE" -j RETURN',
        '-m comment --comment "ip-masq-agent: outbound traffic is subject to MASQUERADE '
        '(must be last in chain)" -j MASQUERADE',
    )


def test_link_local_destinations_are_exempt_unless_they_are_to_be_masqueraded() -> None:
    exempt = masquerade_ruleset(replace(kubenet(1), masquerade_link_local=False))
    assert exempt.rules[0].startswith("-d 169.254.0.0/16 ")
    assert exempt.rules[0].endswith(" -j RETURN")
    assert len(exempt.rules) == 3


def test_removal_owns_the_same_chain() -> None:
    assert no_masquerade_ruleset().name == masquerade_ruleset(kubenet(1)).name
    assert no_masquerade_ruleset().rules == ()
