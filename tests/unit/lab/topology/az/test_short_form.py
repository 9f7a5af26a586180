"""A file in the short form is told from others without being rewritten."""

from pathlib import Path

import pytest

from lab.topology.az import virtual_machines
from lab.topology.az.rewriting import Rewriting
from lab.topology.az.short_form import is_short
from lab.topology.compose import compose
from lab.topology.document import Value, child
from lab.topology.sources import SourceFile
from tests.unit.lab.topology.labs import HEAD

ROOT = Path(__file__).parents[5]
FILES = sorted((*ROOT.glob("examples/*.lab.yaml"), *ROOT.glob("tests/rejected/*.lab.yaml")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_counts_as_short_is_what_rewriting_leaves_as_it_is(path: Path) -> None:
    for document in compose(SourceFile(path=path.name, content=path.read_bytes())).documents[:1]:
        if not is_short(document.value):
            return
        rewriting = Rewriting(document)
        value = rewriting.run()
        if (root := rewriting.draft(value)) is not None:
            virtual_machines.join(root, rewriting)
        rewritten = rewriting.finished(value)

        assert told(rewritten.value) == told(document.value)
        assert (rewriting.faults, rewriting.warnings) == ([], [])
        for place in places(document.value):
            assert rewritten.location(place) == document.location(place)


def test_the_files_of_examples_are_short() -> None:
    """Else nothing above says anything."""
    files = [path for path in FILES if path.parent.name == "examples"]
    short = [path for path in files if is_short(read(path.read_text("utf-8")))]

    assert len(short) > len(files) / 2


@pytest.mark.parametrize(
    "written",
    [
        "cloud: {virtualNetworks: [{name: vnet01, location: westeurope}]}",
        "cloud: {virtualNetworks: [{id: vnet01}]}",
        "cloud: {networkInterfaces: []}",
        "virtualMachines: [{name: vm1, networkProfile: {networkInterfaces: []}}]",
        "virtualMachines: [{name: vm1, subnet: {id: vnet01/vlan01}}]",
        "virtualMachines: [{name: vm1, subnet: /subscriptions/s}]",
        "virtualMachines: [{name: vm1, privateIPAddress: 10.0.0.4}]",
        "virtualMachines: [{name: vm1, unheard: of}]",
    ],
)
def test_what_may_be_of_az_is_not_short(written: str) -> None:
    assert not is_short(read(HEAD + written))


def read(text: str) -> Value:
    return compose(SourceFile(path="lab.yaml", content=text.encode())).documents[0].value


def told(value: Value) -> str:
    """With the order of keys."""
    return repr(value)


def places(value: Value) -> list[tuple[str | int, ...]]:
    steps: list[str | int] = []
    if isinstance(value, dict):
        steps = list(value)
    elif isinstance(value, list):
        steps = list(range(len(value)))
    return [(), *((step, *rest) for step in steps for rest in places(child(value, step)))]
