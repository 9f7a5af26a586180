"""What the tools read from standard input."""

from dataclasses import replace

from agents.objects.ruleset import Ruleset, RulesetName
from agents.render.transactions import (
    ebtables_transaction,
    iptables_transaction,
    nft_transaction,
)

ONE = Ruleset(name=RulesetName(tool="nft", table="ip one"), rules=("chain c {", "}"))
TWO = Ruleset(name=RulesetName(tool="nft", table="ip two"), rules=("chain d {", "}"))
CHAIN = Ruleset(
    name=RulesetName(tool="iptables", table="nat", chain="C"),
    hook="POSTROUTING -j C",
    rules=("-d 10.0.0.0/8 -j RETURN", "-j MASQUERADE"),
)


def test_tables_are_swapped_in_one_transaction() -> None:
    """Only what stands is deleted: nft 1.0.6 cannot delete what may be absent."""
    assert (
        nft_transaction([ONE, TWO], standing={"ip two", "ip other"})
        == """\
table ip one {
  chain c {
  }
}
delete table ip two
table ip two {
  chain d {
  }
}
"""
    )


def test_a_table_without_rules_goes() -> None:
    gone = replace(ONE, rules=())
    assert nft_transaction([gone], standing={"ip one"}) == "delete table ip one\n"
    assert nft_transaction([gone], standing=()) == ""


def test_a_chain_is_swapped_and_hooked() -> None:
    assert (
        iptables_transaction(CHAIN, exists=False, hooked=False)
        == """\
*nat
:C - [0:0]
-A POSTROUTING -j C
-A C -d 10.0.0.0/8 -j RETURN
-A C -j MASQUERADE
COMMIT
"""
    )


def test_a_hook_that_stands_is_not_added_again() -> None:
    assert "-A POSTROUTING" not in iptables_transaction(CHAIN, exists=True, hooked=True)


def test_a_chain_without_rules_goes_if_it_is_there() -> None:
    gone = replace(CHAIN, rules=())
    assert iptables_transaction(gone, exists=True, hooked=False) == "*nat\n-F C\n-X C\nCOMMIT\n"
    assert iptables_transaction(gone, exists=False, hooked=False) == "*nat\nCOMMIT\n"


def test_ebtables_knows_policies_and_no_counters() -> None:
    assert ":C ACCEPT\n" in ebtables_transaction(CHAIN, exists=False, hooked=False)


def test_a_base_chain_is_emptied_and_needs_no_hook() -> None:
    chain = Ruleset(
        name=RulesetName(tool="ebtables", table="nat", chain="POSTROUTING"),
        rules=("-o eth0 -j ACCEPT",),
    )
    assert (
        ebtables_transaction(chain, exists=True, hooked=False)
        == """\
*nat
-F POSTROUTING
-A POSTROUTING -o eth0 -j ACCEPT
COMMIT
"""
    )
    gone = replace(chain, rules=())
    assert ebtables_transaction(gone, exists=True, hooked=False) == "*nat\n-F POSTROUTING\nCOMMIT\n"
