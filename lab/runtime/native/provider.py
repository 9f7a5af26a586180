"""`lab.runtime.provider.Runtime` for labs in a capsule."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from agents.render.entry import Layout, NodePlace, Place, PodPlace, VswitchPlace, entry
from lab.contract.v1.agent_pb2 import Place as WirePlace
from lab.contract.v1.lab_pb2 import ResolveReply
from lab.runtime.native import filesystem
from lab.runtime.native.capsule import Capsule, NoAnswer, running
from lab.runtime.native.crew_size import crew_size
from lab.runtime.native.entering import execute
from lab.runtime.native.launch import launch
from lab.runtime.native.requests import Provide, Status, decode_provided
from lab.runtime.provider import (
    Host,
    HostsFailed,
    LabNotRunning,
    LabOfAnotherUser,
    RunningLab,
)
from lab.runtime.state_directory import StateDirectory, known_directories, state_root

NAME = "native"


@dataclass(frozen=True, slots=True)
class NativeRuntime:
    """The machines of one lab, in its capsule."""

    state: StateDirectory

    @classmethod
    def of(cls, lab: str) -> "NativeRuntime":
        """The runtime of a lab of the user who runs this."""
        return cls(StateDirectory.of(lab))

    @property
    def target(self) -> str:
        """gRPC target of the lab's `LabService`."""
        return f"unix:{self.state.cloud_socket}"

    def start(self) -> None:
        """As `lab.runtime.provider.Runtime.start`."""
        with self.state.locked(NAME):
            if self._runs():
                return
            self._end_lost()
            self.state.clear()
            try:
                launch(self.state)
            except BaseException:  # an interrupt, too, leaves nothing half built
                self._end()
                self.state.remove()
                raise

    def provide(self, hosts: Sequence[Host]) -> None:
        """As `lab.runtime.provider.Runtime.provide`."""
        with running(self.state) as capsule:
            try:
                crew = crew_size(len(hosts), processors=len(os.sched_getaffinity(0)))
                answer = decode_provided(capsule.ask(Provide(hosts=tuple(hosts), crew=crew)))
            except NoAnswer as problem:
                raise LabNotRunning(
                    f'lab "{self.state.lab}" ended: {problem}', remedy="deploy it again"
                ) from problem
        if answer.failures:
            reasons = [f"{name}: {why}" for name, why in sorted(answer.failures.items())]
            raise HostsFailed(
                "\n".join([f"{len(reasons)} hosts can't be made", *reasons]),
                remedy="run vnetlab doctor, then deploy again",
            )

    def execute(self, place: ResolveReply, argv: Sequence[str], *, tty: bool) -> int:
        """As `lab.runtime.provider.Runtime.execute`."""
        prefix = entry(layout(place.node), place_of(place.place))
        with running(self.state) as capsule:
            return execute(capsule.pidfd, (*prefix, *argv), tty=tty)

    def destroy(self) -> None:
        """As `lab.runtime.provider.Runtime.destroy`."""
        if not os.path.lexists(self.state.path):
            self._end_lost()
            return
        with self.state.locked(NAME):
            self._end()
            self.state.remove()

    def _end(self) -> None:
        capsule = Capsule.find(self.state)
        if capsule is not None:
            with capsule:
                capsule.end()
        self._end_lost()

    def _end_lost(self) -> None:
        lost = Capsule.find_lost(self.state)
        if lost is not None:
            with lost:
                lost.end()

    def _runs(self) -> bool:
        """Whether the lab is up; one that is on its way out is waited for."""
        capsule = Capsule.find(self.state)
        if capsule is None:
            return False
        with capsule:
            try:
                capsule.ask(Status())
            except NoAnswer:
                # It listens, but the command that started it was killed before
                # it knew: then it ends by itself, or here.
                capsule.end()
                return False
        return True


def layout(node: str) -> Layout:
    """Where the things of a host lie inside the capsule."""
    directory = filesystem.HOSTS / node
    return Layout(namespaces=directory / "netns", run_directory=directory, root=directory / "root")


def place_of(place: WirePlace) -> Place:
    """The place that the cloud process resolved a target to."""
    match place.WhichOneof("place"):
        case "vswitch":
            return VswitchPlace()
        case "pod_uid":
            return PodPlace(uid=place.pod_uid)
        case _:
            return NodePlace()


def labs() -> tuple[RunningLab, ...]:
    """Every native lab of this user, and what is left of such."""
    found = []
    for state in known_directories(state_root(os.environ, os.geteuid())):
        if state.runtime not in {NAME, ""}:
            continue
        try:
            capsule = Capsule.find(state)
        except LabOfAnotherUser:
            continue
        if capsule is not None:
            os.close(capsule.pidfd)
        found.append(
            RunningLab(
                name=state.lab,
                runtime=NAME,
                state_directory=state.path,
                running=capsule is not None,
            )
        )
    return tuple(found)
