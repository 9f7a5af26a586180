"""M1, M3 and semantics 8: what each network model does with the same packets.

The tables and labs are those of `tests.matrices`. A model is deployed for as long as its
lab file's tests take; every cell of every table is a test here, and so is the model's page
in ``docs/models``, which is written anew from the same lab.
"""

import difflib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import deployed
from tests.matrices.lab import write_lab
from tests.matrices.models import Model, models
from tests.matrices.tables import Cell, cells
from tests.pages.walks import recorded
from tests.pages.writing import Page, pages, written

MODELS = {model.name: model for model in models()}

NATIVE = pytest.param("native", marks=pytest.mark.e2e)
"""The runtime that pages are about."""

PAGES = {page.model.name: page for page in pages()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the packets of a model say."""

    failures: Mapping[str, str]
    """Why each test of the model's lab did not pass, by name; empty where it did."""
    page: str
    """Of the documentation; empty on the docker runtime."""


@pytest.fixture(scope="module")
def answers(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Model], Answers]:
    """What the packets of a model say, asked once."""
    known: dict[str, Answers] = {}

    def asked(model: Model) -> Answers:
        if model.name not in known:
            file = write_lab(model, tmp_path_factory.mktemp(model.name))
            page = PAGES[model.name]
            with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
                text = written(page, recorded(lab, page.questions)) if runtime == "native" else ""
                done = lab.vnetlab("test", "-n", lab.name, "--format", "json", check=False)
            known[model.name] = Answers(
                failures={
                    test["name"]: "" if test["verdict"] == "passed" else json.dumps(test, indent=1)
                    for test in json.loads(done.stdout)["tests"]
                },
                page=text,
            )
        return known[model.name]

    return asked


def assert_holds(answers: Callable[[Model], Answers], cell: Cell) -> None:
    failures = answers(cell.model).failures
    assert [failures[name] for name in cell.checks if failures[name]] == []


def of_table(name: str) -> list[Cell]:
    return [cell for model in MODELS.values() for cell in cells(model) if cell.table == name]


@pytest.mark.claim("M3", "B1")
@pytest.mark.parametrize("cell", of_table("ttl"), ids=str)
def test_what_ping_prints(answers: Callable[[Model], Answers], cell: Cell) -> None:
    """The columns bridge and transparent are two versions of one plugin."""
    assert_holds(answers, cell)


@pytest.mark.parametrize("cell", of_table("sources"), ids=str)
def test_whom_the_receiver_sees(answers: Callable[[Model], Answers], cell: Cell) -> None:
    assert_holds(answers, cell)


@pytest.mark.claim("M1", "D1")
@pytest.mark.parametrize("cell", of_table("connectivity"), ids=str)
def test_who_may_begin(answers: Callable[[Model], Answers], cell: Cell) -> None:
    assert_holds(answers, cell)


NODE_SUBNET = [MODELS[name] for name in ("bridge", "tunnel", "transparent")]


@pytest.mark.claim("B22")
@pytest.mark.parametrize("model", NODE_SUBNET, ids=lambda model: model.name)
def test_outside_the_virtual_network_a_packet_carries_the_nodes_address(
    answers: Callable[[Model], Answers], model: Model
) -> None:
    cell = Cell(model=model, table="sources", row="pod -> peered machine")
    assert cell.value == "node"
    assert_holds(answers, cell)


@pytest.mark.claim("B23")
@pytest.mark.parametrize("model", NODE_SUBNET, ids=lambda model: model.name)
def test_a_peered_network_reaches_pods_by_their_private_addresses(
    answers: Callable[[Model], Answers], model: Model
) -> None:
    cell = Cell(model=model, table="connectivity", row="pod - peered machine")
    assert cell.value == "both"
    assert_holds(answers, cell)


@pytest.mark.parametrize("runtime", [NATIVE], indirect=True)
@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
def test_the_models_page_says_what_happens(answers: Callable[[Model], Answers], page: Page) -> None:
    in_file = page.file.read_text(encoding="utf-8").splitlines()
    different = difflib.unified_diff(
        in_file, answers(page.model).page.splitlines(), page.file.name, "this run", lineterm=""
    )
    assert "\n".join(different) == "", "mend what changed, or run: make models"
