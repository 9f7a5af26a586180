"""Finding a lab's capsule from outside, asking it, ending it.

No file says that a capsule runs, as a file may be wrong: it runs if its first
process listens at its socket. The kernel then tells which process that is, and a
pidfd makes sure that it is this process, and no later one of the same number,
that is entered or ended.
"""

import os
import select
import signal
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lab.runtime.native.launch import BIRTH
from lab.runtime.native.requests import Question, encode
from lab.runtime.provider import LabNotRunning, LabOfAnotherUser, RuntimeFailure
from lab.runtime.state_directory import StateDirectory

_PEER_CREDENTIALS = struct.Struct("3i")

PATIENCE = 120.0
"""Seconds to wait for an answer; 400 hosts take a few."""


class NoAnswer(Exception):
    """The first process ended, or never answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capsule:
    """A running capsule, held by a pidfd: use it in a ``with`` block."""

    state: StateDirectory
    pid: int
    pidfd: int

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.pidfd)

    @classmethod
    def find(cls, state: StateDirectory) -> "Capsule | None":
        """The capsule that listens at the lab's socket; None when none does.

        Raises `LabOfAnotherUser`.
        """
        pid = _listener(state)
        if pid is None:
            return None
        try:
            pidfd = os.pidfd_open(pid)
        except ProcessLookupError:
            return None
        # Whoever listens now has listened ever since; that the number is the same
        # after the pidfd was opened proves that the pidfd is the listener's.
        if _listener(state) != pid:
            os.close(pidfd)
            return None
        return cls(state=state, pid=pid, pidfd=pidfd)

    @classmethod
    def find_lost(cls, state: StateDirectory) -> "Capsule | None":
        """A capsule of the lab that doesn't listen: half made, or its files were removed."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal() or not _is_first_process(entry, state):
                continue
            with suppress(ProcessLookupError):
                pid = int(entry.name)
                pidfd = os.pidfd_open(pid)
                if _is_first_process(entry, state):
                    return cls(state=state, pid=pid, pidfd=pidfd)
                os.close(pidfd)
        return None

    def ask(self, question: Question) -> bytes:
        """The line that the first process answers. Raises `NoAnswer`."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            try:
                connection.connect(str(self.state.capsule_socket))
                if _peer(connection) != self.pid:
                    raise NoAnswer("another capsule has taken its place")
                connection.sendall(encode(question))
                answer = b""
                while not answer.endswith(b"\n"):
                    data = connection.recv(1 << 16)
                    if not data:
                        raise NoAnswer("it ended before it answered")
                    answer += data
            except OSError as problem:
                raise NoAnswer(str(problem)) from problem
        return answer

    def end(self) -> None:
        """Kill the first process and wait until every process of the lab has ended.

        The kernel ends all of a pid namespace before its first process is done;
        mounts and namespaces follow by themselves.
        """
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        self.wait()

    def wait(self) -> None:
        """Wait for the first process to end."""
        ended = select.poll()
        ended.register(self.pidfd, select.POLLIN)
        ended.poll()


def running(state: StateDirectory) -> Capsule:
    """The lab's capsule. Raises `LabNotRunning` or `LabOfAnotherUser`."""
    capsule = Capsule.find(state)
    if capsule is None:
        raise LabNotRunning(
            f'no lab "{state.lab}" of yours is running',
            remedy="vnetlab inspect lists those that are, vnetlab deploy starts one",
        )
    return capsule


def _listener(state: StateDirectory) -> int | None:
    """Process id of whoever listens at the lab's socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        try:
            connection.connect(str(state.capsule_socket))
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            return None
        except PermissionError as refusal:
            raise LabOfAnotherUser(
                f'lab "{state.lab}" in {state.root} belongs to another user',
                remedy="only its owner can use it",
            ) from refusal
        except OSError as problem:
            raise RuntimeFailure(
                f"{state.capsule_socket} can't be reached: {problem}",
                remedy=f"vnetlab destroy -n {state.lab} ends the lab",
            ) from problem
        return _peer(connection)


def _peer(connection: socket.socket) -> int:
    """Process id at the other end, as this process would call it (SO_PEERCRED, unix(7)).

    Raises `LabOfAnotherUser` if that process is not this user's.
    """
    credentials = connection.getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER_CREDENTIALS.size
    )
    pid, user, _ = _PEER_CREDENTIALS.unpack(credentials)
    if user != os.geteuid():
        raise LabOfAnotherUser(
            "the lab belongs to another user", remedy="only its owner can use it"
        )
    return int(pid)


def _is_first_process(entry: Path, state: StateDirectory) -> bool:
    """Whether a process of this user, by its directory in /proc, is the first of the lab's capsule.

    Its children bear the same command line; but only it is number one inside.
    """
    try:
        if entry.stat().st_uid != os.geteuid():
            return False
        words = (entry / "cmdline").read_bytes().split(b"\0")
        if BIRTH.encode() not in words or os.fsencode(state.path) not in words:
            return False
        status = (entry / "status").read_text()
    except OSError:  # it ended meanwhile
        return False
    numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()
    return len(numbers) > 2 and numbers[-1] == "1"
