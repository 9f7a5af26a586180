"""M1, M3 and semantics 8: what each network model does with the same packets.

The tables and labs are those of `tests.matrices`. A model is deployed for as long as its
lab file's tests take; every cell of every table is a test here.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import deployed
from tests.matrices.lab import write_lab
from tests.matrices.models import Model, models
from tests.matrices.tables import Cell, cells

MODELS = {model.name: model for model in models()}

Answers = Mapping[str, str]
"""Why each test of a model's lab did not pass, by name; empty where it did."""


@pytest.fixture(scope="module")
def answers(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Model], Answers]:
    """What the packets of a model say, asked once."""
    known: dict[str, Answers] = {}

    def asked(model: Model) -> Answers:
        if model.name not in known:
            file = write_lab(model, tmp_path_factory.mktemp(model.name))
            with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
                done = lab.vnetlab("test", "-n", lab.name, "--format", "json", check=False)
            known[model.name] = {
                test["name"]: "" if test["verdict"] == "passed" else json.dumps(test, indent=1)
                for test in json.loads(done.stdout)["tests"]
            }
        return known[model.name]

    return asked


def assert_holds(answers: Callable[[Model], Answers], cell: Cell) -> None:
    found = answers(cell.model)
    assert [found[name] for name in cell.checks if found[name]] == []


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
