"""Hosts that share their processes: a host comes, goes, and its neighbours notice nothing."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from agents.workloads.desired import Desired, decode_statuses, encode_desired
from lab.runtime.native.provider import NativeRuntime
from tests.e2e.capsules import (
    A,
    B,
    C,
    entering,
    kill_and_wait,
    lab_with,
    output_inside,
    processes_of,
    provide,
    run_inside,
    status_of,
)

pytestmark = pytest.mark.e2e

SHARED = {"cloud", "agent crew 1", "workloads crew 1"}

CLIENT = """\
import socket, sys
workloads = socket.socket(socket.AF_UNIX)
workloads.connect("/run/vnetlab/hosts/c/workloads.sock")
lines = workloads.makefile("rw")
for wanted in sys.argv[1:]:
    print(wanted, file=lines, flush=True)
    print(lines.readline(), end="", flush=True)
    input()
"""
LINES = [
    encode_desired(Desired(revision=revision, workloads=())).decode().strip() for revision in (1, 2)
]


@pytest.fixture
def lab() -> Iterator[NativeRuntime]:
    with lab_with(A, B, C, crew=3) as runtime:
        yield runtime


def test_hosts_of_a_crew_share_their_processes(lab: NativeRuntime) -> None:
    assert status_of(lab).processes.keys() == SHARED
    output_inside(lab, "a", "ping", "-n", "-c", "1", "198.18.0.12", kind="vswitch")


def test_a_host_goes_and_its_neighbours_are_served_on(lab: NativeRuntime) -> None:
    before = status_of(lab).processes
    caller = entering(lab, "c", sys.executable, "-c", CLIENT, *LINES, kind="vswitch")
    with subprocess.Popen(
        caller, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        assert decode_statuses(client.stdout.readline().encode()).revision == 1

        provide(lab, A, C)

        client.stdin.write("\n")
        assert decode_statuses(client.stdout.readline().encode()).revision == 2
        client.kill()
    after = status_of(lab)
    assert after.processes == before
    assert after.restarts == 0
    assert set(after.hosts) == {A, C}
    assert run_inside(lab, "b", "true").returncode != 0


@pytest.mark.parametrize("name", sorted(SHARED - {"cloud"}))
def test_a_process_that_was_killed_starts_again_without_those_that_went(
    lab: NativeRuntime, name: str
) -> None:
    provide(lab, A, B)
    kill_and_wait(processes_of(lab)[status_of(lab).processes[name]])
    status_of(lab)  # one turn of the first process, at the end of which it has started again
    provide(lab, A)
    after = status_of(lab)
    assert after.processes.keys() == SHARED
    assert after.restarts == 1
    assert set(after.hosts) == {A}


def test_a_process_that_does_not_answer_has_to_start_anew(lab: NativeRuntime) -> None:
    stopped = processes_of(lab)[status_of(lab).processes["agent crew 1"]]
    subprocess.run(["kill", "-STOP", str(stopped)], check=True)
    provide(lab, A, B)
    status_of(lab)
    after = status_of(lab)
    assert after.restarts == 1
    assert set(after.hosts) == {A, B}


def test_the_last_host_takes_the_processes_along(lab: NativeRuntime) -> None:
    provide(lab)
    assert status_of(lab).processes.keys() == {"cloud"}
    provide(lab, B)
    assert status_of(lab).processes.keys() == {"cloud", "agent b", "workloads b"}
