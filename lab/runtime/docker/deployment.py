"""Bringing a lab up in an engine: image, underlay, cloud container, node containers.

What has to be there follows from the arguments and the lab's directory; what is
there is read from the engine every time.
"""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lab.runtime.docker import credentials, underlay
from lab.runtime.docker.authority import lab_authority
from lab.runtime.docker.certificates import (
    Identity,
    cloud_identity,
    credential_files,
    node_identity,
)
from lab.runtime.docker.containers import ContainerSpecification, LabContainers
from lab.runtime.docker.engine import Engine, Network
from lab.runtime.docker.fleet import Fleet, Order
from lab.runtime.docker.images import ensure_image
from lab.runtime.docker.labels import Role
from lab.runtime.docker.readiness import await_listening
from lab.runtime.provider import Host, HostsFailed, LabNotRunning, StartFailed
from lab.runtime.state_directory import StateDirectory


def start(engine: Engine, state: StateDirectory, *, image: str) -> None:
    """Have the cloud container running and listening; call with the directory locked.

    Raises `StartFailed`.
    """
    if not engine.containers(lab=state.lab) and not engine.networks(lab=state.lab):
        # Of a lab that was removed from outside; its allocations mean nothing any more.
        state.clear()
    lab = _Lab(engine, state, network=underlay.ensure(engine, lab=state.lab, owner=os.geteuid()))
    cloud = lab.containers(image).cloud()
    outcome = lab.fleet.provide([lab.order(cloud)], role=Role.CLOUD)
    for refusal in outcome.refusals:
        raise StartFailed(str(refusal), remedy=refusal.reason.remedy) from refusal.reason
    await_listening(engine, outcome.running[cloud.name])


def provide(engine: Engine, state: StateDirectory, hosts: Sequence[Host]) -> None:
    """Make the lab's node containers exactly `hosts`. Raises `LabNotRunning`, `HostsFailed`."""
    network = underlay.find(engine, lab=state.lab)
    clouds = [each for each in engine.containers(lab=state.lab, role=Role.CLOUD) if each.running]
    if network is None or not clouds:
        raise LabNotRunning(f"the lab {state.lab} does not run", remedy="deploy it first")
    lab = _Lab(engine, state, network=network)
    containers = lab.containers(clouds[0].image)
    orders = [lab.order(containers.node(host)) for host in hosts]
    if refusals := lab.fleet.provide(orders, role=Role.NODE).refusals:
        raise HostsFailed(
            "\n".join(map(str, refusals)), remedy="deploy again once the reason is gone"
        )


def prepare_image(engine: Engine, report: Callable[[str], None]) -> str:
    """Id of the image that the containers are of; it may have to be built, which takes long."""
    return ensure_image(engine, report)


class _Lab:
    """A lab with its network and its authority."""

    def __init__(self, engine: Engine, state: StateDirectory, *, network: Network) -> None:
        self._state = state
        self._network = network
        self._authority: Identity = lab_authority(state.path, lab=state.lab)
        self.fleet = Fleet(engine, lab=state.lab, owner=os.geteuid(), network=network)

    def containers(self, image: str) -> LabContainers:
        """What its containers have to be."""
        return LabContainers(
            lab=self._state.lab,
            image=image,
            underlay=self._network.ranges[0],
            network=self._network.id,
            authority=self._authority.fingerprint,
            state_directory=str(self._state.path),
            user=f"{os.geteuid()}:{os.getegid()}",
        )

    def order(self, specification: ContainerSpecification) -> Order:
        """A container of that specification, with a certificate of its own."""

        def lay_out_credentials() -> None:
            now = datetime.now(UTC)
            if specification.role is Role.CLOUD:
                identity = cloud_identity(self._authority, now=now)
            else:
                identity = node_identity(self._authority, node=specification.node, now=now)
            files = credential_files(self._authority, identity)
            credentials.lay_out(Path(specification.credentials), files)

        return Order(specification=specification, prepare=lay_out_credentials)
