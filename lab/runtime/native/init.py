"""The first process of a capsule: starts, restarts, reaps, and does what it is asked.

When it ends, the kernel ends and removes everything of the lab. It therefore
does little, and nothing that can wait for somebody: no threads, no gRPC, no
event loop but a selector. It has imported everything that its children run and
frozen what that left on the heap, so that a child costs a fork and shares its
pages.
"""

import gc
import logging
import os
import resource
import selectors
import signal
import socket
import struct
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import agents.main
import agents.workloads.main
import lab.control.main
from agents.config import AgentConfig
from agents.kernel.errors import KernelError
from agents.workloads.config import WorkloadsConfig
from lab.control.config import ControlConfig
from lab.runtime.native import filesystem, hosts
from lab.runtime.native.children import Children, Task, log_as
from lab.runtime.native.id_calls import answer_id_calls, single_user
from lab.runtime.native.requests import (
    CapsuleStatus,
    Provide,
    Provided,
    Status,
    Unintelligible,
    decode_question,
    encode,
)
from lab.runtime.native.syscalls import set_process_name
from lab.runtime.provider import Host, StartFailed

logger = logging.getLogger(__name__)

AGENTS_SOCKET = Path("/run/vnetlab/agents.sock")
"""`AgentService`, out of reach from outside the capsule."""

LONGEST_QUESTION = 1 << 20
_PEER_CREDENTIALS = struct.Struct("3i")


def furnish(state_directory: Path, *, lab_name: str, visible: list[Path]) -> None:
    """Make the namespaces of this process, just made, those of a lab. Raises OSError."""
    filesystem.furnish(state_directory, visible=visible)
    socket.sethostname(lab_name)
    hosts.prepare_spine()
    if single_user():
        answer_id_calls()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def listen() -> socket.socket:
    """The socket that the capsule is found and asked by."""
    path = filesystem.LAB / "capsule.sock"
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(0o022)
    listener.listen(128)
    listener.setblocking(False)
    return listener


@dataclass(slots=True)
class _Client:
    """Somebody at the socket."""

    connection: socket.socket
    received: bytes = b""


class Init:
    """The loop, and what it knows."""

    def __init__(self, *, lab_name: str, listener: socket.socket) -> None:
        self._lab = lab_name
        self._listener = listener
        self._children = Children()
        self._selector = selectors.DefaultSelector()
        self._hosts: dict[str, Host] = {}
        self._workloads_sockets: dict[str, socket.socket] = {}
        self._to_create: deque[Host] = deque()
        self._failures: dict[str, str] = {}
        self._awaiting: list[_Client] = []
        self._ending = False

    def start_cloud(self) -> None:
        """Have the cloud process listening. Raises `StartFailed`."""
        ready, told = os.pipe()
        with open(ready, "rb", buffering=0) as pipe:
            self._children.start(_cloud(ready_fd=told))
            os.close(told)
            if not pipe.read(1):
                raise StartFailed("the cloud process ended before it listened")
        self._children.replace(_cloud())

    def run(self) -> None:
        """Go on until SIGTERM."""
        woken, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, self._signalled)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._on_readable(woken, lambda: os.read(woken, 4096))
        self._on_readable(self._listener, self._accept)
        while not self._ending:
            self._turn()

    def _turn(self) -> None:
        # One host per turn: however many there are to make, a dead process is
        # started again and a question is answered in between.
        wait = 0 if self._to_create else self._children.next_due()
        for key, _ in self._selector.select(wait):
            key.data()
        self._children.reap()
        self._children.start_due()
        if self._to_create:
            self._create(self._to_create.popleft())
            if not self._to_create:
                self._answer_awaiting()

    def _signalled(self, number: int, _: object) -> None:
        self._ending |= number == signal.SIGTERM

    def _on_readable(self, file: int | socket.socket, act: Callable[[], object]) -> None:
        self._selector.register(file, selectors.EVENT_READ, act)

    def _accept(self) -> None:
        with suppress(OSError):  # whoever it was has gone again
            connection, _ = self._listener.accept()
            credentials = connection.getsockopt(
                socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER_CREDENTIALS.size
            )
            if _PEER_CREDENTIALS.unpack(credentials)[1] != os.geteuid():
                connection.close()
                return
            connection.setblocking(False)
            client = _Client(connection)
            self._on_readable(connection, lambda: self._read(client))

    def _read(self, client: _Client) -> None:
        try:
            data = client.connection.recv(LONGEST_QUESTION)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        client.received += data
        if not data or len(client.received) > LONGEST_QUESTION:
            self._drop(client)
        elif client.received.endswith(b"\n"):
            line, client.received = client.received, b""
            self._asked(client, line)

    def _asked(self, client: _Client, line: bytes) -> None:
        try:
            question = decode_question(line)
        except Unintelligible as problem:
            logger.warning("%s", problem)
            self._drop(client)
            return
        match question:
            case Provide(hosts=wanted):
                self._provide(wanted)
                self._awaiting.append(client)
                if not self._to_create:
                    self._answer_awaiting()
            case Status():
                self._answer(client, encode(self._status()))

    def _answer(self, client: _Client, line: bytes) -> None:
        try:
            client.connection.setblocking(True)
            client.connection.sendall(line)
            client.connection.setblocking(False)
        except OSError:  # it didn't wait for the answer
            self._drop(client)

    def _drop(self, client: _Client) -> None:
        if client in self._awaiting:
            self._awaiting.remove(client)
        with suppress(KeyError):
            self._selector.unregister(client.connection)
        client.connection.close()

    def _status(self) -> CapsuleStatus:
        return CapsuleStatus(
            lab=self._lab,
            hosts=tuple(self._hosts.values()),
            processes=self._children.processes,
            restarts=self._children.restarts,
        )

    def _provide(self, wanted: tuple[Host, ...]) -> None:
        """Remove what is surplus, and queue what is missing; the newest question counts."""
        self._failures = {}
        kept = frozenset(wanted)
        surplus = [host for host in self._hosts.values() if host not in kept]
        self._remove(surplus)
        self._to_create = deque(host for host in wanted if host.name not in self._hosts)

    def _create(self, host: Host) -> None:
        directory = filesystem.HOSTS / host.name
        try:
            hosts.make_directories(host, directory)
            hosts.make_namespaces(host, directory)
            listener = _listen_for_agent(directory / "workloads.sock")
        except (OSError, KernelError) as problem:
            logger.exception("host %s can't be made", host.name)
            hosts.remove([(host, directory)])
            self._failures[host.name] = str(problem)
            return
        self._hosts[host.name] = host
        self._workloads_sockets[host.name] = listener
        self._children.start(_agent(host, directory))
        self._children.start(_workloads(host, directory, listener))

    def _remove(self, surplus: list[Host]) -> None:
        if not surplus:
            return
        directories = [filesystem.HOSTS / host.name for host in surplus]
        self._children.end(
            f"{kind} {host.name}" for host in surplus for kind in ("agent", "workloads")
        )
        for pid in hosts.processes_inside(directories):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for host in surplus:
            self._workloads_sockets.pop(host.name).close()
            del self._hosts[host.name]
        hosts.remove(list(zip(surplus, directories, strict=True)))
        logger.info("removed %s", ", ".join(host.name for host in surplus))

    def _answer_awaiting(self) -> None:
        awaiting, self._awaiting = self._awaiting, []
        line = encode(Provided(hosts=len(self._hosts), failures=self._failures))
        for client in awaiting:
            self._answer(client, line)


def _listen_for_agent(path: Path) -> socket.socket:
    """Kept open here, so that an agent can connect while the workloads process starts again."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(16)
    return listener


def _cloud(ready_fd: int | None = None) -> Task:
    config = ControlConfig(
        state_directory=filesystem.LAB,
        agents=f"unix:{AGENTS_SOCKET}",
        lab_service=filesystem.LAB / "cloud.sock",
        ready_fd=ready_fd,
    )
    return Task(
        name="cloud",
        run=lambda: lab.control.main.run(config),
        keep=() if ready_fd is None else (ready_fd,),
    )


def _agent(host: Host, directory: Path) -> Task:
    config = AgentConfig(
        node=host.name,
        cloud=f"unix:{AGENTS_SOCKET}",
        run_directory=directory,
        namespaces=directory / "netns",
        root=directory / "root",
    )
    return Task(name=f"agent {host.name}", run=lambda: agents.main.run(config))


def _workloads(host: Host, directory: Path, listener: socket.socket) -> Task:
    descriptor = listener.fileno()
    config = WorkloadsConfig(
        socket=directory / "workloads.sock",
        namespaces=directory / "netns",
        run_directory=directory,
        root=directory / "root",
        listen_fd=descriptor,
    )
    return Task(
        name=f"workloads {host.name}",
        run=lambda: agents.workloads.main.run(config),
        keep=(descriptor,),
    )


def run(
    *, state_directory: Path, lab_name: str, visible: list[Path], starter: socket.socket
) -> None:
    """Be the first process of a capsule.

    Tells `starter` when the lab can be talked to, and goes on only if it still is
    there to hear it: what nobody knows to be running must not run.
    """
    log_as("init")
    set_process_name("vnetlab init")
    furnish(state_directory, lab_name=lab_name, visible=visible)
    gc.collect()
    gc.freeze()
    init = Init(lab_name=lab_name, listener=listen())
    init.start_cloud()
    starter.sendall(b"ready\n")
    if not starter.recv(1):
        logger.warning("the starting command ended before the lab was up")
        sys.exit(1)
    starter.close()
    init.run()
