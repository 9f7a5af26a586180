"""Ways into a native lab for tests of the runtime itself, without the command line."""

import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path

from lab.runtime.native.capsule import Capsule, running
from lab.runtime.native.launch import BIRTH
from lab.runtime.native.provider import NativeRuntime
from lab.runtime.native.requests import (
    CapsuleStatus,
    Provide,
    Status,
    decode_provided,
    decode_status,
)
from lab.runtime.provider import Host
from lab.runtime.state_directory import StateDirectory

A = Host(name="a", underlay_address=IPv4Address("198.18.0.10"))
B = Host(name="b", underlay_address=IPv4Address("198.18.0.11"))
C = Host(name="c", underlay_address=IPv4Address("198.18.0.12"))

ENTER = """\
import sys
from pathlib import Path
from lab.contract.v1.agent_pb2 import Place
from lab.contract.v1.lab_pb2 import ResolveReply
from lab.runtime.native.provider import NativeRuntime
from lab.runtime.state_directory import StateDirectory

root, lab, node, kind, *argv = sys.argv[1:]
place = ResolveReply(node=node, place=Place(**{kind: True}))
runtime = NativeRuntime(StateDirectory(root=Path(root), lab=lab))
code = runtime.execute(place, argv, tty=sys.stdin.isatty())
"""


def runtime_below(root: Path, lab: str) -> NativeRuntime:
    return NativeRuntime(StateDirectory(root=root, lab=lab))


@contextmanager
def lab_with(*hosts: Host, crew: int = 1) -> Iterator[NativeRuntime]:
    """A running lab with a root of its own, `crew` hosts to a process; gone afterwards."""
    # A short path, as sockets lie below it.
    root = Path(tempfile.mkdtemp(prefix="vc", dir="/tmp"))
    runtime = runtime_below(root, "shared")
    try:
        runtime.start()
        provide(runtime, *hosts, crew=crew)
        yield runtime
    finally:
        runtime.destroy()
        shutil.rmtree(root, ignore_errors=True)


def provide(runtime: NativeRuntime, *hosts: Host, crew: int = 1) -> None:
    """As `NativeRuntime.provide`, which chooses the size of crews itself."""
    with running(runtime.state) as capsule:
        answer = decode_provided(capsule.ask(Provide(hosts=hosts, crew=crew)))
    assert answer.failures == {}


def entering(
    runtime: NativeRuntime, node: str, *argv: str, kind: str = "node", afterwards: str = ""
) -> list[str]:
    """The command line of a caller that runs `argv` in a place of a host."""
    state = runtime.state
    program = f"{ENTER}{afterwards}\nsys.exit(code)\n"
    return [sys.executable, "-c", program, str(state.root), state.lab, node, kind, *argv]


def run_inside(
    runtime: NativeRuntime, node: str, *argv: str, kind: str = "node", cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        entering(runtime, node, *argv, kind=kind),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )


def output_inside(runtime: NativeRuntime, node: str, *argv: str, kind: str = "node") -> str:
    done = run_inside(runtime, node, *argv, kind=kind)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def status_of(runtime: NativeRuntime) -> CapsuleStatus:
    with running(runtime.state) as capsule:
        return decode_status(capsule.ask(Status()))


def processes_of(runtime: NativeRuntime) -> dict[int, int]:
    """Process ids of everything in the lab's pid namespace: outside, by that inside."""
    with running(runtime.state) as capsule:
        namespace = os.stat(f"/proc/{capsule.pid}/ns/pid").st_ino
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            if os.stat(entry / "ns/pid").st_ino == namespace:
                status = (entry / "status").read_text()
                numbers = next(line for line in status.splitlines() if line.startswith("NSpid:"))
                found[int(numbers.split()[-1])] = int(entry.name)
        except (OSError, StopIteration):
            continue
    return found


def wait_for_end(pidfd: int) -> None:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.poll()


@contextmanager
def held(pid: int) -> Iterator[int]:
    pidfd = os.pidfd_open(pid)
    try:
        yield pidfd
    finally:
        os.close(pidfd)


def kill_and_wait(pid: int) -> None:
    with held(pid) as pidfd:
        os.kill(pid, 9)
        wait_for_end(pidfd)


def command_lines(mentions: Callable[[list[bytes]], bool]) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if mentions(words):
            found.append(b" ".join(words).decode(errors="replace"))
    return found


def left_of(runtime: NativeRuntime) -> list[str]:
    """Whatever there still is of a lab: its processes, and its directory."""
    path = os.fsencode(runtime.state.path)
    processes = command_lines(lambda words: BIRTH.encode() in words and path in words)
    return processes + [str(runtime.state.path)] * os.path.lexists(runtime.state.path)


def namespaces_of(capsule: Capsule) -> frozenset[int]:
    return frozenset(
        os.stat(f"/proc/{capsule.pid}/ns/{kind}").st_ino
        for kind in ("user", "mnt", "net", "pid", "uts", "ipc")
    )


def all_namespaces() -> frozenset[int]:
    """Of everything that lives: an init may take its time to reap what has ended."""
    found: set[int] = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            namespaces = {os.stat(link).st_ino for link in (entry / "ns").iterdir()}
            if (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found |= namespaces
        except OSError:
            continue
    return frozenset(found)
