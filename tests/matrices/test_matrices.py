"""The tables are whole, and the labs that prove them can be."""

import subprocess
import sys
from pathlib import Path

import pytest

from lab.cli.sources import read_sources
from lab.kube.objects import parse_lab
from tests.matrices.lab import lab_name, write_lab
from tests.matrices.models import Model, models
from tests.matrices.tables import TABLES, as_text, cells

MODELS = models()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_what_a_model_is_held_to_is_a_row_of_a_table(model: Model) -> None:
    """A mistyped row would be asked by nobody."""
    assert model.tables.keys() <= TABLES.keys()
    for name, rows in model.tables.items():
        assert rows.keys() <= TABLES[name].rows.keys()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_its_lab_asks_every_cell(model: Model, tmp_path: Path) -> None:
    lab, _ = parse_lab(read_sources(write_lab(model, tmp_path)))

    assert lab.name == lab_name(model)
    assert [test.name for test in lab.tests] == [
        name for cell in cells(model) for name in cell.checks
    ]
    assert len(cells(model)) == sum(map(len, model.tables.values()))


def test_a_row_that_is_not_asked_is_shown_as_such() -> None:
    one, other = (
        Model(name=name, cluster={}, pool={}, tables={"ttl": rows})
        for name, rows in (("a", {"pod -> own node": 64}), ("b", {"pod -> machine": 63}))
    )

    lines = as_text("ttl", [one, other]).splitlines()

    assert lines[0].split() == ["a", "b"]
    assert [line.split()[-2:] for line in lines if "own node" in line] == [["64", "?"]]
    assert [line.split()[-2:] for line in lines if line.startswith("pod -> machine")] == [
        ["?", "63"]
    ]


@pytest.mark.parametrize("name", TABLES)
def test_a_terminal_shows_a_table_and_every_model_is_in_it(name: str) -> None:
    lines = as_text(name, MODELS).splitlines()

    assert max(map(len, lines)) <= 80
    headings = [word for line in lines if line.startswith(" ") for word in line.split()]
    assert headings == [model.name for model in MODELS]


@pytest.mark.parametrize("name", TABLES)
def test_the_command_prints_a_table(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.matrices", name],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == as_text(name, MODELS)
