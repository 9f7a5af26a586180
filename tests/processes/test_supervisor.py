"""Processes that are killed, and the supervisor of a node's container that starts them again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.supervisor import workloads_listener

PROGRAM = """
import os, signal, sys
from agents.supervisor import Task, supervise

def run(name):
    os.write(1, f"{name} {os.getpid()}\\n".encode())
    signal.sigwait({signal.SIGUSR1}) if name == "stubborn" else signal.pause()

def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    run("stubborn")

tasks = {"steady": lambda: run("steady"), "other": lambda: run("other"), "stubborn": stubborn}
supervise([Task(name=name, run=tasks[name]) for name in sys.argv[1:]])
print("ended", flush=True)
"""


class Supervised:
    """A supervisor with tasks that say who they are, and wait."""

    def __init__(self, *tasks: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *tasks], stdout=subprocess.PIPE, text=True
        )

    def next_start(self) -> tuple[str, int]:
        assert self.process.stdout is not None
        name, _, pid = self.process.stdout.readline().partition(" ")
        return name, int(pid)

    def end(self) -> str:
        """End it, and say what came after."""
        self.process.terminate()
        said, _ = self.process.communicate(timeout=60)
        return said


@pytest.fixture
def pair() -> Iterator[Supervised]:
    supervised = Supervised("steady", "other")
    yield supervised
    if supervised.process.poll() is None:
        supervised.end()


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_that_is_killed_is_started_again_and_the_others_stay(pair: Supervised) -> None:
    started = dict([pair.next_start(), pair.next_start()])
    os.kill(started["steady"], signal.SIGKILL)
    name, pid = pair.next_start()
    assert name == "steady"
    assert pid != started["steady"]
    assert runs(started["other"])


def test_a_process_that_ends_by_itself_is_started_again(pair: Supervised) -> None:
    started = dict([pair.next_start(), pair.next_start()])
    os.kill(started["other"], signal.SIGTERM)
    assert pair.next_start()[0] == "other"


def test_nothing_is_left_when_it_is_ended(pair: Supervised) -> None:
    started = dict([pair.next_start(), pair.next_start()])
    assert pair.end() == "ended\n"
    assert not any(runs(pid) for pid in started.values())


def test_what_does_not_want_to_end_is_killed() -> None:
    supervised = Supervised("stubborn")
    _, pid = supervised.next_start()
    assert supervised.end() == "ended\n"
    assert not runs(pid)


def test_connections_to_the_workloads_wait_for_whoever_accepts_them(tmp_path: Path) -> None:
    """A workloads process that restarts is late, never absent."""
    path = tmp_path / "workloads.sock"
    with workloads_listener(path) as listener, socket.socket(socket.AF_UNIX) as agent:
        agent.connect(str(path))
        agent.sendall(b"waiting")
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(64) == b"waiting"
    assert path.stat().st_mode & 0o777 == 0o600
