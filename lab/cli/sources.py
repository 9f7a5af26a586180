"""Reads a lab file and its manifests from disk; the only place that does."""

from pathlib import Path

from lab.topology.load import manifest_paths
from lab.topology.problems import LabFileError, Location, Problem
from lab.topology.sources import LabSources, SourceFile
from lab.topology.syntax import FILE_LIMIT


def read_sources(path: Path) -> LabSources:
    """Read the lab file at `path` and every manifest that it names, relative to it.

    A manifest that can't be read is left out, so that the parser reports it where
    it is named. No more is read of a file than shows that it is too large.

    Raises `LabFileError` when the lab file itself can't be read.
    """
    try:
        lab = SourceFile(path=str(path), content=_read(path))
    except OSError as error:
        raise LabFileError(
            [
                Problem(
                    Location(str(path), 0),
                    f"the lab file can't be read: {error.strerror}",
                    "check the path given with -t",
                )
            ]
        ) from None
    return LabSources(lab=lab, manifests=tuple(_manifests(lab, path.parent)))


def _manifests(lab: SourceFile, folder: Path) -> list[tuple[str, SourceFile]]:
    found = []
    for name in manifest_paths(lab):
        path = folder / name
        try:
            content = _read(path)
        except (OSError, ValueError):  # ValueError: a name that no file can have
            continue
        found.append((name, SourceFile(path=str(path), content=content)))
    return found


def _read(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise OSError(0, "it is not a file")
    with path.open("rb") as file:
        return file.read(FILE_LIMIT + 1)
