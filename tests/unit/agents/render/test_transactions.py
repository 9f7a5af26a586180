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
    hooks=("-A POSTROUTING -j C",),
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
        iptables_transaction(CHAIN, standing=(), hooked=False)
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
    assert "-A POSTROUTING" not in iptables_transaction(CHAIN, standing=["C"], hooked=True)


def test_a_chain_without_rules_goes_if_it_is_there() -> None:
    gone = replace(CHAIN, rules=())
    assert iptables_transaction(gone, standing=["C"], hooked=False) == "*nat\n-F C\n-X C\nCOMMIT\n"
    assert iptables_transaction(gone, standing=(), hooked=False) == "*nat\nCOMMIT\n"


def test_ebtables_knows_policies_and_no_counters() -> None:
    assert ":C ACCEPT\n" in ebtables_transaction(CHAIN, standing=(), hooked=False)


def test_a_base_chain_is_emptied_and_needs_no_hook() -> None:
    chain = Ruleset(
        name=RulesetName(tool="ebtables", table="nat", chain="POSTROUTING"),
        rules=("-o eth0 -j ACCEPT",),
    )
    assert (
        ebtables_transaction(chain, standing=["POSTROUTING"], hooked=False)
        == """\
*nat
-F POSTROUTING
-A POSTROUTING -o eth0 -j ACCEPT
COMMIT
"""
    )
    gone = replace(chain, rules=())
    emptied = ebtables_transaction(gone, standing=["POSTROUTING"], hooked=False)
    assert emptied == "*nat\n-F POSTROUTING\nCOMMIT\n"


FAMILY = Ruleset(
    name=RulesetName(tool="iptables", table="nat", chain="OUR-*"),
    hooks=("-I PREROUTING -j OUR-A", "-I OUTPUT -j OUR-A"),
    rules=(":OUR-A - [0:0]", ":OUR-B - [0:0]", "-A OUR-A -j OUR-B", "-A OUR-B -j MASQUERADE"),
)


def test_of_a_family_of_chains_those_that_are_not_wanted_any_more_go() -> None:
    """In one transaction, and last: until then others jump to them."""
    assert (
        iptables_transaction(FAMILY, standing=["OUR-OLD", "OUR-A"], hooked=False)
        == """\
*nat
:OUR-B - [0:0]
-A OUR-B -j MASQUERADE
:OUR-A - [0:0]
-A OUR-A -j OUR-B
-I PREROUTING -j OUR-A
-I OUTPUT -j OUR-A
:OUR-OLD - [0:0]
-X OUR-OLD
COMMIT
"""
    )
    assert "-I " not in iptables_transaction(FAMILY, standing=["OUR-A"], hooked=True)


def test_a_large_family_takes_several_transactions_and_jumps_to_what_is_there() -> None:
    leaves = [f"OUR-LEAF-{number}" for number in range(300)]
    large = replace(
        FAMILY,
        rules=(
            ":OUR-A - [0:0]",
            *(f":{leaf} - [0:0]" for leaf in leaves),
            *(f"-A OUR-A -d 10.0.0.1 -j {leaf}" for leaf in leaves),
            *(f"-A {leaf} -j MASQUERADE" for leaf in leaves),
        ),
    )

    lines = iptables_transaction(large, standing=(), hooked=False).splitlines()

    blocks = "\n".join(lines).split("COMMIT")
    assert len(blocks) > 4
    assert all(block.count("\n") <= 204 for block in blocks)
    assert all(block.lstrip().startswith("*nat\n") for block in blocks[:-1])
    there: set[str] = set()
    for line in lines:
        if line.startswith(":"):
            there.add(line.split()[0].removeprefix(":"))
        elif line.startswith("-A OUR-A"):
            assert line.rpartition(" -j ")[2] in there
    assert [line for line in lines if line.startswith("-I")] == list(large.hooks)


def test_a_family_without_rules_goes() -> None:
    gone = replace(FAMILY, rules=())
    assert (
        iptables_transaction(gone, standing=["OUR-B", "OUR-A"], hooked=False)
        == "*nat\n:OUR-A - [0:0]\n:OUR-B - [0:0]\n-X OUR-A\n-X OUR-B\nCOMMIT\n"
    )


def test_a_table_that_keeps_its_maps_has_its_chains_swapped() -> None:
    kept = replace(ONE, keeps_maps=True)
    swapped = "table ip one {\n  chain c {\n  }\n}\n"
    assert nft_transaction([kept], standing=()) == swapped
    assert (
        nft_transaction([kept], standing={"ip one"}, chains={"ip one": ["c", "old"]})
        == f"flush table ip one\ndelete chain ip one c\ndelete chain ip one old\n{swapped}"
    )
    gone = replace(kept, rules=())
    assert nft_transaction([gone], standing={"ip one"}) == "delete table ip one\n"
