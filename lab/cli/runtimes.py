"""Which runtimes there are, and which labs they run."""

import os
from collections.abc import Callable, Sequence

from lab.cli.errors import REFUSED, CommandFailed
from lab.runtime.provider import LabNotRunning, RunningLab, Runtime, RuntimeFailure
from lab.runtime.state_directory import StateDirectory, known_directories, state_root

NATIVE, DOCKER = "native", "docker"


def ignore(_: str) -> None:
    """A report that nobody reads."""


def runtime_of(name: str, lab: str, *, report: Callable[[str], None] = ignore) -> Runtime:
    """The runtime `name` for `lab`; `report` hears what takes long."""
    state = StateDirectory.of(lab)
    match name:
        case "native":
            from lab.runtime.native.provider import NativeRuntime

            return NativeRuntime(state)
        case "docker":
            from lab.runtime.docker.provider import DockerRuntime

            return DockerRuntime(state, report=report)
        case _:
            raise CommandFailed(
                f'there is no runtime "{name}"',
                remedy="there are native and docker",
                exit_code=REFUSED,
            )


def known_labs() -> list[RunningLab]:
    """Labs of this user by their directories alone: at once, and at times of a dead lab."""
    states = known_directories(state_root(os.environ, os.geteuid()))
    return [
        RunningLab(name=state.lab, runtime=state.runtime, state_directory=state.path)
        for state in states
        if state.runtime
    ]


def all_labs() -> list[RunningLab]:
    """Every lab of this user that any runtime knows, remains too; by name.

    An engine that doesn't answer has no labs that could be asked for, and one that
    does may have labs of another state directory, which are not ours to touch.
    """
    from lab.runtime.native.provider import labs as native_labs

    root = state_root(os.environ, os.geteuid())
    here = [lab for lab in _docker_labs() if lab.state_directory.parent == root]
    return sorted([*native_labs(), *here])


def find_lab(name: str) -> RunningLab:
    """The lab called `name`, running or not. Raises `LabNotRunning` with those that are there."""
    StateDirectory.of(name)  # complains of what is no name
    if StateDirectory.of(name).runtime == NATIVE:
        from lab.runtime.native.provider import labs as native_labs

        candidates: Sequence[RunningLab] = native_labs()
    else:
        candidates = all_labs()
    for lab in candidates:
        if lab.name == name:
            return lab
    others = ", ".join(lab.name for lab in all_labs())
    raise LabNotRunning(
        f'no lab "{name}" runs here',
        remedy=f"choose with -n of those that do: {others}" if others else "deploy it first",
    )


def engine_may_answer() -> bool:
    """Whether a Docker engine may be at hand: its client takes 100 ms to load.

    None is inside the containers of a lab.
    """
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    return not address.startswith("unix://") or os.path.exists(address.removeprefix("unix://"))


def _docker_labs() -> Sequence[RunningLab]:
    if not engine_may_answer() and all(lab.runtime != DOCKER for lab in known_labs()):
        return ()
    from lab.runtime.docker.provider import labs

    try:
        return labs()
    except RuntimeFailure:
        return ()
