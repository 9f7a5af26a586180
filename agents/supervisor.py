"""What runs in a node's container: starts the agent and the workloads process, and restarts them.

Forked from one process that has imported everything, so that both share their
pages and a restart costs a fork. The namespaces, and the pods in them, belong to
neither: whichever dies, traffic goes on, and its successor adopts what it finds.

Synchronous and single-threaded, because it forks. Its parent is the container's
init; when the supervisor ends, so does the container.
"""

import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import agents.main
import agents.workloads.main
from agents.config import AgentConfig
from agents.kernel.namespaces import NamespaceDirectory
from agents.objects.namespace import VSWITCH_NAMESPACE
from agents.restarts import Restarts
from agents.workloads.config import WorkloadsConfig

logger = logging.getLogger(__name__)

HANDLED = frozenset({signal.SIGCHLD, signal.SIGTERM, signal.SIGINT})
GRACE = 3.0
"""Seconds that processes get to end by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A process to keep running."""

    name: str
    run: Callable[[], None]
    """Blocks until SIGTERM; called in the forked process."""


@dataclass(slots=True, kw_only=True)
class _Process:
    task: Task
    restarts: Restarts
    pid: int | None = None
    started: float = 0.0
    due: float = 0.0


def supervise(tasks: Sequence[Task]) -> None:
    """Keep `tasks` running until SIGTERM or SIGINT, then end them; blocks."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
    # Without a handler a stopped parent's children would be reaped unseen.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    gc.collect()
    gc.freeze()
    processes = [_Process(task=task, restarts=Restarts()) for task in tasks]
    while True:
        now = time.monotonic()
        for process in processes:
            if process.pid is None and process.due <= now:
                _start(process)
        if _wait_for_signal(processes) in {signal.SIGTERM, signal.SIGINT}:
            break
        for process, status in _ended(processes):
            lived = time.monotonic() - process.started
            wait = process.restarts.wait_after(lived)
            process.due = time.monotonic() + wait
            logger.warning(
                "%s ended with %s after %.1f s; starting again in %.1f s",
                process.task.name,
                os.waitstatus_to_exitcode(status),
                lived,
                wait,
            )
    _end(processes)


def _wait_for_signal(processes: Iterable[_Process]) -> int | None:
    """The next signal, or None when a process is due to start."""
    due = [process.due for process in processes if process.pid is None]
    if not due:
        return signal.sigwait(HANDLED)
    info = signal.sigtimedwait(HANDLED, max(0.0, min(due) - time.monotonic()))
    return info.si_signo if info else None


def _start(process: _Process) -> None:
    process.started = time.monotonic()
    process.pid = os.fork()
    if process.pid == 0:
        _become(process.task)


def _become(task: Task) -> None:
    """The rest of the forked process' life."""
    code = 1
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
        # What ps and pkill call it.
        Path("/proc/self/comm").write_text(task.name)
        task.run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # the process ends here whatever it was, and says why
        logger.exception("%s failed", task.name)
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _ended(processes: Sequence[_Process]) -> list[tuple[_Process, int]]:
    """Processes that have ended since, with their wait status; others' orphans are reaped too."""
    ended: list[tuple[_Process, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        for process in processes:
            if process.pid == pid:
                process.pid = None
                ended.append((process, status))


def _end(processes: Sequence[_Process]) -> None:
    """SIGTERM to all, SIGKILL to those that outlast `GRACE`."""
    for process in processes:
        if process.pid is not None:
            os.kill(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while any(process.pid is not None for process in processes):
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            break
        signal.sigtimedwait({signal.SIGCHLD}, remaining)
        _ended(processes)
    for process in processes:
        if process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
            os.waitpid(process.pid, 0)


def workloads_listener(path: Path) -> socket.socket:
    """The socket that the agent reaches the workloads process by, listening.

    It outlasts that process, so that the agent's connections wait for the next
    one instead of failing.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen()
    return listener


def main() -> None:
    """Supervise a node's container; the entrypoint has prepared its namespaces."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    config = agents.main.configuration([], environment=os.environ)
    listener = workloads_listener(config.workloads_socket)
    workloads = WorkloadsConfig(
        node=config.node,
        socket=config.workloads_socket,
        namespaces=config.namespaces,
        run_directory=config.run_directory,
        root=config.root,
        listen_fd=listener.fileno(),
    )
    namespaces = NamespaceDirectory(config.namespaces)
    supervise(
        [
            Task(name="workloads", run=partial(agents.workloads.main.run, [workloads])),
            Task(name="agent", run=partial(_run_agent, config, namespaces)),
        ]
    )


def _run_agent(config: AgentConfig, namespaces: NamespaceDirectory) -> None:
    """The agent's place is the virtual switch's namespace: there is its way to the cloud."""
    with namespaces.inside(VSWITCH_NAMESPACE):
        agents.main.run([config])


if __name__ == "__main__":
    main()
