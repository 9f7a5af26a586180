"""The front door: from the bytes of a lab file to the frozen model, or every problem.

compose  bytes → values with line numbers
az       the form of ``az … -o json`` → the short form
schema   keys, types, forms
usable   what is left when the broken parts are taken out
build    values → model, defaults filled in
validate what cannot be, although it is well formed
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from lab.topology.az import normalise
from lab.topology.build import build
from lab.topology.document import Document
from lab.topology.model import Lab
from lab.topology.problems import LabFileError, Location, Problem
from lab.topology.rereading import composed
from lab.topology.schema import Fault, check
from lab.topology.sources import LabSources, SourceFile
from lab.topology.usable import Usable, usable
from lab.topology.validate import validate, warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a lab file says as far as it can be read, and what is wrong with it."""

    lab: Lab | None
    """None when nothing can be built at all; partial when there are problems."""
    usable: Usable
    problems: tuple[Problem, ...]


def parse(sources: LabSources) -> Lab:
    """Return the lab, defaults filled in.

    Raises `LabFileError` with every problem of the lab file, a manifest that is
    missing among them. What is in the manifests is read by `lab.kube.objects`.
    """
    examination = examine(sources)
    if examination.problems or examination.lab is None:
        raise LabFileError(examination.problems)
    return examination.lab


def manifest_paths(lab_file: SourceFile) -> tuple[str, ...]:
    """Paths of the manifests that a lab file names, as written, each once.

    Reads what it can of a file with problems, so that those of its manifests can
    be told as well.
    """
    lab = _read(lab_file).lab
    clusters = lab.clusters if lab else ()
    return tuple(dict.fromkeys(path for cluster in clusters for path in cluster.manifests))


@lru_cache(maxsize=2)
def examine(sources: LabSources) -> Examination:
    """Read and check a lab file; never raises for what the user wrote.

    Remembers what was read last: a file that stands is compared with the one to come.
    """
    read = _read(sources.lab)
    if read.lab is None:
        return read
    return Examination(
        lab=replace(read.lab, warnings=(*read.lab.warnings, *warnings(read.lab))),
        usable=read.usable,
        problems=(
            *read.problems,
            *validate(read.lab, read.usable),
            *_manifests(read.lab, sources),
        ),
    )


def _read(source: SourceFile) -> Examination:
    """The lab file as far as it can be read, with the problems of its form."""
    read = composed(source)
    problems = list(read.problems)
    document = next(iter(read.documents), None)
    if document is None:
        if not problems:
            problems.append(
                Problem(
                    Location(source.path, 1),
                    "the lab file is empty",
                    "begin with apiVersion: vnetlab/v1alpha1 and kind: Lab",
                )
            )
        return Examination(lab=None, usable=Usable(), problems=tuple(problems))
    problems += _surplus(read.documents[1:])
    short = normalise(document)
    faults = (*short.faults, *_untold(check(short.document), short.faults))
    problems += [fault.problem for fault in faults]
    rest = usable(short.document, faults)
    if not isinstance(document.value, dict):
        return Examination(lab=None, usable=rest, problems=tuple(problems))
    lab = replace(build(short.document, rest), warnings=short.warnings)
    return Examination(lab=lab, usable=rest, problems=tuple(problems))


def _untold(faults: Iterable[Fault], told: Iterable[Fault]) -> Iterator[Fault]:
    """Leave out that something is missing or malformed where `told` says why."""
    places = {
        place for fault in told if not fault.harmless for place in (fault.path, fault.path[:-1])
    }
    return (fault for fault in faults if fault.path not in places)


def _surplus(documents: tuple[Document, ...]) -> list[Problem]:
    return [
        Problem(
            document.location(),
            "a lab file holds one document; another begins here",
            "move it to a file of its own; Kubernetes objects go into manifests",
        )
        for document in documents[:1]
    ]


def _manifests(lab: Lab, sources: LabSources) -> list[Problem]:
    return [
        Problem(
            cluster.at(f"manifests[{index}]"),
            f"manifest '{path}' of cluster '{cluster.name}' can't be read",
            "create the file, or correct the path, which is relative to the lab file",
        )
        for cluster in lab.clusters
        for index, path in enumerate(cluster.manifests)
        if sources.manifest(path) is None
    ]
