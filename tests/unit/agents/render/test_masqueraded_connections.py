"""The mark on packets of masqueraded connections."""

from agents.render.masqueraded_connections import masqueraded_connections_ruleset


def test_all_packets_bear_the_mark_that_kube_proxy_gave_the_first() -> None:
    rules = masqueraded_connections_ruleset("azure0").rules

    assert '  iifname "azure0" ct status snat meta mark set 0x4000' in rules
