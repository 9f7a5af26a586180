"""The processes of a lab that the first one forks: what each is and where its things lie."""

import socket
from pathlib import Path

import agents.main
import agents.workloads.main
import lab.control.main
from agents.config import AgentConfig
from agents.workloads.config import WorkloadsConfig
from lab.control.config import ControlConfig
from lab.runtime.native import filesystem
from lab.runtime.native.children import Task
from lab.runtime.provider import Host

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


def agent(host: Host, directory: Path) -> Task:
    """The agent of a host."""
    config = AgentConfig(
        node=host.name,
        cloud=f"unix:{AGENTS_SOCKET}",
        run_directory=directory,
        namespaces=directory / "netns",
        root=directory / "root",
    )
    return Task(name=f"agent {host.name}", run=lambda: agents.main.run(config))


def workloads(host: Host, directory: Path, listener: socket.socket) -> Task:
    """The workloads process of a host."""
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
