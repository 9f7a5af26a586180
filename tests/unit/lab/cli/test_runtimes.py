import os
from pathlib import Path

import pytest

from lab.cli.errors import CommandFailed
from lab.cli.runtimes import all_labs, find_lab, known_labs, runtime_of
from lab.runtime.provider import LabNotRunning, RuntimeFailure


def leave_remains(name: str, runtime: str) -> None:
    directory = Path(os.environ["VNETLAB_STATE_DIR"]) / name
    directory.mkdir(parents=True)
    (directory / "runtime").write_text(f"{runtime}\n")


def test_each_runtime_is_that_of_the_lab() -> None:
    for name in ("native", "docker"):
        assert runtime_of(name, "aks").target.endswith("/aks/cloud.sock")


def test_there_are_no_other_runtimes() -> None:
    with pytest.raises(CommandFailed, match='no runtime "swarm"'):
        runtime_of("swarm", "aks")


def test_what_is_no_name_of_a_lab_is_refused() -> None:
    with pytest.raises(RuntimeFailure, match="is no name of a lab"):
        find_lab("../etc")


def test_remains_are_labs_that_do_not_run() -> None:
    leave_remains("aks", "native")
    assert [(lab.name, lab.running) for lab in all_labs()] == [("aks", False)]
    assert not find_lab("aks").running


def test_directories_alone_say_which_labs_are_known() -> None:
    leave_remains("gke", "docker")
    leave_remains("aks", "native")
    assert [(lab.name, lab.runtime) for lab in known_labs()] == [
        ("aks", "native"),
        ("gke", "docker"),
    ]


def test_a_lab_that_is_not_there_names_those_that_are() -> None:
    leave_remains("aks", "native")
    with pytest.raises(LabNotRunning) as refused:
        find_lab("gke")
    assert refused.value.remedy == "choose with -n of those that do: aks"
