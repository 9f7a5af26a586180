"""Which lab a command is about: by name, by its file, or because there is only one."""

import os
from dataclasses import dataclass
from pathlib import Path

from lab.cli.errors import REFUSED, CommandFailed

SUFFIX = ".lab.yaml"

SOCKET_IN_A_CONTAINER = Path("/run/vnetlab/lab/cloud.sock")
"""Where the cloud process of a lab listens for whoever is inside one of its containers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A lab that can be asked."""

    target: str
    """gRPC target of its `LabService`."""
    name: str = ""
    """Empty inside a lab, which has no other."""
    runtime: str = ""
    """Empty inside a lab, where none is at hand: commands go through the agents."""


def lab_file(given: Path | None) -> Path:
    """The lab file that is meant. Raises `CommandFailed` when none or several could be."""
    if given is not None:
        return given
    found = sorted(Path().glob(f"*{SUFFIX}"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandFailed(
            f"there is no *{SUFFIX} in {Path.cwd()}",
            remedy="name the file with -t FILE",
            exit_code=REFUSED,
        )
    names = ", ".join(map(str, found))
    raise CommandFailed(
        f"there are {len(found)} lab files here: {names}",
        remedy="choose one with -t FILE",
        exit_code=REFUSED,
    )


def name_in(file: Path) -> str:
    """``metadata.name`` of a lab file, whatever else is wrong with it.

    Raises `CommandFailed` when it has none, and `LabFileError` when it can't be read.
    """
    import yaml

    from lab.cli.sources import read_sources

    content = read_sources(file).lab.content
    try:
        document = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        name = document["metadata"]["name"]
    except (yaml.YAMLError, KeyError, TypeError):
        name = None
    if not isinstance(name, str):
        raise CommandFailed(
            f"{file} has no metadata.name", remedy="name the lab with -n LAB", exit_code=REFUSED
        )
    return name


def selected(name: str | None, file: Path | None) -> Selected:
    """The running lab that is meant.

    Inside a lab it is that lab. Otherwise a name counts before a file, a file
    before the only lab file here, and that before the only lab that runs. Raises
    `CommandFailed` or `lab.runtime.provider.LabNotRunning`.
    """
    if socket := socket_at_hand():
        return Selected(target=f"unix:{socket}")
    from lab.cli.runtimes import DOCKER, engine_may_answer, find_lab, runtime_of

    lab = find_lab(name or implied_name(file))
    if not lab.running:
        raise CommandFailed(
            f'of lab "{lab.name}" only remains are there',
            remedy=f"vnetlab deploy brings it back, vnetlab destroy -n {lab.name} removes them",
        )
    target = runtime_of(lab.runtime, lab.name).target
    if lab.runtime == DOCKER and not engine_may_answer():
        # The cloud container of a compose file: the lab is here, its engine is not.
        return Selected(target=target, name=lab.name)
    return Selected(target=target, name=lab.name, runtime=lab.runtime)


def implied_name(file: Path | None) -> str:
    """The name of the lab that is meant when none was given."""
    from lab.cli.runtimes import known_labs

    if file is not None:
        return name_in(file)
    here = sorted(Path().glob(f"*{SUFFIX}"))
    if len(here) == 1:
        return name_in(here[0])
    names = [lab.name for lab in known_labs()]
    if len(names) == 1:
        return names[0]
    if not names:
        raise CommandFailed(
            "no lab runs here", remedy="vnetlab deploy builds one", exit_code=REFUSED
        )
    raise CommandFailed(
        f"{len(names)} labs run here: {', '.join(names)}",
        remedy="choose one with -n LAB",
        exit_code=REFUSED,
    )


def socket_at_hand() -> Path | None:
    """The socket that ``VNETLAB_SOCKET`` names, or that of the lab whose container this is."""
    if told := os.environ.get("VNETLAB_SOCKET"):
        return Path(told)
    return SOCKET_IN_A_CONTAINER if SOCKET_IN_A_CONTAINER.exists() else None
