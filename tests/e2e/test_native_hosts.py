"""Hosts of a capsule without a lab file: made, seen from inside, removed."""

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.runtime.native.provider import NativeRuntime
from lab.runtime.provider import (
    Host,
)
from tests.e2e.capsules import (
    A,
    B,
    C,
    entering,
    kill_and_wait,
    lab_with,
    output_inside,
    processes_of,
    run_inside,
    runtime_below,
    status_of,
)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def lab() -> Iterator[NativeRuntime]:
    with lab_with(A, B) as runtime:
        yield runtime


@pytest.fixture
def fresh(lab: NativeRuntime) -> Iterator[NativeRuntime]:
    """Another lab of the same user, not started."""
    runtime = runtime_below(lab.state.root, "fresh")
    try:
        yield runtime
    finally:
        runtime.destroy()


def test_hosts_reach_each_other_over_the_spine_and_nothing_else(lab: NativeRuntime) -> None:
    ping = ("ping", "-n", "-c", "1", "-W", "2")

    output_inside(lab, "a", *ping, "198.18.0.11", kind="vswitch")
    assert run_inside(lab, "a", *ping, "192.0.2.1", kind="vswitch").returncode != 0


def test_a_node_begins_empty_and_with_its_own_name(lab: NativeRuntime) -> None:
    assert output_inside(lab, "a", "hostname") == "a\n"
    links = output_inside(lab, "a", "ip", "-o", "link").splitlines()
    assert [line.split(": ")[1] for line in links] == ["lo"]


def test_no_namespace_of_a_host_shows_the_machines_devices(lab: NativeRuntime) -> None:
    links = output_inside(lab, "a", "ip", "-o", "link", kind="vswitch").splitlines()

    assert [line.split(": ")[1].partition("@")[0] for line in links] == ["lo", "und0"]


def test_hosts_are_made_exactly_those_that_are_asked_for(fresh: NativeRuntime) -> None:
    fresh.start()
    fresh.provide([A, B])
    before = status_of(fresh).processes

    fresh.provide([B, C])

    after = status_of(fresh)
    assert set(after.hosts) == {B, C}
    assert set(after.processes) == {"cloud", "agent b", "workloads b", "agent c", "workloads c"}
    assert {before[name] for name in ("agent b", "workloads b")} == {
        after.processes[name] for name in ("agent b", "workloads b")
    }
    output_inside(fresh, "c", "ping", "-n", "-c", "1", "198.18.0.11", kind="vswitch")


def test_a_host_that_goes_takes_its_processes_along(fresh: NativeRuntime) -> None:
    fresh.start()
    fresh.provide([A, B])
    with subprocess.Popen(
        entering(fresh, "a", "sh", "-c", "echo; exec sleep 1000"), stdout=subprocess.PIPE
    ) as caller:
        assert caller.stdout is not None
        caller.stdout.readline()

        fresh.provide([B])

        assert caller.wait() == 128 + signal.SIGKILL
    assert run_inside(fresh, "a", "true").returncode != 0


def test_a_host_with_another_address_is_another_host(fresh: NativeRuntime) -> None:
    fresh.start()
    fresh.provide([A, B])

    fresh.provide([Host(name="a", underlay_address=C.underlay_address), B])

    addresses = output_inside(fresh, "a", "ip", "-o", "-4", "addr", kind="vswitch")
    assert "198.18.0.12/32" in addresses
    output_inside(fresh, "a", "ping", "-n", "-c", "1", "198.18.0.11", kind="vswitch")


@pytest.mark.parametrize("name", ["cloud", "agent a", "workloads a"])
def test_a_process_that_is_killed_is_started_again(lab: NativeRuntime, name: str) -> None:
    before = status_of(lab)
    kill_and_wait(processes_of(lab)[before.processes[name]])

    status_of(lab)  # one turn of the first process, at the end of which it has started again
    after = status_of(lab)

    assert after.processes[name] != before.processes[name]
    assert after.restarts == before.restarts + 1
    assert output_inside(lab, "a", "hostname") == "a\n"


def test_the_machines_files_are_read_only_and_its_places_to_write_are_the_labs_own(
    lab: NativeRuntime, tmp_path: Path
) -> None:
    secret = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        for directory in ("/usr", "/opt", "/home", str(Path.home())):
            assert run_inside(lab, "a", "touch", f"{directory}/x").returncode != 0
        for directory in ("/tmp", "/run", "/var/log", "/dev/shm", "/etc"):
            output_inside(lab, "a", "touch", f"{directory}/vnetlab-test")
            assert not Path(directory, "vnetlab-test").exists()
        assert run_inside(lab, "a", "ls", str(secret)).returncode != 0
    finally:
        secret.rmdir()


def test_the_machines_settings_can_not_be_written(lab: NativeRuntime) -> None:
    """Not even by root's lab, whose root is the machine's."""
    setting = Path("/proc/sys/vm/swappiness")
    value = setting.read_text()

    assert run_inside(lab, "a", "sh", "-c", f"echo 1 >{setting}").returncode != 0
    assert setting.read_text() == value
    output_inside(lab, "a", "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")


def test_tools_that_change_their_user_work(lab: NativeRuntime) -> None:
    """tcpdump refuses to work as root if it can't become somebody else."""
    program = "import os; os.setgroups([]); os.setgid(1); os.setuid(1); print('changed')"

    assert output_inside(lab, "a", "/usr/bin/python3", "-c", program) == "changed\n"
