"""What makes a ruleset the same text."""

from dataclasses import replace

from agents.objects.ruleset import Ruleset, RulesetName

NAME = RulesetName(tool="iptables", table="nat", chain="C")
RULESET = Ruleset(name=NAME, rules=("a", "b"), hooks=("-A POSTROUTING -j C",))


def test_the_digest_follows_text_and_order() -> None:
    changed = [
        replace(RULESET, rules=("b", "a")),
        replace(RULESET, rules=("a",)),
        replace(RULESET, hooks=("-A OUTPUT -j C",)),
    ]
    assert RULESET.digest == replace(RULESET).digest
    assert RULESET.digest not in {ruleset.digest for ruleset in changed}


def test_a_name_reads_as_what_it_owns() -> None:
    assert str(NAME) == "iptables nat C"
    assert str(RulesetName(tool="nft", table="ip vnetlab")) == "nft ip vnetlab"


def test_base_chains_are_the_tools_own() -> None:
    assert RulesetName(tool="ebtables", table="nat", chain="PREROUTING").is_base_chain
    assert not NAME.is_base_chain
    assert not RulesetName(tool="nft", table="ip vnetlab").is_base_chain
