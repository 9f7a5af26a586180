"""The processes of a lab that the first one forks: what each is and where its things lie."""

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

import agents.main
import agents.workloads.main
import lab.control.main
from agents.config import AgentConfig
from agents.workloads.config import WorkloadsConfig
from lab.control.config import ControlConfig
from lab.runtime.native import filesystem
from lab.runtime.native.children import Task

AGENTS_SOCKET = Path("/run/vnetlab/agents.sock")
"""`AgentService`, out of reach from outside the capsule."""


def listen_for_agent(directory: Path) -> socket.socket:
    """The socket of a host's workloads process.

    Made and kept by whoever starts that process, so that an agent can connect
    while it starts again.
    """
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(directory / "workloads.sock"))
    listener.listen(16)
    return listener


def cloud(ready_fd: int | None = None) -> Task:
    """The cloud process; `ready_fd` as in `ControlConfig`."""
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


def agent(name: str, hosts: Sequence[str], departures: socket.socket) -> Task:
    """The agents of hosts, in one process; `departures` as in `agents.crew.serve`."""
    configs = [
        AgentConfig(
            node=host,
            cloud=f"unix:{AGENTS_SOCKET}",
            run_directory=(directory := filesystem.HOSTS / host),
            namespaces=directory / "netns",
            root=directory / "root",
        )
        for host in hosts
    ]
    return Task(
        name=f"agent {name}",
        run=lambda: agents.main.run(configs, departures=departures),
        keep=(departures.fileno(),),
    )


def workloads(name: str, listeners: Mapping[str, socket.socket], departures: socket.socket) -> Task:
    """The workloads process of hosts, each with its listening socket."""
    configs = [
        WorkloadsConfig(
            node=host,
            socket=(directory := filesystem.HOSTS / host) / "workloads.sock",
            namespaces=directory / "netns",
            run_directory=directory,
            root=directory / "root",
            listen_fd=listener.fileno(),
        )
        for host, listener in listeners.items()
    ]
    kept = [departures.fileno(), *(listener.fileno() for listener in listeners.values())]
    return Task(
        name=f"workloads {name}",
        run=lambda: agents.workloads.main.run(configs, departures=departures),
        keep=tuple(sorted(kept)),
    )
