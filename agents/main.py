"""Agents from start to end: one host's, or those of several hosts in one process."""

import argparse
import asyncio
import logging
import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import uvloop

from agents.agent import Agent
from agents.config import AgentConfig
from agents.crew import Life, serve
from agents.kept_host import KeptHost
from agents.kernel.linux import LinuxKernel
from agents.kernel.listening_post import ListeningPost
from agents.kernel.worker import Worker
from agents.ledger import RecordFile
from agents.line import Line
from agents.precedence import Precedence
from agents.probes.runner import ProbeRunner
from agents.reconciler import Reconciler
from agents.workloads.client import WorkloadsClient
from agents.workloads.desired import WorkloadStatus, failures
from lab.contract.credentials import Credentials

_SETTINGS = {
    "node": "name of the host in the lab",
    "cloud": "gRPC target of the cloud process: unix:/path or address:port",
    "run-directory": "directory of the host's own, outliving the agent",
    "namespaces": "directory of pinned network namespaces",
    "root": "the node's root directory as the agent sees it",
    "certificate": "PEM file for mutual TLS; goes with key and authority",
    "key": "PEM file for mutual TLS",
    "authority": "PEM file for mutual TLS",
}
REACHED = "reached.json"
"""File of the run directory that is there once the host has matched what was wanted: then a
container is healthy."""

_DEFAULTS = {"run-directory": "/run/vnetlab", "namespaces": "/run/netns", "root": "/"}
"""As in a container, which is one host."""


def run(configs: Sequence[AgentConfig], *, departures: socket.socket | None = None) -> None:
    """Keep hosts at the states that the cloud process wants until SIGTERM; blocks.

    `departures` as in `agents.crew.serve`. Safe to call in a process forked from
    one that imported this module: no thread, loop or gRPC object exists before the call.
    """
    # One for all: the kernel does most of what they ask for one after the other anyway.
    worker, post = Worker("kernel"), ListeningPost()
    precedence = Precedence()
    lines = {
        (config.cloud, config.credentials): Line(config.cloud, config.credentials)
        for config in configs
    }
    lives = {
        config.node: partial(
            _live, config, worker, post, precedence, lines[config.cloud, config.credentials]
        )
        for config in configs
    }
    uvloop.run(_serve(lives, lines.values(), departures=departures))
    worker.close()
    post.close()


def main() -> None:
    """Run an agent from the command line or from ``VNETLAB_…`` variables, as containers do."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    run([configuration(environment=os.environ)])


def configuration(
    arguments: Sequence[str] | None = None, *, environment: Mapping[str, str]
) -> AgentConfig:
    """The configuration that `arguments` give, or `environment` where they give none.

    Exits with status 2 and a usage message when the node or the cloud process is
    missing, or only some of the three files of mutual TLS are there.
    """
    parser = argparse.ArgumentParser(prog="vnetlab-agent", description=__doc__)
    for name, meaning in _SETTINGS.items():
        variable = f"VNETLAB_{name.replace('-', '_').upper()}"
        value = environment.get(variable, _DEFAULTS.get(name))
        parser.add_argument(f"--{name}", default=value, help=f"{meaning} [{variable}]")
    given = parser.parse_args(arguments)
    for name in ("node", "cloud"):
        if not getattr(given, name):
            parser.error(f"--{name} or VNETLAB_{name.upper()} is needed: {_SETTINGS[name]}")
    files = (given.certificate, given.key, given.authority)
    if any(files) and not all(files):
        parser.error("certificate, key and authority go together: give all three or none")
    return AgentConfig(
        node=given.node,
        cloud=given.cloud,
        run_directory=Path(given.run_directory),
        namespaces=Path(given.namespaces),
        root=Path(given.root),
        credentials=_credentials(*map(Path, files)) if all(files) else None,
    )


def _credentials(certificate: Path, key: Path, authority: Path) -> Credentials:
    return Credentials(certificate=certificate, key=key, authority=authority)


async def _serve(
    lives: Mapping[str, Life], lines: Iterable[Line], *, departures: socket.socket | None
) -> None:
    async with asyncio.TaskGroup() as tasks:
        kept = [tasks.create_task(line.run(), name="line") for line in lines]
        await serve(lives, departures=departures)
        for line in kept:
            line.cancel()


async def _live(
    config: AgentConfig,
    worker: Worker,
    post: ListeningPost,
    precedence: Precedence,
    line: Line,
) -> None:
    kernel = LinuxKernel.of(config, post)
    failing: dict[str, str] = {}

    def changed(statuses: Sequence[WorkloadStatus]) -> None:
        # Every round asks, so that only an answer that says something new is news.
        nonlocal failing
        if failing != (now := failures(statuses)):
            failing = now
            agent.look_again()

    def found(health: Mapping[str, bool]) -> None:
        agent.tell_health(health)

    workloads = WorkloadsClient(
        config.workloads_socket,
        changed=changed,
        health=found,
    )
    reached = RecordFile(config.run_directory / REACHED)
    agent = Agent(
        config.node,
        line=line,
        reconciler=Reconciler(
            KeptHost(kernel, config), worker, workloads=workloads, precedence=precedence
        ),
        probes=ProbeRunner(config),
        matched=lambda _: reached.write({"reached": True}),
    )
    async with asyncio.TaskGroup() as tasks:
        connected = tasks.create_task(workloads.run(), name="workloads")
        try:
            await agent.run()
        finally:
            connected.cancel()
            # Several hosts may share the process: it outlives those that go.
            await worker.run(kernel.close)


if __name__ == "__main__":
    main()
