"""The docker runtime's front door: `lab.runtime.provider.Runtime` for one lab.

Any interruption is made good by the next call: nothing is remembered between
two, everything is found by its labels.
"""

import os
import socket
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from agents.render.entry import Layout, NodePlace, Place, PodPlace, VswitchPlace, entry
from lab.contract.v1.lab_pb2 import ResolveReply
from lab.runtime.docker import execution, labels
from lab.runtime.docker.containers import NAMESPACES, RUN_DIRECTORY
from lab.runtime.docker.engine import Engine
from lab.runtime.docker.labels import Role
from lab.runtime.docker.removal import remove_lab
from lab.runtime.provider import (
    Host,
    LabNameInUse,
    LabNotRunning,
    LabOfAnotherUser,
    MachineUnfit,
    RunningLab,
)
from lab.runtime.state_directory import StateDirectory, known_directories, state_root

NAME = "docker"
LAYOUT = Layout(namespaces=NAMESPACES, run_directory=RUN_DIRECTORY, root=Path("/"))
"""Of every node's container."""


def ignore(_: str) -> None:
    """A report that nobody reads."""


class DockerRuntime:
    """The machines of one lab, each a container."""

    def __init__(self, state: StateDirectory, *, report: Callable[[str], None] = ignore) -> None:
        """`report` hears what takes long, such as building the image."""
        self._state = state
        self._report = report

    @property
    def target(self) -> str:
        """gRPC target of the lab's `LabService`."""
        return f"unix:{self._state.cloud_socket}"

    def start(self) -> None:
        """Have the cloud container running and listening."""
        # Entering a running lab need not wait for what makes certificates (0.1 s).
        from lab.runtime.docker import deployment  # noqa: PLC0415

        self._refuse_foreign()
        image = deployment.prepare_image(self._engine, self._report)
        with self._state.locked(NAME):
            deployment.start(self._engine, self._state, image=image)

    def provide(self, hosts: Sequence[Host]) -> None:
        """Make the lab's node containers exactly `hosts`."""
        from lab.runtime.docker import deployment  # noqa: PLC0415

        deployment.provide(self._engine, self._state, hosts)

    def execute(self, place: ResolveReply, argv: Sequence[str], *, tty: bool) -> int:
        """Run a command in a place of a node's container."""
        node = self._engine.containers(lab=self._state.lab, role=Role.NODE, node=place.node)
        for container in node:
            if container.running:
                entered = (*entry(LAYOUT, _place(place)), *argv)
                return execution.run(self._engine.commands, container.id, entered, tty=tty)
        raise LabNotRunning(
            f"no container of {place.node} runs",
            remedy=f"deploy the lab {self._state.lab} again",
        )

    def destroy(self) -> None:
        """Remove every container and network with the lab's label, then its directory."""
        self._refuse_foreign()
        with self._state.locked(NAME):
            remove_lab(self._engine, self._state.lab)
            self._state.remove()

    @cached_property
    def _engine(self) -> Engine:
        return Engine.connect()

    def _refuse_foreign(self) -> None:
        """An engine serves many users and directories; a lab's name is used once in it."""
        containers = self._engine.containers(lab=self._state.lab)
        networks = self._engine.networks(lab=self._state.lab)
        for marks in (*(each.labels for each in containers), *(each.labels for each in networks)):
            if (owner := marks.get(labels.OWNER)) != str(os.geteuid()):
                raise LabOfAnotherUser(
                    f'lab "{self._state.lab}" of this engine belongs to user {owner}',
                    remedy="take another name",
                )
            directory = marks.get(labels.STATE_DIRECTORY)
            if directory not in {None, str(self._state.path)}:
                raise LabNameInUse(
                    f'lab "{self._state.lab}" of this engine lives in {directory}',
                    remedy="set VNETLAB_STATE_DIR to that directory's parent, or take another name",
                )


def labs() -> list[RunningLab]:
    """Labs of this user, by name; without an engine those whose cloud process answers.

    That is so inside the cloud container of a compose file.
    """
    try:
        engine = Engine.connect()
    except MachineUnfit:
        return _answering_labs()
    owner = str(os.geteuid())
    containers = engine.containers()
    every = [*(each.labels for each in containers), *(each.labels for each in engine.networks())]
    names = {each[labels.LAB] for each in every if each.get(labels.OWNER) == owner}
    clouds = {each.lab: each for each in containers if each.role == Role.CLOUD.value}
    found = []
    for name in sorted(names):
        path = StateDirectory.of(name).path
        cloud = clouds.get(name)
        if cloud is not None:
            path = Path(cloud.labels.get(labels.STATE_DIRECTORY, path))
        running = cloud is not None and cloud.running
        found.append(RunningLab(name=name, runtime=NAME, state_directory=path, running=running))
    return found


def _answering_labs() -> list[RunningLab]:
    return [
        RunningLab(name=state.lab, runtime=NAME, state_directory=state.path, running=True)
        for state in known_directories(state_root(os.environ, os.geteuid()))
        if state.runtime == NAME and _answers(state.cloud_socket)
    ]


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(path)) == 0


def _place(reply: ResolveReply) -> Place:
    match reply.place.WhichOneof("place"):
        case "vswitch":
            return VswitchPlace()
        case "pod_uid":
            return PodPlace(uid=reply.place.pod_uid)
        case _:
            return NodePlace()
