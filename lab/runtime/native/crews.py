"""Which process looks after which hosts.

A crew is some hosts, one process with their agents, and one with what runs on
them. Crews never take on another host: a host that comes later joins a new one.
"""

import logging
import os
import signal
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from lab.runtime.native import tasks
from lab.runtime.native.children import Children, Task

logger = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds that a process gets to let go of a host."""


@dataclass(slots=True)
class _Line:
    """The way to tell a process which of its hosts go; outlasts the process."""

    ours: socket.socket
    theirs: socket.socket

    @classmethod
    def make(cls) -> "_Line":
        ours, theirs = socket.socketpair()
        ours.settimeout(PATIENCE)
        return cls(ours, theirs)

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


@dataclass(slots=True)
class _Crew:
    """`name`: that of the only host, or a number with the first host's name."""

    name: str
    listeners: dict[str, socket.socket]
    """Of each host, for its agent to reach its workloads by."""
    agent: _Line = field(default_factory=_Line.make)
    workloads: _Line = field(default_factory=_Line.make)

    @property
    def tasks(self) -> Mapping[str, tuple[Task, _Line]]:
        """The agents first: they would go on asking for workloads."""
        agent = tasks.agent(self.name, list(self.listeners), self.agent.theirs)
        workloads = tasks.workloads(self.name, self.listeners, self.workloads.theirs)
        return {agent.name: (agent, self.agent), workloads.name: (workloads, self.workloads)}


class Crews:
    """Starts the processes of hosts, and has them let go of hosts."""

    def __init__(self, children: Children) -> None:
        self._children = children
        self._crews: list[_Crew] = []
        self._started = 0

    def start(self, listeners: Mapping[str, socket.socket]) -> None:
        """One crew for these hosts. Raises OSError if a process can't be forked."""
        hosts = list(listeners)
        self._started += 1
        name = hosts[0] if len(hosts) == 1 else f"crew {self._started}"
        if len(hosts) > 1:
            logger.info("%s: %s", name, ", ".join(hosts))
        crew = _Crew(name, dict(listeners))
        self._crews.append(crew)
        for task, _ in crew.tasks.values():
            self._children.start(task)

    def leave(self, hosts: Iterable[str]) -> None:
        """Have nothing running for these hosts any more."""
        gone = frozenset(hosts)
        for crew in self._crews:
            leaving = gone & crew.listeners.keys()
            if leaving == crew.listeners.keys():
                self._children.end(crew.tasks)
            elif leaving:
                self._shrink(crew, leaving)
            for host in leaving:
                crew.listeners.pop(host).close()
        for crew in [crew for crew in self._crews if not crew.listeners]:
            self._crews.remove(crew)
            crew.agent.close()
            crew.workloads.close()

    def _shrink(self, crew: _Crew, leaving: frozenset[str]) -> None:
        staying = {host: it for host, it in crew.listeners.items() if host not in leaving}
        smaller = _Crew(crew.name, staying, crew.agent, crew.workloads)
        for name, (task, line) in smaller.tasks.items():
            # Before it is told: should it end now, it starts again without them.
            self._children.replace(task)
            if not _let_go(line.ours, leaving) and (pid := self._children.processes.get(name)):
                logger.warning("%s does not let go of a host: it has to start anew", name)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _let_go(line: socket.socket, hosts: Iterable[str]) -> bool:
    """Whether a process says within `PATIENCE` that nothing of these hosts is left in it."""
    wanted = set(hosts)
    said = b""
    try:
        line.sendall("".join(f"{host}\n" for host in sorted(wanted)).encode())
        while wanted:
            if not (data := line.recv(4096)):
                return False
            *names, said = (said + data).split(b"\n")
            wanted -= {name.decode() for name in names}
    except OSError:
        return False
    return True
