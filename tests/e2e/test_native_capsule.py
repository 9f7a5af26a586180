"""The life of a capsule: started, killed at any point, started again, destroyed."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
    LabNameInUse,
    LabNotRunning,
    LabOfAnotherUser,
    RuntimeFailure,
)
from tests.e2e.capsules import (
    A,
    B,
    all_namespaces,
    command_lines,
    entering,
    held,
    kill_and_wait,
    lab_with,
    left_of,
    namespaces_of,
    output_inside,
    processes_of,
    runtime_below,
    status_of,
    wait_for_end,
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


def test_this_machine_can_run_labs() -> None:
    """Here a missing feature is a failure, not a reason to skip what needs it."""
    assert [entry for entry in capabilities() if entry.required and not entry.present] == []


def test_a_trial_capsule_says_what_went_wrong() -> None:
    def fail() -> bytes:
        raise OSError("no such device")

    with pytest.raises(NoCapsule, match="no such device"):
        inside_capsule(fail)
    assert inside_capsule(lambda: str(os.getpid()).encode()) == b"1"


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


def test_a_directory_too_long_for_sockets_is_refused_before_it_is_made(lab: NativeRuntime) -> None:
    runtime = runtime_below(lab.state.root / ("x" * 100), "fresh")

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
