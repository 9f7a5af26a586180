"""Rulesets under watch: what is listed, what is loaded, what is recorded, and when not."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from agents.kernel import rulesets as module
from agents.kernel.applying import apply
from agents.kernel.errors import ToolFailed, ToolMissing
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.open_namespaces import OpenNamespaces
from agents.kernel.rulesets import Rulesets
from agents.objects.ruleset import Ruleset, RulesetName
from agents.plan.fabric import edge_fabric_table
from agents.plan.operations import LoadRuleset
from tests.kernel.hosts import run

pytestmark = pytest.mark.kernel

TABLE = Ruleset(
    name=RulesetName(tool="nft", table="ip ours"),
    rules=("chain c {", "type filter hook output priority 0;", "ip daddr 192.0.2.1 drop", "}"),
)
CHAIN = Ruleset(
    name=RulesetName(tool="iptables", table="filter", chain="OURS"),
    hooks=("-A INPUT -j OURS",),
    rules=("-s 192.0.2.1 -j DROP", "-j RETURN"),
)


@pytest.fixture
def pins(tmp_path: Path) -> Iterator[NamespaceDirectory]:
    pins = NamespaceDirectory(tmp_path)
    with pins.inside_new("node"):
        yield pins
    for name in pins.names():
        pins.remove(name)


@pytest.fixture
def rulesets(tmp_path: Path) -> Iterator[Rulesets]:
    with closing(Rulesets(tmp_path / "record.json")) as rulesets:
        yield rulesets


def observed(rulesets: Rulesets) -> set[RulesetName]:
    rulesets.reach("node")
    return set(rulesets.observe("node", [TABLE.name, CHAIN.name]))


def test_an_unchanged_generation_is_not_listed(
    pins: NamespaceDirectory, rulesets: Rulesets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Observing costs one message while nobody changed anything."""
    rulesets.load("node", pins.pin("node"), [TABLE])

    def listed(*_: object) -> None:
        raise AssertionError("the rules were listed")

    monkeypatch.setattr(module, "_standing", listed)
    assert observed(rulesets) == {TABLE.name}


def test_a_record_survives_the_agent(
    pins: NamespaceDirectory, rulesets: Rulesets, tmp_path: Path
) -> None:
    rulesets.load("node", pins.pin("node"), [TABLE])
    rulesets.load("node", pins.pin("node"), [CHAIN])
    assert observed(rulesets) == {TABLE.name, CHAIN.name}
    with closing(Rulesets(tmp_path / "record.json")) as again:
        assert observed(again) == {TABLE.name, CHAIN.name}


def test_a_table_is_written_without_entering_its_namespace(
    pins: NamespaceDirectory, rulesets: Rulesets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a socket is open: another one, and the way in and out, would cost more than it."""
    rulesets.reach("node")

    def entered(*_: object) -> None:
        raise AssertionError("the namespace was entered")

    monkeypatch.setattr(pins, "inside", entered)
    table = edge_fabric_table()
    load = LoadRuleset(namespace="node", subject="vswitch", reason="missing", ruleset=table)

    assert apply(pins, rulesets, OpenNamespaces(pins), [load]) == []

    assert "notrack" in run(pins.pin("node"), "nft", "list", "table", "ip", "vnetlab_fabric")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"node": 1}', '{"node": {"loaded": [[1]]}}'])
def test_a_damaged_record_counts_as_none(
    pins: NamespaceDirectory, rulesets: Rulesets, tmp_path: Path, text: str
) -> None:
    """Then the rules are loaded once more, which puts the same ones in force."""
    rulesets.load("node", pins.pin("node"), [CHAIN])
    (tmp_path / "record.json").write_text(text)
    with closing(Rulesets(tmp_path / "record.json")) as again:
        assert observed(again) == set()
        again.load("node", pins.pin("node"), [CHAIN])
        assert observed(again) == {CHAIN.name}
    listed = run(pins.pin("node"), "iptables", "-S")
    assert listed.count("-A INPUT -j OURS") == 1
    assert listed.count("-A OURS") == 2


def test_a_record_is_not_believed_of_another_namespace(
    pins: NamespaceDirectory, rulesets: Rulesets, tmp_path: Path
) -> None:
    """A host that was made anew has the same names and, by chance, the same generations."""
    rulesets.load("node", pins.pin("node"), [TABLE])
    with pins.inside_new("other"):
        run(pins.pin("other"), "nft", "add", "table", "ip", "ours")
        assert observed(rulesets) == set()


def test_counters_are_no_change(pins: NamespaceDirectory, rulesets: Rulesets) -> None:
    """Every rule of iptables counts; traffic must not make it another rule."""
    rulesets.load("node", pins.pin("node"), [CHAIN])
    run(pins.pin("node"), "ip", "link", "set", "lo", "up")
    run(pins.pin("node"), "ping", "-c1", "-W2", "127.0.0.1")
    assert "[0:0] -A OURS -j RETURN" not in run(pins.pin("node"), "iptables-save", "-c")
    run(pins.pin("node"), "nft", "add", "table", "ip", "foreign")
    assert observed(rulesets) == {CHAIN.name}


def test_a_new_text_replaces_the_chain_and_keeps_the_hook_in_place(
    pins: NamespaceDirectory, rulesets: Rulesets
) -> None:
    rulesets.load("node", pins.pin("node"), [CHAIN])
    run(pins.pin("node"), *["iptables", "-A", "INPUT", "-s", "192.0.2.9", "-j", "ACCEPT"])
    rulesets.load("node", pins.pin("node"), [replace(CHAIN, rules=("-j ACCEPT",))])
    assert run(pins.pin("node"), "iptables", "-S").splitlines()[-3:] == [
        "-A INPUT -j OURS",
        "-A INPUT -s 192.0.2.9/32 -j ACCEPT",
        "-A OURS -j ACCEPT",
    ]


def test_a_refused_text_changes_nothing_and_says_how_to_try(
    pins: NamespaceDirectory, rulesets: Rulesets
) -> None:
    """The old table stays in force; the message can be pasted."""
    rulesets.load("node", pins.pin("node"), [TABLE])
    before = run(pins.pin("node"), "nft", "list", "ruleset")
    with pytest.raises(ToolFailed) as failure:
        rulesets.load("node", pins.pin("node"), [replace(TABLE, rules=("nonsense",))])
    assert f"nsenter --net={pins.pin('node')} nft -f - <<'END'" in str(failure.value)
    assert "nonsense" in str(failure.value)
    assert run(pins.pin("node"), "nft", "list", "ruleset") == before
    assert observed(rulesets) == {TABLE.name}


def test_a_missing_tool_is_named(
    pins: NamespaceDirectory, rulesets: Rulesets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.processes, "search_path", lambda: "/nonexistent")
    with pytest.raises(ToolMissing, match="nft is not installed"):
        rulesets.load("node", pins.pin("node"), [TABLE])


FAMILY = Ruleset(
    name=RulesetName(tool="iptables", table="nat", chain="OUR-*"),
    hooks=("-I PREROUTING -j OUR-A", "-I OUTPUT -j OUR-A"),
    rules=(
        ":OUR-A - [0:0]",
        ":OUR-B - [0:0]",
        ":OUR-EMPTY - [0:0]",
        "-A OUR-A -d 192.0.2.1 -j OUR-B",
        "-A OUR-B -p tcp -j DNAT --to-destination 192.0.2.2:80",
    ),
)
SMALLER = replace(FAMILY, rules=(":OUR-A - [0:0]", "-A OUR-A -d 192.0.2.1 -j RETURN"))


def standing_family(rulesets: Rulesets) -> bool:
    return FAMILY.name in rulesets.observe("node", [FAMILY.name])


def test_a_family_of_chains_is_swapped_as_one(pins: NamespaceDirectory, rulesets: Rulesets) -> None:
    pin = pins.pin("node")
    run(pin, "iptables", "-t", "nat", "-A", "PREROUTING", "-j", "ACCEPT")
    rulesets.load("node", pin, [FAMILY])
    assert standing_family(rulesets)

    rulesets.load("node", pin, [SMALLER])

    assert standing_family(rulesets)
    listed = run(pin, "iptables", "-t", "nat", "-S").splitlines()
    assert [line for line in listed if line.startswith("-N")] == ["-N OUR-A"]
    hooks = [line for line in listed if line.startswith(("-A PREROUTING", "-A OUTPUT"))]
    assert hooks == ["-A PREROUTING -j OUR-A", "-A PREROUTING -j ACCEPT", "-A OUTPUT -j OUR-A"]


@pytest.mark.parametrize(
    "command",
    [
        ("-F", "OUR-B"),
        ("-X", "OUR-EMPTY"),
        ("-N", "OUR-FOREIGN"),
        ("-D", "OUTPUT", "-j", "OUR-A"),
    ],
)
def test_another_hand_in_a_family_is_seen_and_mended(
    pins: NamespaceDirectory, rulesets: Rulesets, command: tuple[str, ...]
) -> None:
    pin = pins.pin("node")
    rulesets.load("node", pin, [FAMILY])
    before = run(pin, "iptables", "-t", "nat", "-S")
    run(pin, "iptables", "-t", "nat", *command)
    assert rulesets.observe("node", [FAMILY.name]).get(FAMILY.name) is None

    rulesets.load("node", pin, [FAMILY])

    assert standing_family(rulesets)
    assert run(pin, "iptables", "-t", "nat", "-S") == before


def test_a_family_goes_and_leaves_no_chain(pins: NamespaceDirectory, rulesets: Rulesets) -> None:
    pin = pins.pin("node")
    rulesets.load("node", pin, [FAMILY])
    rulesets.load("node", pin, [replace(FAMILY, rules=())])

    assert "OUR-" not in run(pin, "iptables", "-t", "nat", "-S")
    assert not standing_family(rulesets)


def test_a_family_may_be_larger_than_one_message_to_the_kernel(
    pins: NamespaceDirectory, rulesets: Rulesets
) -> None:
    """What iptables can say at once as an ordinary user ends at some 220 rules."""
    pin = pins.pin("node")
    leaves = [f"OUR-{number}" for number in range(1000)]
    comment = '-m comment --comment "one of many"'
    large = replace(
        FAMILY,
        rules=(
            *(f":{chain} - [0:0]" for chain in ("OUR-A", *leaves)),
            *(f"-A OUR-A {comment} -d 192.0.2.1 -j {leaf}" for leaf in leaves),
            *(f"-A {leaf} {comment} -p tcp -j DNAT --to 192.0.2.2:80" for leaf in leaves),
        ),
    )
    rulesets.load("node", pin, [large])
    assert standing_family(rulesets)
    listed = run(pin, "iptables", "-t", "nat", "-S")
    assert listed.count("-A OUR-A ") == len(leaves)

    rulesets.load("node", pin, [FAMILY])
    assert run(pin, "iptables", "-t", "nat", "-S").count("-N OUR-") == 3
