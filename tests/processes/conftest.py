"""A cloud process and agents on one loop, over the sockets they use between processes."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from agents.agent import Agent
from agents.cloud_session import Probing
from agents.line import Line
from lab.contract.v1 import lab_pb2, lab_pb2_grpc
from lab.control.config import ControlConfig
from lab.control.convergence import Progress
from lab.control.main import serving
from lab.control.rollout import Delivered, Rollout
from tests.processes.hosts import Answers, Host
from tests.processes.words import compile_words, request


@asynccontextmanager
async def running(*several: Agent | Line) -> AsyncIterator[None]:
    """Agents and their line, which live as long as the block."""
    async with asyncio.TaskGroup() as tasks:
        lives = [tasks.create_task(each.run()) for each in several]
        try:
            yield
        finally:
            for life in lives:
                life.cancel()


@dataclass(kw_only=True)
class Site:
    """A directory with a cloud process and agents in it."""

    directory: Path

    def control(self) -> ControlConfig:
        return ControlConfig(
            state_directory=self.directory,
            agents=f"unix:{self.directory}/agents.sock",
            lab_service=self.directory / "cloud.sock",
        )

    @asynccontextmanager
    async def cloud(self) -> AsyncIterator[Rollout]:
        """The cloud process of the site, keeping labs in words."""
        async with serving(self.control(), compile_lab=compile_words) as rollout:
            yield rollout

    @asynccontextmanager
    async def agents(self, *nodes: str, probes: Probing | None = None) -> AsyncIterator[list[Host]]:
        """An agent and a host for each of `nodes`, as one process has them."""
        hosts = [Host() for _ in nodes]
        line = Line(self.control().agents)
        agents = [
            Agent(node, line=line, reconciler=host, probes=probes or Answers())
            for node, host in zip(nodes, hosts, strict=True)
        ]
        async with running(line, *agents):
            yield hosts

    async def settled(self, delivered: Delivered) -> Progress:
        """Wait until every host has answered."""
        while not (progress := delivered.watch.progress()).settled:
            await delivered.watch.changed()
        return progress

    @asynccontextmanager
    async def command_line(self) -> AsyncIterator["lab_pb2_grpc.LabServiceAsyncStub"]:
        """What the command line calls."""
        # Another command is another process: nothing of an earlier channel may be left.
        options = [("grpc.use_local_subchannel_pool", 1)]
        target = f"unix:{self.control().lab_service}"
        async with grpc.aio.insecure_channel(target, options=options) as channel:
            yield lab_pb2_grpc.LabServiceStub(channel)

    async def apply(self, text: str, *, deadline: float = 0) -> list[lab_pb2.ApplyProgress]:
        """Apply a lab in words; all that was said about it."""
        async with self.command_line() as lab:
            return [progress async for progress in lab.Apply(request(text, deadline=deadline))]


@pytest.fixture
def site() -> Iterator[Site]:
    # Not tmp_path: a unix socket's path has to be short.
    with tempfile.TemporaryDirectory(prefix="vnetlab-") as directory:
        yield Site(directory=Path(directory))
