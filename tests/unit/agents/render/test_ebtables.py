"""The chain against duplicates, as text (semantics §4.1)."""

from agents.render.ebtables import deduplication_ruleset, no_deduplication_ruleset
from tests.unit.agents.states import kubenet


def test_what_leaves_with_the_bridges_mac_and_a_pods_address_is_a_copy() -> None:
    ruleset = deduplication_ruleset(kubenet(1), bridge_mac="0a:58:0a:f4:01:01")
    assert str(ruleset.name) == "ebtables filter AKS-DEDUP-PROMISC"
    assert ruleset.hook == "OUTPUT -j AKS-DEDUP-PROMISC"
    assert ruleset.rules == (
        "-p IPv4 -s 0a:58:0a:f4:01:01 -o veth+ --ip-src 10.244.1.1 -j ACCEPT",
        "-p IPv4 -s 0a:58:0a:f4:01:01 -o veth+ --ip-src 10.244.1.0/24 -j DROP",
    )


def test_removal_owns_the_same_chain() -> None:
    loaded = deduplication_ruleset(kubenet(1), bridge_mac="0a:58:0a:f4:01:01")
    assert no_deduplication_ruleset().name == loaded.name
    assert no_deduplication_ruleset().rules == ()
