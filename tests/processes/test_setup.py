"""`.ci/setup`: what a newcomer runs first, on machines of every kind.

Each test runs the script in a folder of its own with its own idea of what is
installed, so that nothing of this machine is changed.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
Machine = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What of the repository the script reads."""
    folder = tmp_path / "clone"
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(REPOSITORY / ".ci" / "setup", folder / ".ci")
    (folder / ".ci" / "packages").write_text("sh  dash\nno-such-command  missing-package\n")
    return folder


@pytest.fixture
def machine(clone: Path, tmp_path: Path) -> Machine:
    """Runs the script where `commands` are found before the machine's own."""

    def run(goal: str, **commands: str) -> subprocess.CompletedProcess[str]:
        folder = tmp_path / "bin"
        folder.mkdir()
        for name, body in commands.items():
            script = folder / name.replace("_", "-")
            script.write_text(f"#!/bin/sh\n{body}\n")
            script.chmod(0o755)
        return subprocess.run(
            [clone / ".ci" / "setup", goal],
            env={**os.environ, "PATH": f"{folder}:/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


ORDINARY = {"id": "echo 1000", "sudo": "exit 1"}
UNUSED = 'echo "called: $0 $*"; exit 9'


def test_without_the_right_to_install_it_prints_the_line_to_run(machine: Machine) -> None:
    done = machine("packages", **ORDINARY, apt_get=UNUSED)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "setup: some system packages are missing and I may not install them;\n"
        "run this once as root, then the same command again:\n"
        "\n"
        "    apt-get update && apt-get install --yes --no-install-recommends missing-package\n"
        "\n"
    )


@pytest.mark.parametrize(
    "who",
    [
        pytest.param({"id": "echo 0"}, id="root"),
        pytest.param({"id": "echo 1000", "sudo": 'shift; [ "$*" = true ] || exec "$@"'}, id="sudo"),
    ],
)
def test_with_the_right_to_install_it_installs_what_is_missing(
    machine: Machine, tmp_path: Path, who: dict[str, str]
) -> None:
    log = tmp_path / "log"
    done = machine("packages", **who, apt_get=f'echo "$DEBIAN_FRONTEND $*" >>{log}')
    assert done.returncode == 0, done.stderr
    assert log.read_text().splitlines() == [
        "noninteractive -q update",
        "noninteractive -q install --yes --no-install-recommends missing-package",
    ]


def test_an_installation_that_fails_shows_why(machine: Machine) -> None:
    done = machine("packages", id="echo 0", apt_get='echo "E: no space left" >&2; exit 100')
    assert done.returncode == 2
    assert "E: no space left" in done.stderr
    assert "failed with exit code 100" in done.stderr


def test_with_everything_there_it_changes_nothing(machine: Machine, clone: Path) -> None:
    (clone / ".ci" / "packages").write_text("sh  dash\n")
    done = machine("packages", id="echo 0", apt_get=UNUSED)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_writes_into_nothing_but_a_virtual_environment(
    machine: Machine, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistaken VENV must not cost somebody a folder of files."""
    (clone / ".ci" / "packages").write_text("")
    (clone / "pyproject.toml").write_text("")
    precious = clone / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    monkeypatch.setenv("VENV", str(precious))
    done = machine("run")
    assert done.returncode == 2
    assert "no virtual environment" in done.stderr
    assert (precious / "file").read_text() == "kept"
    assert [path.name for path in precious.iterdir()] == ["file"]


def test_an_interpreter_that_others_cannot_reach_is_not_used(
    machine: Machine, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor one that is too old: it says so instead of building half an environment."""
    (clone / ".ci" / "packages").write_text("")
    (clone / "pyproject.toml").write_text("")
    monkeypatch.setenv("PYTHON", "stranger")
    done = machine(
        "run", stranger="echo /home/somebody-else/bin/python3", **ORDINARY, apt_get=UNUSED
    )
    assert done.returncode == 2
    assert "python3-venv" in done.stderr
    assert not (clone / ".venv").exists()
