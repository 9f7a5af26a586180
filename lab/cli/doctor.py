"""What this machine can do for labs, what is missing, and one line that mends most of it."""

import textwrap
from collections.abc import Container, Iterable, Iterator, Sequence

from lab.cli.errors import REFUSED, CommandFailed
from lab.cli.runtimes import DOCKER, NATIVE
from lab.runtime.provider import Capability
from lab.topology.model import Lab

APT = "apt-get install "
LABEL_WIDTH = 9
WIDTH = 80
SHORTEST_SEEN = 20
"""Columns of what was seen that a line of `WIDTH` always has room for."""


def capabilities_of(runtime: str) -> Sequence[Capability]:
    """Everything that labs of a runtime need, present or not."""
    if runtime == NATIVE:
        from lab.runtime.native.capabilities import capabilities

        return capabilities()
    from lab.runtime.docker.capabilities import capabilities as docker_capabilities

    return docker_capabilities()


def tools_of(lab: Lab) -> frozenset[str]:
    """Names of capabilities that not every lab needs, but this one."""
    return frozenset({"haproxy"} if lab.cloud.azure_firewalls else ())


def require(runtime: str, *, beside: Container[str] = ()) -> None:
    """Raises `CommandFailed` with everything that deploying on `runtime` lacks here.

    `beside`: names of what this lab needs beside what every lab does.
    """
    lacking = missing(capabilities_of(runtime), beside=beside)
    if not lacking:
        return
    reasons = "; ".join(f"{each.name} ({each.seen})" for each in lacking)
    raise CommandFailed(
        f"this machine can't run {runtime} labs: it lacks {reasons}",
        remedy="\n    ".join(remedies(lacking)),
        exit_code=REFUSED,
    )


def missing(
    capabilities: Iterable[Capability], *, beside: Container[str] = ()
) -> Sequence[Capability]:
    """What is needed and not there; `beside`: names of what is needed beside the rest."""
    return [
        each for each in capabilities if (each.required or each.name in beside) and not each.present
    ]


def remedies(lacking: Iterable[Capability]) -> Sequence[str]:
    """What to do about all of it; packages in one line."""
    packages: dict[str, None] = {}
    others: dict[str, None] = {}
    for each in lacking:
        if each.remedy.startswith(APT):
            packages.update(dict.fromkeys(each.remedy.removeprefix(APT).split()))
        elif each.remedy:
            others[each.remedy] = None
    line = [APT + " ".join(packages)] if packages else []
    return [*line, *others]


def report(runtime: str, capabilities: Sequence[Capability]) -> Iterator[str]:
    """Lines for one runtime: each thing, whether it is there, and what to do if not."""
    yield f"{runtime} labs"
    most = WIDTH - 2 - LABEL_WIDTH - SHORTEST_SEEN
    names = min(most, max((len(each.name) for each in capabilities), default=0) + 2)
    room = WIDTH - 2 - LABEL_WIDTH - names
    for each in capabilities:
        label = "ok" if each.present else ("missing" if each.required else "absent")
        # What a missing thing said is part of the reason, and may be long.
        seen = each.seen if each.present else ""
        seen = textwrap.shorten(seen, room, placeholder=" …")
        yield f"  {label:<{LABEL_WIDTH}}{each.name:<{names}}{seen}".rstrip()
        if not each.present:
            yield from indented(each.seen)
            yield from indented(f"needed for {each.needed_for}: {each.remedy}")


def indented(text: str) -> Iterator[str]:
    """`text` below the name of what it is about."""
    indent = " " * (2 + LABEL_WIDTH)
    yield from textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def as_json(runtime: str, capability: Capability) -> dict[str, object]:
    """A check for programs; keys are part of the command line's contract."""
    return {
        "runtime": runtime,
        "name": capability.name,
        "present": capability.present,
        "required": capability.required,
        "needed_for": capability.needed_for,
        "seen": capability.seen,
        "remedy": "" if capability.present else capability.remedy,
    }


def conclusion(runtimes: Sequence[str], lacking: Sequence[Capability]) -> Iterator[str]:
    """The last lines: that all is well, or what to do."""
    if not lacking:
        yield f"this machine can run {' and '.join(runtimes)} labs"
        return
    yield "to do:"
    for remedy in remedies(lacking):
        yield f"  {remedy}"


RUNTIMES = (NATIVE, DOCKER)
