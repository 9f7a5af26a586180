"""The native runtime by itself: capsules without a lab file in them."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from lab.runtime.native import launch
from lab.runtime.native.capabilities import capabilities
from lab.runtime.native.capsule import Capsule, running
from lab.runtime.native.identity import identity_map, write_map
from lab.runtime.native.launch import BIRTH
from lab.runtime.native.provider import NativeRuntime, labs
from lab.runtime.native.trial import NoCapsule, inside_capsule
from lab.runtime.provider import (
    Host,
    LabNameInUse,
    LabNotRunning,
    LabOfAnotherUser,
    RuntimeFailure,
)
from tests.e2e.capsules import (
    all_namespaces,
    command_lines,
    entering,
    held,
    kill_and_wait,
    left_of,
    namespaces_of,
    output_inside,
    processes_of,
    run_inside,
    runtime_below,
    status_of,
    wait_for_end,
)

pytestmark = pytest.mark.e2e

A = Host(name="a", underlay_address=IPv4Address("198.18.0.10"))
B = Host(name="b", underlay_address=IPv4Address("198.18.0.11"))
C = Host(name="c", underlay_address=IPv4Address("198.18.0.12"))


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A short path, as sockets lie below it."""
    directory = Path(tempfile.mkdtemp(prefix="vc", dir="/tmp"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def lab(root: Path) -> Iterator[NativeRuntime]:
    """Hosts a and b."""
    runtime = runtime_below(root, "shared")
    runtime.start()
    try:
        runtime.provide([A, B])
        yield runtime
    finally:
        runtime.destroy()


@pytest.fixture
def fresh(root: Path) -> Iterator[NativeRuntime]:
    """Not started."""
    runtime = runtime_below(root, "fresh")
    try:
        yield runtime
    finally:
        runtime.destroy()


def test_this_machine_can_run_labs() -> None:
    """Here a missing feature is a failure, not a reason to skip what needs it."""
    assert [entry for entry in capabilities() if entry.required and not entry.present] == []


def test_a_trial_capsule_says_what_went_wrong_and_leaves_nothing() -> None:
    before = set(Path(tempfile.gettempdir()).glob("vnetlab-*"))

    def fail() -> bytes:
        raise OSError("no such device")

    with pytest.raises(NoCapsule, match="no such device"):
        inside_capsule(fail)
    assert inside_capsule(lambda: str(os.getpid()).encode()) == b"1"
    assert set(Path(tempfile.gettempdir()).glob("vnetlab-*")) <= before


def test_a_lab_that_runs_is_not_started_again(lab: NativeRuntime) -> None:
    with running(lab.state) as before:
        lab.start()
        with running(lab.state) as after:
            assert before.pid == after.pid


def test_the_cloud_process_listens_as_soon_as_the_lab_has_started(fresh: NativeRuntime) -> None:
    fresh.start()

    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(fresh.state.cloud_socket))
    assert fresh.state.cloud_socket.stat().st_mode & 0o077 == 0
    assert fresh.state.capsule_socket.stat().st_mode & 0o077 == 0


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


def test_nothing_is_left_of_a_lab_that_is_destroyed(fresh: NativeRuntime) -> None:
    fresh.start()
    fresh.provide([A, B])
    with running(fresh.state) as capsule:
        namespaces = namespaces_of(capsule)
    assert namespaces <= all_namespaces()
    caller = subprocess.Popen(
        entering(fresh, "a", "sh", "-c", "echo; exec sleep 1000"), stdout=subprocess.PIPE
    )
    with caller:
        assert caller.stdout is not None
        caller.stdout.readline()

        fresh.destroy()

        assert caller.wait() == 128 + signal.SIGKILL
    assert left_of(fresh) == []
    assert not namespaces & all_namespaces()
    with pytest.raises(LabNotRunning):
        fresh.provide([A])


def test_destroying_what_is_not_there_is_no_error(fresh: NativeRuntime) -> None:
    fresh.destroy()

    assert left_of(fresh) == []


def test_a_lab_whose_first_process_was_killed_is_started_anew(fresh: NativeRuntime) -> None:
    """What a reboot leaves: a directory with sockets that nobody listens at."""
    fresh.start()
    with running(fresh.state) as capsule:
        kill_and_wait(capsule.pid)
    assert [entry.running for entry in labs_below(fresh)] == [False]

    fresh.start()
    fresh.provide([A])

    assert [entry.running for entry in labs_below(fresh)] == [True]
    assert output_inside(fresh, "a", "hostname") == "a\n"


def labs_below(runtime: NativeRuntime) -> list[object]:
    before = os.environ.get("VNETLAB_STATE_DIR")
    os.environ["VNETLAB_STATE_DIR"] = str(runtime.state.root)
    try:
        return [entry for entry in labs() if entry.name == runtime.state.lab]
    finally:
        if before is None:
            del os.environ["VNETLAB_STATE_DIR"]
        else:
            os.environ["VNETLAB_STATE_DIR"] = before


def test_a_lab_whose_directory_was_removed_can_still_be_ended(fresh: NativeRuntime) -> None:
    fresh.start()
    shutil.rmtree(fresh.state.path)

    fresh.destroy()

    assert left_of(fresh) == []


@pytest.mark.parametrize("last_word", ["", "unshared", "ready"])
def test_a_capsule_that_nobody_waits_for_any_more_ends_by_itself(
    fresh: NativeRuntime, last_word: str
) -> None:
    """The starting command was killed before it knew that there was a lab."""
    if last_word == "unshared" and identity_map().single:
        last_word = ""
    with fresh.state.locked("native"):
        ours, theirs = socket.socketpair()
        with theirs, fresh.state.log.open("ab") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", BIRTH),
                    *(str(fresh.state.path), fresh.state.lab, str(theirs.fileno())),
                ],
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
            )
        with ours, ours.makefile("r") as words:
            word = ""
            while word != last_word:
                word = words.readline().strip()
                if word == "unshared" and last_word == "ready":
                    write_map(identity_map(), process=process.pid)
                    ours.sendall(b"\n")
        process.wait()
        lost = Capsule.find_lost(fresh.state)
        if lost is not None:
            with lost:
                lost.wait()

    fresh.start()
    fresh.provide([A])
    assert output_inside(fresh, "a", "hostname") == "a\n"


KILLED_AT = """\
import os, sys
from pathlib import Path
from tests.e2e.capsules import runtime_below

runtime = runtime_below(Path(sys.argv[1]), sys.argv[2])
left = int(sys.argv[3])
EFFECTS = ("open", "os.", "socket.", "subprocess.", "fcntl.", "shutil.")


def count(event, _):
    global left
    if event.startswith(EFFECTS):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 9)


sys.addaudithook(count)
runtime.start()
"""


@pytest.mark.parametrize("effects", [3, 6, 9, 12, 15, 18, 21, 24, 27, 30])
def test_a_start_that_is_killed_at_any_point_is_completed_by_the_next(
    fresh: NativeRuntime, effects: int
) -> None:
    state = fresh.state
    subprocess.run(
        [sys.executable, "-c", KILLED_AT, str(state.root), state.lab, str(effects)],
        cwd=Path(__file__).parents[2],
        check=False,
    )

    fresh.start()
    fresh.provide([A])

    assert output_inside(fresh, "a", "hostname") == "a\n"
    fresh.destroy()
    assert left_of(fresh) == []


def test_an_interrupted_start_leaves_nothing(
    fresh: NativeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted at the last moment: everything is up, and its starter doesn't know yet."""

    def interrupted(starter: socket.socket) -> Iterator[tuple[str, str]]:
        for word, rest in words(starter):
            if word == "ready":
                raise KeyboardInterrupt
            yield word, rest

    words = launch._words
    monkeypatch.setattr(launch, "_words", interrupted)

    with pytest.raises(KeyboardInterrupt):
        fresh.start()

    assert left_of(fresh) == []


def test_a_directory_too_long_for_sockets_is_refused_before_it_is_made(root: Path) -> None:
    runtime = runtime_below(root / ("x" * 100), "fresh")

    with pytest.raises(RuntimeFailure, match="a socket's path may have"):
        runtime.start()

    assert not runtime.state.root.exists()


def test_two_starts_of_one_lab_make_one_capsule(fresh: NativeRuntime) -> None:
    with ThreadPoolExecutor(2) as threads:
        for started in [threads.submit(fresh.start) for _ in range(2)]:
            started.result()

    path = os.fsencode(fresh.state.path)
    assert command_lines(lambda words: BIRTH.encode() in words and path in words)
    assert list(processes_of(fresh)).count(1) == 1


def test_deploys_of_one_lab_follow_each_other(fresh: NativeRuntime) -> None:
    def is_free() -> bool:
        with (fresh.state.path / "deploying").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    with fresh.state.deploying():
        assert not is_free()
    assert is_free()


def test_a_lab_can_be_destroyed_while_a_deploy_of_it_goes_on(fresh: NativeRuntime) -> None:
    """Cleaning up always works."""
    with fresh.state.deploying():
        fresh.start()

        fresh.destroy()

        assert left_of(fresh) == []


def test_labs_of_one_user_do_not_know_of_each_other(
    lab: NativeRuntime, fresh: NativeRuntime
) -> None:
    fresh.start()
    fresh.provide([A])

    fresh.destroy()

    assert {host.name for host in status_of(lab).hosts} == {"a", "b"}


def test_a_name_that_another_runtime_uses_is_refused(fresh: NativeRuntime) -> None:
    with fresh.state.locked("docker"):
        pass

    with pytest.raises(LabNameInUse):
        fresh.start()
    fresh.state.remove()


def test_a_lab_ends_when_its_first_process_is_asked_to(fresh: NativeRuntime) -> None:
    fresh.start()
    with running(fresh.state) as capsule, held(capsule.pid) as pidfd:
        os.kill(capsule.pid, signal.SIGTERM)
        wait_for_end(pidfd)

    assert Capsule.find(fresh.state) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_the_lab_of_another_user_is_refused_by_name_of_the_reason(lab: NativeRuntime) -> None:
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from tests.e2e.capsules import runtime_below\n"
        "runtime = runtime_below(Path(sys.argv[1]), sys.argv[2])\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        "    runtime.provide([])\n"
        "except Exception as refusal:\n"
        "    print(type(refusal).__name__)\n"
    )
    lab.state.root.chmod(0o755)

    done = subprocess.run(
        [sys.executable, "-c", program, str(lab.state.root), lab.state.lab],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == LabOfAnotherUser.__name__, done.stderr
