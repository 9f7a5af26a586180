"""The table and the document of a run."""

import json

from benchmarks.measurement import Row, Samples, Sense
from benchmarks.report import document, table

ROWS = (
    Row(title="deploy", metric="deploy", unit="s", bound=1.0, against="mininet"),
    Row(title="TCP", metric="tcp", unit="Gbit/s", bound=0.95, sense=Sense.AT_LEAST, against="hand"),
    Row(title="again", metric="again", unit="s", bound=1.0),
)


def samples() -> Samples:
    taken = Samples()
    taken.add("b", "vnetlab", {"deploy": [4.0, 5.0, 6.0], "tcp": [9.0], "again": [0.5]})
    taken.add("b", "mininet", {"deploy": [5.0]})
    taken.add("b", "hand", {"tcp": [10.0]})
    return taken


def test_the_table_shows_figures_ratio_bound_and_verdict() -> None:
    taken = samples()
    lines = table([taken.outcome("b", row) for row in ROWS]).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[2:] == [
        ["deploy, s", "5 (4–6)", "mininet 5", "1.00", "≤ 1 ×", "reached"],
        ["TCP, Gbit/s", "9", "hand 10.0", "0.90", "≥ 0.95 ×", "missed"],
        ["again, s", "0.5", "", "", "≤ 1 s", "reached"],
    ]
    assert len({len(line) for line in lines}) == 1, "columns are aligned"


def test_the_table_says_why_a_side_is_missing() -> None:
    taken = Samples()
    taken.reasons["b", "mininet"] = "no Mininet"
    assert "not measured: mininet: no Mininet" in table([taken.outcome("b", ROWS[0])])


def test_the_document_holds_every_sample_and_is_json() -> None:
    taken = samples()
    outcomes = [taken.outcome("b", row) for row in ROWS]
    written = json.loads(
        json.dumps(document(facts={"commit": "abc"}, samples=taken, outcomes=outcomes))
    )
    assert written["commit"] == "abc"
    assert {
        "benchmark": "b",
        "contender": "vnetlab",
        "metric": "deploy",
        "turns": [[4.0, 5.0, 6.0]],
    } in written["samples"]
    assert [row["verdict"] for row in written["rows"]] == ["reached", "missed", "reached"]
