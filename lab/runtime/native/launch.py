"""Starting a capsule from outside, up to the word that the lab can be talked to."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from agents.kernel.processes import search_path
from lab.runtime.native.identity import identity_map, write_map
from lab.runtime.provider import MachineUnfit, StartFailed
from lab.runtime.state_directory import StateDirectory

BIRTH = "lab.runtime.native.birth"
"""The module that becomes the first process; its name marks the process, too."""

PATIENCE = 60.0
"""Seconds without a word from the new processes after which they count as hung."""

SHOWN_LOG_LINES = 15


def launch(state: StateDirectory) -> None:
    """Start the lab's capsule and wait until its cloud process listens.

    The caller holds `StateDirectory.locked` and has made sure that none runs.
    Raises `MachineUnfit` or `StartFailed`; then nothing is left of it.
    """
    with _birth(state) as (process, starter):
        for word, rest in _words(starter):
            match word:
                case "unshared":
                    write_map(identity_map(), process=process)
                    starter.sendall(b"\n")
                case "ready":
                    starter.sendall(b"\n")
                    return
                case "unfit":
                    raise MachineUnfit(
                        f"this machine doesn't let a lab have its namespaces: {rest}",
                        remedy="run vnetlab doctor, which says what is missing",
                    )
                case _:
                    raise _failed(state, rest)
        raise _failed(state, "its first process ended")


@contextmanager
def _birth(state: StateDirectory) -> Iterator[tuple[int, socket.socket]]:
    """The process that becomes the capsule, and the socket through which it tells of itself."""
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE)
    with ours:
        with theirs, state.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", BIRTH, *_arguments(state, theirs)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        try:
            yield process.pid, ours
        finally:
            # It ends as soon as it has forked the capsule's first process, or
            # sees that the socket is closed.
            ours.close()
            process.wait()


def _arguments(state: StateDirectory, starter: socket.socket) -> tuple[str, ...]:
    return str(state.path), state.lab, str(starter.fileno())


def _environment() -> dict[str, str]:
    """The caller's, with the directories of system tools, which an ordinary user lacks.

    gRPC reads its setting when it is imported, before the first fork: its fork
    handlers would run in every process that a probe starts, and now and then one
    dies in them before it becomes the tool.
    """
    return {**os.environ, "PATH": search_path(), "GRPC_ENABLE_FORK_SUPPORT": "0"}


def _words(starter: socket.socket) -> Iterator[tuple[str, str]]:
    """Lines from the other end, each as its first word and the rest, until it closes."""
    received = b""
    while True:
        try:
            data = starter.recv(4096)
        except TimeoutError:
            yield "failed", f"no sign of life for {PATIENCE:.0f} seconds"
            return
        except ConnectionResetError:
            return
        if not data:
            return
        received += data
        while b"\n" in received:
            line, received = received.split(b"\n", 1)
            word, _, rest = line.decode(errors="replace").partition(" ")
            yield word, rest


def _failed(state: StateDirectory, why: str) -> StartFailed:
    lines = state.log.read_text(errors="replace").splitlines()[-SHOWN_LOG_LINES:]
    return StartFailed(
        "\n".join([f'lab "{state.lab}" did not start: {why}', *lines]),
        remedy="run vnetlab doctor; if that finds nothing, the lines above say where it failed",
    )
