"""The workloads process from start to end."""

import asyncio
import logging
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import uvloop

from agents.crew import serve
from agents.workloads.commands import kill_marked
from agents.workloads.config import WorkloadsConfig
from agents.workloads.desired import (
    LONGEST_LINE,
    Desired,
    Statuses,
    decode_desired,
    encode_statuses,
)
from agents.workloads.host import WorkloadHost, log_directory

__all__ = ["WorkloadsConfig", "run"]

logger = logging.getLogger(__name__)


def run(configs: Sequence[WorkloadsConfig], *, departures: socket.socket | None = None) -> None:
    """Run what the agents of hosts want until SIGTERM; blocks.

    `departures` as in `agents.crew.serve`. Safe to call in a process forked from
    one that imported this module: no thread and no loop exist before the call.
    """
    for config in configs:
        if log_directory(config).exists():
            # A predecessor ran commands; those that left its process group outlived it.
            kill_marked(str(config.run_directory))
    lives = {config.node: partial(_serve, config) for config in configs}
    uvloop.run(serve(lives, departures=departures))


class _Service:
    """Takes lines from agents and brings about what the newest says."""

    def __init__(self, config: WorkloadsConfig, tasks: asyncio.TaskGroup) -> None:
        self._host = WorkloadHost(config, tasks=tasks, changed=self._tell_all)
        self._newest: tuple[asyncio.StreamWriter, Desired] | None = None
        self._due = asyncio.Event()
        self._reached: dict[asyncio.StreamWriter, int] = {}
        """Revision that each agent was served. Every agent counts its own."""

    async def apply_newest(self) -> None:
        """One desired list after the other; those that were overtaken are left out."""
        try:
            while True:
                await self._due.wait()
                self._due.clear()
                if self._newest is None:
                    continue
                agent, desired = self._newest
                await self._host.apply(desired.workloads, desired.platform)
                if not agent.is_closing():
                    self._reached[agent] = desired.revision
                self._tell_all()
        finally:
            await self._host.close()

    async def connected(self, reader: asyncio.StreamReader, agent: asyncio.StreamWriter) -> None:
        """An agent, until it goes away."""
        try:
            while line := await reader.readline():
                self._newest = (agent, decode_desired(line))
                self._due.set()
        except (ConnectionError, ValueError, KeyError) as problem:
            logger.warning("the agent's line is lost: %r", problem)
        finally:
            self._reached.pop(agent, None)
            agent.close()

    def _tell_all(self) -> None:
        statuses, health = self._host.statuses, self._host.health
        for agent, revision in self._reached.items():
            answer = Statuses(revision=revision, statuses=statuses, health=health)
            agent.write(encode_statuses(answer))


async def _serve(config: WorkloadsConfig) -> None:
    async with asyncio.TaskGroup() as tasks:
        service = _Service(config, tasks)
        server = await asyncio.start_unix_server(
            service.connected, sock=_listener(config), limit=LONGEST_LINE
        )
        try:
            await service.apply_newest()
        finally:
            server.close()


def _listener(config: WorkloadsConfig) -> socket.socket:
    if config.listen_fd is not None:
        return socket.socket(fileno=config.listen_fd)
    with suppress(FileNotFoundError):
        config.socket.unlink()
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listener.bind(str(config.socket))
    finally:
        os.umask(before)
    return listener
