from pathlib import Path

import pytest

from lab.cli.errors import CommandFailed
from lab.cli.selection import implied_name, lab_file, name_in, selected, socket_at_hand
from lab.runtime.provider import LabNotRunning, RunningLab
from lab.topology.problems import LabFileError


def write(name: str, text: str = "metadata: {name: aks}\n") -> Path:
    path = Path(name)
    path.write_text(text)
    return path


def test_a_file_that_is_given_is_meant() -> None:
    assert lab_file(Path("any")) == Path("any")


def test_the_only_lab_file_here_is_meant() -> None:
    write("a.lab.yaml")
    write("b.yaml")
    assert lab_file(None) == Path("a.lab.yaml")


def test_none_and_several_are_refused() -> None:
    with pytest.raises(CommandFailed, match=r"there is no \*\.lab\.yaml"):
        lab_file(None)
    write("a.lab.yaml")
    write("b.lab.yaml")
    with pytest.raises(CommandFailed, match=r"2 lab files here: a\.lab\.yaml, b\.lab\.yaml"):
        lab_file(None)


def test_a_name_is_found_whatever_else_is_wrong_with_the_file() -> None:
    assert name_in(write("a.lab.yaml", "metadata: {name: aks}\nclouds: 7\n")) == "aks"


@pytest.mark.parametrize("text", ["", "metadata: 7", "metadata: {name: 7}", "{", "- a"])
def test_a_file_without_a_name_asks_for_one(text: str) -> None:
    with pytest.raises(CommandFailed, match=r"a\.lab\.yaml has no metadata\.name"):
        name_in(write("a.lab.yaml", text))


def test_a_file_that_is_not_there_is_a_problem_of_the_file() -> None:
    with pytest.raises(LabFileError):
        name_in(Path("absent.lab.yaml"))


def test_the_file_here_says_which_lab_is_meant() -> None:
    write("a.lab.yaml")
    assert implied_name(None) == "aks"
    assert implied_name(write("other", "metadata: {name: gke}")) == "gke"


def test_without_file_and_labs_nothing_is_meant() -> None:
    with pytest.raises(CommandFailed, match="no lab runs here"):
        implied_name(None)


def test_a_lab_that_does_not_run_is_said_not_to() -> None:
    with pytest.raises(LabNotRunning, match='no lab "aks" runs here'):
        selected("aks", None)


def test_where_the_lab_is_and_its_engine_is_not_commands_go_through_agents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So it is in the cloud container of a compose file."""
    lab = RunningLab(name="aks", runtime="docker", state_directory=Path("/state/aks"))
    monkeypatch.setattr("lab.cli.runtimes.find_lab", lambda _: lab)
    assert selected("aks", None).runtime == ""
    monkeypatch.setattr("lab.cli.runtimes.engine_may_answer", lambda: True)
    assert selected("aks", None).runtime == "docker"


def test_inside_a_lab_it_is_that_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VNETLAB_SOCKET", "/run/x.sock")
    assert socket_at_hand() == Path("/run/x.sock")
    chosen = selected("whatever the container's environment says", None)
    assert (chosen.target, chosen.runtime) == ("unix:/run/x.sock", "")
