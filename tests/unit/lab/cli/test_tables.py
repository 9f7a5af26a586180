import json

import click
import pytest

from lab.cli.tables import (
    coloured_end,
    coloured_start,
    fitting,
    shortened,
    show_rows,
    table,
    terminal_width,
)

ROWS = [
    {"name": "vm1", "address": "10.0.0.4", "node": "aks-nodepool1-52243381-vmss000000", "up": True},
    {"name": "a-longer-name", "address": "10.0.0.10", "node": "", "up": False},
]


def lines(*columns: str, width: int | None = None) -> list[str]:
    return [click.unstyle(line) for line in table(ROWS, columns, width=width)]


def test_columns_are_as_wide_as_what_is_in_them() -> None:
    assert lines("name", "address", "up") == [
        "NAME           ADDRESS    UP",
        "vm1            10.0.0.4   yes",
        "a-longer-name  10.0.0.10  no",
    ]


def test_what_is_missing_is_a_dash_and_a_column_without_values_is_left_out() -> None:
    assert lines("name", "node", "owner")[0].split() == ["NAME", "NODE"]
    assert lines("name", "node")[2] == "a-longer-name  -"


def test_headings_are_words() -> None:
    assert next(table([{"pod_cidr": "x"}], ["pod_cidr"], width=None)) == "POD CIDR"


def test_no_rows_are_said_to_be_none() -> None:
    assert list(table([], ["name"], width=80)) == ["(none)"]


def test_long_names_lose_their_middle_where_the_terminal_ends() -> None:
    fitted = lines("name", "address", "node", width=40)
    assert max(map(len, fitted)) <= 40
    assert fitted[1] == "vm1            10.0.0.4   aks-n…ss000000"


def test_nothing_is_cut_where_nobody_looks() -> None:
    assert "aks-nodepool1-52243381-vmss000000" in lines("name", "node")[1]


def test_addresses_are_never_cut() -> None:
    assert fitting({"name": ["n" * 30], "address": ["1" * 15]}, 20) == [12, 15]


def test_nodes_give_way_before_names() -> None:
    assert fitting({"name": ["n" * 30], "node": ["m" * 30]}, 50) == [30, 18]


def test_names_are_cut_as_far_as_they_can_be_told_apart() -> None:
    nodes = ["aks-pool1-52243381-vmss000000", "aks-pool2-52243381-vmss000000"]
    name, node = fitting({"name": ["n" * 30], "node": nodes}, 50)
    assert name + node == 48
    assert shortened(nodes[0], node) != shortened(nodes[1], node)


def test_what_can_only_be_told_apart_whole_is_cut_in_the_end() -> None:
    nodes = ["a" * 20 + each + "b" * 20 for each in "12"]
    assert fitting({"name": ["n" * 12], "node": nodes}, 26) == [12, 12]


def test_the_end_of_a_cut_name_tells_it_from_others() -> None:
    assert shortened("aks-nodepool1-52243381-vmss000000", 16) == "aks-n…vmss000000"
    assert shortened("vm1", 16) == "vm1"


def test_states_are_coloured_and_other_words_are_not() -> None:
    assert coloured_end("vm1  Ready") == f"vm1  {click.style('Ready', fg='green')}"
    assert coloured_end("vm1  ready-or-not") == "vm1  ready-or-not"
    assert coloured_start("  ok  nft") == f"  {click.style('ok', fg='green')}  nft"
    assert coloured_start("") == ""


def test_json_has_every_key_of_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows(ROWS, ["name"], output_format="json")
    assert json.loads(capsys.readouterr().out) == ROWS


def test_no_rows_in_json_are_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    show_rows([], ["name"], output_format="json")
    assert capsys.readouterr().out == "[]\n"


def test_the_width_counts_where_somebody_told_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "97")
    assert terminal_width() == 97
    monkeypatch.delenv("COLUMNS")
    assert terminal_width() is None
