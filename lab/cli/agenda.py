"""Which tests to ask of a running lab, and what makes their outcome doubtful."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from lab.cli.errors import REFUSED, CommandFailed
from lab.cli.selection import SUFFIX
from lab.cli.sources import read_sources
from lab.contract.v1.lab_pb2 import InspectReply
from lab.control.inspection import READY
from lab.control.requests import from_request
from lab.kube.objects import parse_lab
from lab.topology.model import Lab, Test
from lab.topology.sources import LabSources


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The tests of one run."""

    lab: str
    tests: Sequence[Test]
    warnings: tuple[str, ...] = ()
    """Why passing may not mean what it seems to."""


def agenda_of(reply: InspectReply, file: Path | None, *, only: str | None) -> Agenda:
    """Tests of the lab file at hand, or of the one that was deployed.

    `reply` has nodes and source. Raises `CommandFailed` when there is nothing to
    run, and `LabFileError` when the file at hand is no lab.
    """
    deployed = from_request(reply.source)
    standing, _ = parse_lab(deployed)
    warnings = list(unready(reply))
    lab, path = standing, deployed.lab.path
    if at_hand := file or file_of(reply.lab):
        sources = read_sources(at_hand)
        lab, _ = parse_lab(sources)
        path = str(at_hand)
        if lab.name != reply.lab:
            raise CommandFailed(
                f'{at_hand} is the lab "{lab.name}", not "{reply.lab}"', exit_code=REFUSED
            )
        if differs(lab, standing) or contents(sources) != contents(deployed):
            warnings.append(f"{at_hand} has changed since it was deployed")
    tests = [test for test in lab.tests if only is None or matches(test.name, only)]
    if not tests:
        wanted = f" that match {only!r}" if only else ""
        raise CommandFailed(
            f"{path} has no tests{wanted}",
            remedy="see tests: in docs/lab-file.md",
            exit_code=REFUSED,
        )
    return Agenda(lab=reply.lab, tests=tests, warnings=tuple(warnings))


def file_of(lab: str) -> Path | None:
    """The only lab file here, if it is the lab's."""
    from lab.cli.selection import name_in

    here = sorted(Path().glob(f"*{SUFFIX}"))
    return here[0] if len(here) == 1 and name_in(here[0]) == lab else None


def unready(reply: InspectReply) -> Sequence[str]:
    """A warning when machines are not as the file says."""
    late = [node.name for node in reply.nodes if node.status != READY]
    if not late:
        return ()
    names = ", ".join(late[:3]) + (", …" if len(late) > 3 else "")
    return (f"{len(late)} of {len(reply.nodes)} machines are not ready: {names}",)


def differs(lab: Lab, other: Lab) -> bool:
    """Whether anything but the tests is different."""
    return replace(lab, tests=()) != replace(other, tests=())


def contents(sources: LabSources) -> dict[str, bytes]:
    """What the manifests hold, by the names that the lab file has for them."""
    return {name: file.content for name, file in sources.manifests}


def matches(name: str, pattern: str) -> bool:
    """Whether a test is meant: a pattern is the whole name, with ``*`` and ``?``."""
    return fnmatchcase(name.casefold(), pattern.casefold())
