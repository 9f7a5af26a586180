"""A file that was edited reads as if it had never been read before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.topology.compose import Documents, compose
from lab.topology.document import Document, Value, child
from lab.topology.rereading import composed
from lab.topology.sources import SourceFile
from tests.unit.lab.topology.edits import FILES, NAMES, edits

RULES = """\
cloud:
  networkSecurityGroups:
    - name: nodes
      securityRules:
        - name: one
          priority: 100
          access: Allow
        # about the second
        - {name: two, priority: 200, access: Allow}

        - name: three
          note: |+
            - no item

          access: Allow
    - name: others
virtualMachines:
- name: vm1
  subnet: a/b
- - nested
  - list
-
  - begins: later
# the end
"""


def edited(before: str, after: str) -> tuple[Documents, Documents]:
    """What is read of one file before and after an edit."""
    path = next(NAMES)
    return composed(file(path, before)), composed(file(path, after))


def file(path: str, text: str) -> SourceFile:
    return SourceFile(path=path, content=text.encode())


def said(documents: Documents) -> object:
    """Everything that can be known of documents, but for the name of the file."""
    return (
        [list(entries(document, document.value)) for document in documents.documents],
        [(each.location.line, each.message, each.remedy) for each in documents.problems],
        documents.shares,
    )


def entries(document: Document, value: Value) -> Iterator[object]:
    """What stands where, in its order."""
    if not isinstance(value, dict | list):
        yield type(value), value
        return
    yield type(value), len(value), list(document.lines[id(value)].items())
    for step in value if isinstance(value, dict) else range(len(value)):
        yield step
        yield from entries(document, child(value, step))


def rules(documents: Documents) -> list[Value]:
    groups = child(child(documents.documents[0].value, "cloud"), "networkSecurityGroups")
    found = child(child(groups, 0), "securityRules")
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_edited_files_read_as_new_ones(path: Path) -> None:
    check_edits(path.read_text("utf-8", errors="replace"), turns=12, seed=path.name)


def test_edited_rules_read_as_new_ones() -> None:
    check_edits(RULES, turns=1500, seed="rules")


def check_edits(text: str, *, turns: int, seed: str) -> None:
    path = next(NAMES)
    for now in edits(text, turns=turns, seed=seed):
        assert said(composed(file(path, now))) == said(compose(file(path, now))), now


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("priority: 100", "priority: 101", [0]),
        ("priority: 200", "priority: [1, 2]", [1]),
        ("{name: two, priority: 200, access: Allow}", "two", [1]),
        ("- no item", "-  no item", [2]),
        ("# about the second", "# of the first", [0]),
        ("priority: 100\n          access: Allow", "priority: 101\n          access: Deny", [0]),
    ],
)
def test_what_was_not_edited_is_the_same_object(old: str, new: str, changed: list[int]) -> None:
    before, after = edited(RULES, RULES.replace(old, new))

    pairs = enumerate(zip(rules(before), rules(after), strict=True))
    assert [number for number, (one, other) in pairs if one is not other] == changed


def test_edits_at_several_places_are_read_one_by_one() -> None:
    text = RULES.replace("100", "101").replace("a/b", "a/c")
    before, after = edited(RULES, text)

    assert said(after) == said(compose(file("new.yaml", text)))
    assert rules(after)[1] is rules(before)[1]


def test_what_was_read_before_stays_as_it_was() -> None:
    before, _ = edited(RULES, RULES.replace("100", "101"))

    assert said(before) == said(compose(file("new.yaml", RULES)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("name: one", "name: &a one", id="an anchor"),
        pytest.param("priority: 100", "<<: {a: 1}", id="a merge key"),
        pytest.param("priority: 100", "name: again", id="a key twice"),
        pytest.param("priority: 100", "]", id="no YAML"),
        pytest.param("# about the second", "- name: fourth", id="one more item"),
        pytest.param("# about the second", "---", id="another document"),
        pytest.param("        - name: one", "       -  name: one", id="a dash elsewhere"),
        pytest.param("cloud:", "clouds:", id="no item"),
        pytest.param("priority: 100\n", "", id="lines that move"),
        pytest.param("  - begins: later", "  - begins: again", id="a dash of another item"),
    ],
)
def test_what_an_item_alone_does_not_tell_is_read_as_a_whole(old: str, new: str) -> None:
    before, after = edited(RULES, RULES.replace(old, new))

    assert said(after) == said(compose(file("new.yaml", RULES.replace(old, new))))
    if after.documents:
        assert not set(map(id, before.documents[0].lines)) & set(map(id, after.documents[0].lines))


def test_an_item_is_as_deep_as_in_its_file() -> None:
    """The limit counts what is around it."""
    text = "a:\n- b:\n  - c: 1\n"
    deep = text.replace("1", "[" * 45 + "]" * 45)
    deepest = text.replace("1", "[" * 46 + "]" * 46)

    assert edited(text, deep)[1].problems == ()
    assert said(edited(text, deepest)[1]) == said(compose(file("new.yaml", deepest)))
    assert edited(text, deepest)[1].problems


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\nd: 1"])
def test_a_text_ends_as_in_its_file(end: str) -> None:
    after = f"a:\n- b: |+\n   c{end}"

    assert said(edited(f"a:\n- b: 1\n  c: 2{end}", after)[1]) == said(compose(file("new", after)))


def test_files_of_several_labs_are_apart() -> None:
    composed(file("one.lab.yaml", RULES))

    assert said(composed(file("two.lab.yaml", "a: 1\n"))) == said(compose(file("new", "a: 1\n")))
