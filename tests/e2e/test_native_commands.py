"""Commands in a capsule: streams, exit codes, signals and the caller's terminal."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.runtime.native.provider import NativeRuntime
from tests.e2e.capsules import (
    A,
    B,
    entering,
    lab_with,
    run_inside,
)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def lab() -> Iterator[NativeRuntime]:
    with lab_with(A, B) as runtime:
        yield runtime


def test_streams_and_exit_codes_are_the_commands_own(
    lab: NativeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A directory there that can't be read makes a shell say 126 for what it didn't find.
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    done = subprocess.run(
        entering(lab, "a", "sh", "-c", "tr a-z A-Z; echo problem >&2; exit 7"),
        input="hello\n",
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr, done.returncode) == ("HELLO\n", "problem\n", 7)
    assert run_inside(lab, "a", "sh", "-c", "kill -9 $$").returncode == 137
    assert run_inside(lab, "a", "no-such-command").returncode == 127


def test_a_command_runs_where_its_caller_is_if_that_can_be_seen(lab: NativeRuntime) -> None:
    """The machine's /tmp can't."""
    assert run_inside(lab, "a", "pwd", cwd=Path("/usr/bin")).stdout == "/usr/bin\n"
    assert run_inside(lab, "a", "pwd", cwd=Path("/tmp")).stdout == "/\n"


def test_a_signal_to_the_caller_reaches_the_command(lab: NativeRuntime) -> None:
    script = "trap 'echo ended; exit 3' TERM; echo ready; sleep 1000 & wait"
    with subprocess.Popen(
        entering(lab, "a", "sh", "-c", script), stdout=subprocess.PIPE, text=True
    ) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "ready\n"

        caller.terminate()

        assert caller.stdout.readline() == "ended\n"
        assert caller.wait() == 3


def test_a_command_hears_that_its_caller_was_killed(lab: NativeRuntime) -> None:
    script = "trap 'echo hung up; exit' HUP; echo ready; sleep 1000 & wait"
    with subprocess.Popen(
        entering(lab, "a", "sh", "-c", script), stdout=subprocess.PIPE, text=True
    ) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "ready\n"

        caller.kill()

        assert caller.stdout.readline() == "hung up\n"


def test_a_command_gets_the_callers_terminal_and_gives_it_back(lab: NativeRuntime) -> None:
    """A shell that was in the foreground can't name the group it took the terminal from."""
    afterwards = "import os; print('mine again', os.tcgetpgrp(0) == os.getpgrp())"
    caller = entering(lab, "a", "bash", "-ic", "test -t 0 && echo terminal", afterwards=afterwards)
    quoted = " ".join(f"'{word}'" for word in [word.replace("'", "'\\''") for word in caller])

    done = subprocess.run(
        ["script", "-qec", quoted, "/dev/null"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "terminal" in done.stdout.split(), done.stdout
    assert "mine again True" in done.stdout
