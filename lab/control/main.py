"""The cloud process from start to end."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial

import uvloop

from lab.contract.v1 import agent_pb2_grpc, lab_pb2_grpc
from lab.control.agent_service import AgentService
from lab.control.compiling import compile_sources
from lab.control.config import ControlConfig
from lab.control.convergence import Convergence
from lab.control.health import Health
from lab.control.lab_service import LabService
from lab.control.listening import (
    ListenError,
    listen_for_agents,
    listen_on_socket,
    server_for,
)
from lab.control.probes import Probes
from lab.control.requests import to_request
from lab.control.rollout import Compile, Rollout
from lab.control.sessions import Sessions
from lab.control.store import Store

__all__ = ["ControlConfig", "run", "serving"]

logger = logging.getLogger(__name__)

YOUNG = 3_000
"""Objects made before Python looks for cycles among them: a compilation leaves hardly any, and
a look at everything holds up a change by 20 ms. With 10,000 the process is 2 MB larger."""

GRACE = 0.2
"""Seconds that calls have to end when the process does."""


def run(config: ControlConfig) -> None:
    """Serve agents and the command line until SIGTERM or SIGINT; blocks.

    Raises `lab.control.store.StateFileError` when the state file can't be used,
    `lab.control.listening.ListenError` when a service can't listen, and
    `lab.topology.problems.LabFileError` when `config.apply` is not a lab.
    """
    gc.freeze()
    gc.set_threshold(YOUNG)
    uvloop.run(_until_signal(config))


async def _until_signal(config: ControlConfig) -> None:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    async with serving(config):
        _tell_starter(config)
        await ending.wait()


@asynccontextmanager
async def serving(
    config: ControlConfig, *, compile_lab: Compile | None = None
) -> AsyncIterator[Rollout]:
    """A cloud process on the running loop: both services listen within the block.

    `compile_lab`: None for what lab files mean. Raises what `run` does.
    """
    compile_lab = compile_lab or partial(compile_sources, underlay=config.underlay)
    store = await asyncio.to_thread(Store, config.state_directory)
    with closing(store):
        sessions, convergence, health = Sessions(), Convergence(), Health()
        rollout = Rollout(
            store=store,
            compile_lab=compile_lab,
            sessions=sessions,
            convergence=convergence,
            health=health,
        )
        await rollout.restore()
        if config.apply is not None:
            await rollout.bring_about(to_request(config.apply))
        async with (
            _listening(config, sessions, convergence, health, rollout),
            asyncio.TaskGroup() as tasks,
        ):
            applying = tasks.create_task(rollout.run(), name="applying")
            try:
                yield rollout
            finally:
                applying.cancel()


@asynccontextmanager
async def _listening(
    config: ControlConfig,
    sessions: Sessions,
    convergence: Convergence,
    health: Health,
    rollout: Rollout,
) -> AsyncIterator[None]:
    if config.agents == f"unix:{config.lab_service}":
        raise ListenError(f"agents and the command line may not share {config.lab_service}")
    agents = server_for(config.agents)
    lab_service = server_for(f"unix:{config.lab_service}")
    agent_pb2_grpc.add_AgentServiceServicer_to_server(
        AgentService(
            sessions=sessions,
            convergence=convergence,
            health=health,
            verify=config.credentials is not None,
        ),
        agents,
    )
    lab_pb2_grpc.add_LabServiceServicer_to_server(
        LabService(
            rollout=rollout, convergence=convergence, health=health, probes=Probes(sessions)
        ),
        lab_service,
    )
    try:
        listen_for_agents(agents, config.agents, config.credentials)
        listen_on_socket(lab_service, config.lab_service)
        await agents.start()
        await lab_service.start()
        yield
    finally:
        # Streams that end by themselves spare agents an error; callers who follow an apply
        # would stay for as long as it takes.
        sessions.end()
        await asyncio.gather(lab_service.stop(GRACE), agents.stop(GRACE))


def _tell_starter(config: ControlConfig) -> None:
    if config.ready_fd is not None:
        os.write(config.ready_fd, b"\n")
        os.close(config.ready_fd)
