"""Files of the node and of its pods, written in place.

In place, because some of them are bind-mounted where they are looked at: a file
that is replaced would stay invisible there.
"""

import os
import shutil
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from lab.contract.node_state import File


def write_files(root: Path, files: Iterable[File]) -> int:
    """Have each file below `root` with that content and mode; how many had to be written?

    Raises:
        OSError: a file or its directory cannot be written.
    """
    return sum(_write(below(root, file.path), file.content, file.mode) for file in files)


def remove_files(root: Path, paths: Iterable[str]) -> int:
    """Remove files that were written earlier; those that have gone already are no error.

    Directories stay: nothing tells whether somebody else relies on them.
    """
    removed = 0
    for path in paths:
        try:
            below(root, path).unlink()
            removed += 1
        except FileNotFoundError:
            continue
    return removed


def write_directories(
    parent: Path, directories: Mapping[str, Mapping[str, bytes]], *, known: Collection[str] = ()
) -> int:
    """Have exactly these directories below `parent`, each with these files.

    `known`: those that have their files already, and are not looked at.
    """
    written = 0
    present = {entry.name for entry in os.scandir(parent)} if parent.is_dir() else set()
    for name in present - directories.keys():
        shutil.rmtree(parent / name)
        written += 1
    for name, files in directories.items():
        if name in known and name in present:
            continue
        for file, content in files.items():
            written += _write(parent / name / file, content, 0o644)
    return written


def below(root: Path, path: str) -> Path:
    """Where a file of the node lies.

    Raises:
        ValueError: the path is not absolute, or leads out of `root`.
    """
    if not path.startswith("/") or ".." in Path(path).parts:
        raise ValueError(f"{path!r} is not an absolute path of the node")
    return root / path.lstrip("/")


def _write(path: Path, content: bytes, mode: int) -> bool:
    try:
        with open(path, "rb") as file:
            same = file.read() == content and os.fstat(file.fileno()).st_mode & 0o7777 == mode
        if same:
            return False
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return True
