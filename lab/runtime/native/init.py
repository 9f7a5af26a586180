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
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import assert_never

from agents.kernel.errors import KernelError
from lab.runtime.native import filesystem, hosts, tasks
from lab.runtime.native.children import Children, log_as
from lab.runtime.native.crews import Crews
from lab.runtime.native.id_calls import answer_id_calls, single_user
from lab.runtime.native.reception import Answer, Reception, listen
from lab.runtime.native.requests import (
    CapsuleStatus,
    Provide,
    Provided,
    Question,
    Status,
    encode,
)
from lab.runtime.native.syscalls import set_process_name
from lab.runtime.provider import Host, StartFailed

logger = logging.getLogger(__name__)


class Init:
    """The loop, and what it knows."""

    def __init__(self, *, lab_name: str, listener: socket.socket) -> None:
        self._lab = lab_name
        self._children = Children()
        self._selector = selectors.DefaultSelector()
        self._reception = Reception(listener, self._selector, self._asked)
        self._crews = Crews(self._children)
        self._hosts: dict[str, Host] = {}
        self._to_create: deque[Host] = deque()
        self._unmanned: dict[str, socket.socket] = {}
        """Hosts that were made and have no processes yet, with the sockets for these."""
        self._crew_size = 1
        self._failures: dict[str, str] = {}
        self._awaiting: list[Answer] = []
        self._ending = False
        self._heed_signals()

    def start_cloud(self) -> None:
        """Have the cloud process listening. Raises `StartFailed`."""
        ready, told = os.pipe()
        with open(ready, "rb", buffering=0) as pipe:
            self._children.start(tasks.cloud(ready_fd=told))
            os.close(told)
            if not pipe.read(1):
                raise StartFailed("the cloud process ended before it listened")
        self._children.replace(tasks.cloud())

    def run(self) -> None:
        """Go on until SIGTERM."""
        while not self._ending:
            self._turn()

    def _heed_signals(self) -> None:
        """Done before anybody knows of the lab: without a handler a first process hears nothing."""
        woken, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, self._signalled)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._selector.register(woken, selectors.EVENT_READ, lambda: os.read(woken, 4096))

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
            if len(self._unmanned) >= self._crew_size:
                self._man()
            if not self._to_create:
                self._complete()

    def _signalled(self, number: int, _: object) -> None:
        self._ending |= number == signal.SIGTERM

    def _asked(self, question: Question, answer: Answer) -> None:
        match question:
            case Provide(hosts=wanted, crew=size):
                self._crew_size = size
                self._provide(wanted)
                self._awaiting.append(answer)
                if not self._to_create:
                    self._complete()
            case Status():
                answer(encode(self._status()))
            case _:
                assert_never(question)

    def _status(self) -> CapsuleStatus:
        return CapsuleStatus(
            lab=self._lab,
            hosts=tuple(self._hosts.values()),
            processes=self._children.processes,
            restarts=self._children.restarts,
        )

    def _complete(self) -> None:
        """Nothing is left to create."""
        self._man()
        awaiting, self._awaiting = self._awaiting, []
        line = encode(Provided(hosts=len(self._hosts), failures=self._failures))
        for answer in awaiting:
            answer(line)

    def _provide(self, wanted: tuple[Host, ...]) -> None:
        """Remove what is surplus, and queue what is missing; the newest question counts."""
        self._failures = {}
        kept = frozenset(wanted)
        self._remove([host for host in self._hosts.values() if host not in kept])
        self._to_create = deque(host for host in wanted if host.name not in self._hosts)

    def _create(self, host: Host) -> None:
        directory = filesystem.HOSTS / host.name
        try:
            hosts.make_directories(host, directory)
            hosts.make_namespaces(host, directory)
            self._unmanned[host.name] = tasks.listen_for_agent(directory)
            self._hosts[host.name] = host
        except (OSError, KernelError) as problem:
            self._failed([host], problem)

    def _man(self) -> None:
        """Start the processes of the hosts that have none.

        For several at once: after each fork this process copies the pages that it
        goes on to write to.
        """
        if not self._unmanned:
            return
        unmanned, self._unmanned = self._unmanned, {}
        try:
            self._crews.start(unmanned)
        except OSError as problem:
            self._failed([self._hosts[name] for name in unmanned], problem)

    def _failed(self, hosts: list[Host], problem: Exception) -> None:
        for host in hosts:
            logger.error("host %s can't be made", host.name, exc_info=problem)
            self._failures[host.name] = str(problem)
        self._remove(hosts)

    def _remove(self, surplus: list[Host]) -> None:
        """From any half state."""
        if not surplus:
            return
        directories = [filesystem.HOSTS / host.name for host in surplus]
        for host in surplus:
            if listener := self._unmanned.pop(host.name, None):
                listener.close()
        self._crews.leave(host.name for host in surplus)
        for pid in hosts.processes_inside(directories):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for host in surplus:
            self._hosts.pop(host.name, None)
        hosts.remove(list(zip(surplus, directories, strict=True)))
        logger.info("removed %s", ", ".join(host.name for host in surplus))


def furnish(state_directory: Path, *, lab_name: str, visible: list[Path]) -> None:
    """Make the namespaces of this process, just made, those of a lab. Raises OSError."""
    filesystem.furnish(state_directory, visible=visible)
    socket.sethostname(lab_name)
    hosts.prepare_spine()
    if single_user():
        answer_id_calls()
    # A thousand sockets here, and thousands of threads in all, are nothing unusual.
    for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC):
        _, most = resource.getrlimit(limit)
        resource.setrlimit(limit, (most, most))


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
