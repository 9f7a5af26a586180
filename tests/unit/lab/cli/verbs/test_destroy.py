from pathlib import Path

import pytest

from lab.runtime.provider import RunningLab
from tests.unit.lab.cli.fake_runtime import FakeRuntime


@pytest.fixture
def runtimes(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeRuntime]:
    """Two labs, one of them dead."""
    labs = [
        RunningLab(name="aks", runtime="native", state_directory=Path("/state/aks")),
        RunningLab(name="gke", runtime="docker", state_directory=Path("/state/gke"), running=False),
    ]
    made = {lab.name: FakeRuntime() for lab in labs}
    for listing in ("all_labs", "known_labs"):
        monkeypatch.setattr(f"lab.cli.runtimes.{listing}", lambda: labs)
    monkeypatch.setattr("lab.cli.runtimes.runtime_of", lambda _, lab, **__: made[lab])
    return made


def test_a_lab_is_destroyed_by_name(vnetlab, runtimes) -> None:
    printed = vnetlab("destroy", "-n", "aks")
    assert (printed.exit_code, printed.out) == (0, "aks is gone\n")
    assert [runtime.calls for runtime in runtimes.values()] == [["destroy"], []]


def test_a_lab_is_destroyed_by_its_file_even_one_that_is_no_lab_any_more(vnetlab, runtimes) -> None:
    Path("a.lab.yaml").write_text("metadata: {name: gke}\nnonsense: 1\n")
    assert vnetlab("down").out == "gke is gone\n"


def test_all_labs_and_remains(vnetlab, runtimes) -> None:
    printed = vnetlab("destroy", "--all")
    assert printed.out.splitlines() == ["aks is gone", "gke is gone"]
    assert [runtime.calls for runtime in runtimes.values()] == [["destroy"], ["destroy"]]


def test_destroying_what_is_not_there_is_no_error(vnetlab, runtimes) -> None:
    printed = vnetlab("destroy", "-n", "other")
    assert (printed.exit_code, printed.out) == (0, 'there was no lab "other"\n')


def test_one_lab_of_several_has_to_be_chosen(vnetlab, runtimes) -> None:
    printed = vnetlab("destroy")
    assert printed.exit_code == 2
    assert "2 labs run here: aks, gke" in printed.err
    assert [runtime.calls for runtime in runtimes.values()] == [[], []]


def test_all_and_one_contradict_each_other(vnetlab, runtimes) -> None:
    assert vnetlab("destroy", "--all", "-n", "aks").exit_code == 2


def test_quiet(vnetlab, runtimes) -> None:
    printed = vnetlab("destroy", "-q", "-n", "aks")
    assert (printed.out, printed.err) == ("", "")
