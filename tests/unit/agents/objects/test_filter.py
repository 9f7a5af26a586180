"""What tells rules and tables apart."""

from dataclasses import replace
from ipaddress import IPv4Network

from agents.objects.filter import FilterChain, FilterRule, FilterTable, Verdict, digest_of
from agents.objects.ruleset import RulesetName

RULE = FilterRule(
    verdict=Verdict.DROP,
    comment="web",
    sources=(IPv4Network("10.0.0.0/24"),),
    destination_ports=((80, 80),),
)
TABLE = FilterTable(
    name=RulesetName(tool="nf_tables", table="ip ours"),
    chains=(FilterChain(name="one", rules=(RULE,)), FilterChain(name="two", rules=())),
    closed=(),
)


def test_whatever_differs_in_a_rule_is_another_digest() -> None:
    others = [
        replace(RULE, verdict=Verdict.RETURN),
        replace(RULE, comment="w"),
        replace(RULE, counted=True),
        replace(RULE, sources=(), destinations=RULE.sources),
        replace(RULE, destination_ports=(), source_ports=((80, 80),)),
        replace(RULE, destination_ports=((80, 81),)),
        replace(RULE, mark=1),
        replace(RULE, unmarked=1),
    ]
    assert len({digest_of(rule) for rule in [RULE, *others]}) == len(others) + 1


def test_a_rule_has_its_digest_in_every_process() -> None:
    """It is kept in the kernel, where the next agent finds it."""
    assert digest_of(RULE).hex() == "71ff8c96a6db0ee3"


def test_a_rule_in_another_chain_is_another_table() -> None:
    moved = replace(
        TABLE, chains=(replace(TABLE.chains[0], rules=()), replace(TABLE.chains[1], rules=(RULE,)))
    )
    assert moved.rules == TABLE.rules
    assert moved.digest != TABLE.digest


def test_a_rule_reads_like_nfts() -> None:
    rule = replace(
        RULE, counted=True, incoming="nic", protocols=(6, 17), destination_ports=((1, 9), (80, 80))
    )
    assert str(rule) == (
        'iifname "nic" ip saddr 10.0.0.0/24 meta l4proto { 6, 17 } th dport { 1-9, 80 } '
        'counter drop comment "web"'
    )
