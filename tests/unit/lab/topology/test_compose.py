"""From YAML text to plain values with line numbers."""

import pytest

from lab.topology.compose import DEPTH_LIMIT, VALUE_LIMIT, compose
from lab.topology.document import Document
from lab.topology.sources import SourceFile


def source(text: str) -> SourceFile:
    return SourceFile(path="file.yaml", content=text.encode())


def only(text: str) -> Document:
    composed = compose(source(text))
    assert composed.problems == ()
    (document,) = composed.documents
    return document


def complaints(text: str) -> list[tuple[int, str]]:
    return [(each.location.line, each.message) for each in compose(source(text)).problems]


def test_every_entry_knows_its_line() -> None:
    document = only("a: 1\nb:\n  - x\n  - c: 2\n    d: 3\n")

    assert document.value == {"a": 1, "b": ["x", {"c": 2, "d": 3}]}
    assert document.location(("b",)).line == 2
    assert document.location(("b", 0)).line == 3
    assert document.location(("b", 1, "d")).line == 5


def test_json_is_yaml() -> None:
    assert only('{"kind": "Pod", "spec": {"hostNetwork": true}}').value == {
        "kind": "Pod",
        "spec": {"hostNetwork": True},
    }


def test_keys_are_text_whatever_they_look_like() -> None:
    """``on`` is a key of the lab file, and labels may be called anything."""
    assert only("on: vm/vm1\n1: one\ntrue: x\n").value == {"on": "vm/vm1", "1": "one", "true": "x"}


def test_quotes_make_text() -> None:
    assert only("a: '5'\nb: \"true\"\nc: !!str 5\nd: |\n  5\n").value == {
        "a": "5",
        "b": "true",
        "c": "5",
        "d": "5\n",
    }


def test_a_byte_order_mark_is_passed_over() -> None:
    composed = compose(SourceFile(path="file.yaml", content=b"\xef\xbb\xbfa: 1\n"))

    assert composed.documents[0].value == {"a": 1}


def test_windows_line_ends_count_once() -> None:
    assert only("a: 1\r\nb: 2\r\n").location(("b",)).line == 2


def test_empty_documents_are_left_out() -> None:
    composed = compose(source("---\na: 1\n---\n# nothing\n---\nb: 2\n"))

    assert [document.value for document in composed.documents] == [{"a": 1}, {"b": 2}]
    assert composed.documents[1].location().line == 6


def test_an_alias_stands_for_its_anchor() -> None:
    document = only("x-machine: &machine {subnet: a/b}\nvm: *machine\n")

    assert document.value["vm"] == {"subnet": "a/b"}


def test_anchors_end_with_their_document() -> None:
    assert complaints("a: &x 1\n---\nb: *x\n") == [(3, "alias '*x' has no anchor '&x' before it")]


def test_merge_keys_fill_in_what_is_not_written_out() -> None:
    document = only("x: &x {a: 1, b: 1}\ny: {b: 2, <<: *x}\n")

    assert document.value["y"] == {"b": 2, "a": 1}


def test_the_first_of_several_merged_mappings_wins() -> None:
    document = only("x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz: {<<: [*x, *y]}\n")

    assert document.value["z"] == {"a": 1, "b": 2}


def test_a_merged_key_keeps_the_line_where_it_was_written() -> None:
    document = only("x: &x\n  a: 1\ny:\n  <<: *x\n")

    assert document.location(("y", "a")).line == 2


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert only("'<<': 1\n").value == {"<<": 1}


def test_a_duplicate_key_is_a_problem_and_the_first_one_counts() -> None:
    composed = compose(source("a: 1\nb: 2\na: 3\na: 4\n"))

    assert composed.documents[0].value == {"a": 1, "b": 2}
    assert [problem.location.line for problem in composed.problems] == [3, 4]


def test_a_file_has_every_duplicate_told_at_once() -> None:
    assert len(complaints("a: {b: 1, b: 2}\nc: {d: 1, d: 2}\n")) == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a:\n\t- b\n", 2),
        ("a: b\n\tc: d\n", 2),
        ("a: [1\nb: 2\n", 2),
        ("a: b: c\n", 1),
        ("? [1]\n: b\n", 1),
        ("a: &x [*x]\n", 1),
        ("a: !tag b\n", 1),
        ("a: !!set {b: null}\n", 1),
        ("a: !!int x\n", 1),
        ("\n: 5\n", 2),
    ],
)
def test_what_is_no_yaml_for_a_lab_is_told_with_its_line(text: str, line: int) -> None:
    assert [each[0] for each in complaints(text)] == [line]


def test_nesting_is_bounded() -> None:
    assert complaints("[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT) == []
    assert complaints("[" * 100_000) == [(1, f"nested deeper than {DEPTH_LIMIT} levels, the limit")]


def test_aliases_of_aliases_are_bounded() -> None:
    """Each line is ten times the one before; written out it would be 10^12 values."""
    bomb = "a0: &a0 0\n" + "".join(
        f"a{each}: &a{each} [{', '.join([f'*a{each - 1}'] * 10)}]\n" for each in range(1, 13)
    )

    ((_, message),) = complaints(bomb)

    assert f"{VALUE_LIMIT:,} values" in message


def test_aliases_below_the_bound_are_fine() -> None:
    document = only("a: &a [1, 2, 3]\nb: [*a, *a]\n")

    assert document.value["b"] == [[1, 2, 3], [1, 2, 3]]
