"""The processes that a capsule's first process forks: kept running, told apart, ended."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

from agents.restarts import Restarts
from lab.runtime.native.syscalls import set_process_name

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A process to keep running."""

    name: str
    """Unique; what the log calls it."""
    run: Callable[[], None]
    """Called in the forked process, and not expected to return."""
    keep: tuple[int, ...] = ()
    """File descriptors that it needs, ascending; all others are closed."""


@dataclass(slots=True, kw_only=True)
class _Child:
    task: Task
    restarts: Restarts = field(default_factory=Restarts)
    started: float = 0.0
    due: float = 0.0


class Children:
    """Forks tasks, and forks them again when their process ends.

    Single-threaded: a forked process holds one thread, whatever the others did.
    """

    def __init__(self) -> None:
        self._children: dict[str, _Child] = {}
        self._running: dict[int, _Child] = {}
        self._down: dict[str, _Child] = {}
        """Ended, to be started again. Looked at each turn, as all eight hundred shouldn't be."""
        self.restarts = 0
        """How often a process had to be started again."""

    @property
    def processes(self) -> Mapping[str, int]:
        """Process id of every task that has one at the moment."""
        return {child.task.name: pid for pid, child in self._running.items()}

    def start(self, task: Task) -> int:
        """Have a task running from now on; its process id. Raises OSError if it can't be forked."""
        child = _Child(task=task)
        pid = self._fork(child)
        self._children[task.name] = child
        return pid

    def replace(self, task: Task) -> None:
        """From its next start on, run this in place of the task of that name."""
        self._children[task.name].task = task

    def end(self, names: Iterable[str]) -> None:
        """End tasks for good; none of their processes is left on return."""
        chosen = frozenset(names)
        for name in chosen:
            self._children.pop(name, None)
            self._down.pop(name, None)
        pids = [pid for pid, child in self._running.items() if child.task.name in chosen]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for pid in pids:
            os.waitpid(pid, 0)
            del self._running[pid]

    def reap(self) -> None:
        """Take note of every process that has ended, orphans of others included."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if child := self._running.pop(pid, None):
                self._ended(child, status)

    def start_due(self) -> None:
        """Start again what has ended and waited long enough."""
        now = time.monotonic()
        for child in [child for child in self._down.values() if child.due <= now]:
            try:
                self._fork(child)
            except OSError as problem:  # the machine is full: it may be otherwise later
                logger.warning("%s can't be started: %s", child.task.name, problem)
                child.due = now + child.restarts.wait_after(0)
            else:
                del self._down[child.task.name]
                self.restarts += 1

    def next_due(self) -> float | None:
        """Seconds until `start_due` has something to do; None: nothing has ended."""
        if not self._down:
            return None
        return max(0.0, min(child.due for child in self._down.values()) - time.monotonic())

    def _ended(self, child: _Child, status: int) -> None:
        now = time.monotonic()
        lived = now - child.started
        wait = child.restarts.wait_after(lived)
        child.due = now + wait
        self._down[child.task.name] = child
        logger.warning(
            "%s ended with %s after %.1f s; starting again in %.1f s",
            child.task.name,
            os.waitstatus_to_exitcode(status),
            lived,
            wait,
        )

    def _fork(self, child: _Child) -> int:
        child.started = time.monotonic()
        pid = os.fork()
        if pid == 0:
            _become(child.task)
        self._running[pid] = child
        return pid


def log_as(name: str) -> None:
    """Have this process sign what it writes to the lab's log."""
    logging.basicConfig(
        level=logging.INFO,
        format=f"%(asctime)s {name}: %(levelname)s %(name)s: %(message)s",
        force=True,
    )


def _become(task: Task) -> NoReturn:
    """The rest of a forked process' life."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _close_all_but({0, 1, 2, *task.keep})
        os.setsid()
        set_process_name(task.name)
        log_as(task.name)
        task.run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # whatever it was, the process ends here and says why
        logger.exception("%s failed", task.name)
    finally:
        with suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(code)


def _close_all_but(kept: set[int]) -> None:
    """Close every file descriptor but these.

    What the parent holds is the parent's: a child that kept a listening socket or
    a namespace open would keep it alive. The objects that wrap the descriptors
    are never used here again, nor collected, as the stack below refers to them.
    """
    low = 0
    for descriptor in sorted(kept):
        if low < descriptor:  # closerange(0, 0) closes everything (CPython 3.11)
            os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))
