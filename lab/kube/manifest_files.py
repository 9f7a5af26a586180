"""From a manifest file to the objects in it, checked one by one against their schema."""

from collections.abc import Iterator
from dataclasses import dataclass

from lab.topology.compose import compose
from lab.topology.document import Document, Step, Value, child
from lab.topology.problems import Location, Problem
from lab.topology.schema import SchemaFile, check
from lab.topology.sources import SourceFile
from lab.topology.words import listed, nearest, shown

SUPPORTED = {"Deployment": "apps/v1", "Pod": "v1", "Service": "v1", "Namespace": "v1"}
"""Each kind with the version in which it is read."""
LIST = "List"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedObject:
    """An object that fulfils its schema."""

    kind: str
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFile:
    """What a manifest file holds."""

    objects: tuple[CheckedObject, ...]
    """Those that can be built, in the order in which they were written."""
    problems: tuple[Problem, ...]
    incomplete: bool
    """Whether the user wrote objects that are not among `objects`."""


def read(source: SourceFile) -> ManifestFile:
    """Read every object of a manifest file, those in a List included."""
    composed = compose(source)
    problems = list(composed.problems)
    incomplete = bool(problems)
    objects = []
    if not composed.documents and not problems:
        problems.append(
            Problem(Location(source.path, 1), "the manifest is empty", "add an object to it")
        )
    for document in _spread(composed.documents):
        kind = _kind(document, problems)
        if kind is None:
            incomplete = True
            continue
        schema = SchemaFile(package="lab.kube.schema", resource="kubernetes.json", definition=kind)
        faults = check(document, schema)
        problems += [fault.problem for fault in faults]
        if all(fault.harmless for fault in faults):
            objects.append(CheckedObject(kind=kind, document=document))
        else:
            incomplete = True
    return ManifestFile(objects=tuple(objects), problems=tuple(problems), incomplete=incomplete)


def _spread(documents: tuple[Document, ...]) -> Iterator[Document]:
    """Every object, a List replaced by its items, without properties that are null.

    To Kubernetes a null is the same as a property that was left out.
    """
    for document in documents:
        items = child(document.value, "items")
        if child(document.value, "kind") == LIST and isinstance(items, list):
            below = tuple(_at(document, ("items", index)) for index in range(len(items)))
            yield from _spread(below)
        else:
            yield _without_nulls(document)


def _at(document: Document, path: tuple[Step, ...]) -> Document:
    value: Value = document.value
    for step in path:
        value = child(value, step)
    line = document.location(path).line
    return Document(file=document.file, value=value, line=line, lines=document.lines)


def _without_nulls(document: Document) -> Document:
    lines: dict[int, dict[Step, int]] = {}

    def clean(value: Value) -> Value:
        cleaned: Value
        match value:
            case dict():
                cleaned = {key: clean(below) for key, below in value.items() if below is not None}
            case list():
                cleaned = [clean(below) for below in value]
            case _:
                return value
        lines[id(cleaned)] = dict(document.lines.get(id(value), {}))
        return cleaned

    return Document(
        file=document.file, value=clean(document.value), line=document.line, lines=lines
    )


def _kind(document: Document, problems: list[Problem]) -> str | None:
    """The kind of an object that can be read; otherwise a problem is added."""
    if not isinstance(document.value, dict):
        problems.append(
            Problem(
                document.location(),
                "the manifest holds no Kubernetes object here, which is a mapping",
                "begin it with apiVersion, kind and metadata",
            )
        )
        return None
    missing = [key for key in ("apiVersion", "kind") if key not in document.value]
    if missing:
        problems.append(
            Problem(
                document.location(),
                f"the object has no {' and no '.join(missing)}",
                f"add {' and '.join(missing)}, for example apiVersion: apps/v1 and "
                "kind: Deployment",
            )
        )
        return None
    kind, version = document.value["kind"], document.value["apiVersion"]
    if not isinstance(kind, str) or kind not in SUPPORTED:
        problems.append(_unsupported(document, kind, version))
        return None
    if version != SUPPORTED[kind]:
        problems.append(
            Problem(
                document.location(("apiVersion",)),
                f"{kind} of apiVersion {shown(version)} is not supported",
                f"write apiVersion: {SUPPORTED[kind]}",
            )
        )
        return None
    return kind


def _unsupported(document: Document, kind: Value, version: Value) -> Problem:
    known = listed(f"{each} ({since})" for each, since in SUPPORTED.items())
    guess = nearest(kind, SUPPORTED) if isinstance(kind, str) else None
    likely = guess is not None and version == SUPPORTED[guess]
    return Problem(
        document.location(("kind",)),
        f"objects of kind {shown(kind)} ({shown(version)}) are not supported",
        f"did you mean {guess}?" if likely else f"take it out; supported are {known}",
    )
