"""The docker runtime's front door: `lab.runtime.provider.Runtime` for one lab.

What is there is read from the engine every time, by label; what has to be there
follows from the arguments. The difference is removed, then created, so that any
interruption is made good by the next call.
"""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from agents.render.entry import Layout, NodePlace, Place, PodPlace, VswitchPlace, entry
from lab.contract.v1.lab_pb2 import ResolveReply
from lab.runtime.docker import execution, labels, underlay
from lab.runtime.docker.authority import lab_authority
from lab.runtime.docker.certificates import (
    Identity,
    cloud_identity,
    credential_files,
    node_identity,
)
from lab.runtime.docker.containers import (
    NAMESPACES,
    RUN_DIRECTORY,
    ContainerSpecification,
    LabContainers,
)
from lab.runtime.docker.engine import Engine, Network
from lab.runtime.docker.fleet import Fleet, Order, remove_all
from lab.runtime.docker.images import ensure_image
from lab.runtime.docker.labels import Role
from lab.runtime.docker.readiness import await_listening
from lab.runtime.provider import (
    Host,
    HostsFailed,
    LabNameInUse,
    LabNotRunning,
    LabOfAnotherUser,
    RunningLab,
    StartFailed,
)
from lab.runtime.state_directory import StateDirectory

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

    @cached_property
    def _engine(self) -> Engine:
        return Engine.connect()

    def start(self) -> None:
        """Have the cloud container running and listening."""
        image = ensure_image(self._engine, self._report)
        with self._state.locked(NAME):
            self._refuse_foreign()
            found = self._engine.containers(lab=self._state.lab)
            if not found and not self._engine.networks(lab=self._state.lab):
                self._state.clear()
            authority = lab_authority(self._state.path, lab=self._state.lab)
            network = underlay.ensure(self._engine, lab=self._state.lab, owner=os.geteuid())
            cloud = self._containers(image, authority, network).cloud()
            outcome = self._fleet(network).provide([self._order(cloud, authority)], role=Role.CLOUD)
            for refusal in outcome.refusals:
                raise StartFailed(str(refusal), remedy=refusal.reason.remedy) from refusal.reason
            await_listening(self._engine, outcome.running[cloud.name])

    def provide(self, hosts: Sequence[Host]) -> None:
        """Make the lab's node containers exactly `hosts`."""
        network, image = self._running()
        authority = lab_authority(self._state.path, lab=self._state.lab)
        containers = self._containers(image, authority, network)
        orders = [self._order(containers.node(host), authority) for host in hosts]
        refusals = self._fleet(network).provide(orders, role=Role.NODE).refusals
        if refusals:
            raise HostsFailed(
                "\n".join(map(str, refusals)), remedy="deploy again once the reason is gone"
            )

    def execute(self, place: ResolveReply, argv: Sequence[str], *, tty: bool) -> int:
        """Run a command in a place of a node's container."""
        nodes = self._engine.containers(lab=self._state.lab, role=Role.NODE)
        for container in nodes:
            if container.node == place.node and container.running:
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

    def _running(self) -> tuple[Network, str]:
        """The underlay of the running lab, and the image that its cloud container is of."""
        network = underlay.find(self._engine, lab=self._state.lab)
        clouds = self._engine.containers(lab=self._state.lab, role=Role.CLOUD)
        if network is None or not any(container.running for container in clouds):
            raise LabNotRunning(f"the lab {self._state.lab} does not run", remedy="deploy it first")
        return network, next(container.image for container in clouds if container.running)

    def _containers(self, image: str, authority: Identity, network: Network) -> LabContainers:
        return LabContainers(
            lab=self._state.lab,
            image=image,
            underlay=network.ranges[0],
            network=network.id,
            authority=authority.fingerprint,
            state_directory=str(self._state.path),
            user=f"{os.geteuid()}:{os.getegid()}",
        )

    def _fleet(self, network: Network) -> Fleet:
        return Fleet(self._engine, lab=self._state.lab, owner=os.geteuid(), network=network)

    def _order(self, specification: ContainerSpecification, authority: Identity) -> Order:
        def credentials() -> dict[str, bytes]:
            now = datetime.now(UTC)
            if specification.role is Role.CLOUD:
                identity = cloud_identity(authority, now=now)
            else:
                identity = node_identity(authority, node=specification.node, now=now)
            return dict(credential_files(authority, identity))

        return Order(specification=specification, credentials=credentials)

    def _refuse_foreign(self) -> None:
        """An engine serves many users and directories; a lab's name is used once in it."""
        for container in self._engine.containers(lab=self._state.lab):
            if container.owner != str(os.geteuid()):
                raise LabOfAnotherUser(
                    f'lab "{self._state.lab}" of this engine belongs to user {container.owner}',
                    remedy="take another name",
                )
            directory = container.labels.get(labels.STATE_DIRECTORY)
            if directory not in {None, str(self._state.path)}:
                raise LabNameInUse(
                    f'lab "{self._state.lab}" of this engine lives in {directory}',
                    remedy="set VNETLAB_STATE_DIR to that directory's parent, or take another name",
                )


def _place(reply: ResolveReply) -> Place:
    match reply.place.WhichOneof("place"):
        case "vswitch":
            return VswitchPlace()
        case "pod_uid":
            return PodPlace(uid=reply.place.pod_uid)
        case _:
            return NodePlace()


def labs() -> list[RunningLab]:
    """Labs of this user in the engine, by name. Raises `MachineUnfit` when none answers."""
    engine = Engine.connect()
    owner = str(os.geteuid())
    names: dict[str, RunningLab] = {}
    for network in engine.networks(lab=None):
        if network.labels.get(labels.OWNER) == owner and labels.LAB in network.labels:
            state = StateDirectory.of(network.labels[labels.LAB])
            names[state.lab] = RunningLab(
                name=state.lab, runtime=NAME, state_directory=state.path, running=False
            )
    for container in engine.containers():
        if container.owner != owner:
            continue
        state = StateDirectory.of(container.lab)
        directory = Path(container.labels.get(labels.STATE_DIRECTORY, state.path))
        known = names.get(container.lab)
        is_cloud = container.role == Role.CLOUD.value
        if known is None or is_cloud:
            names[container.lab] = RunningLab(
                name=container.lab,
                runtime=NAME,
                state_directory=directory,
                running=is_cloud and container.running,
            )
    return sorted(names.values())


def remove_lab(engine: Engine, lab: str) -> bool:
    """Remove everything that carries the lab's label; False when nothing did."""
    containers = engine.containers(lab=lab)
    remove_all(engine, containers)
    networks = engine.networks(lab=lab)
    for network in networks:
        engine.remove_network(network)
    return bool(containers or networks)
