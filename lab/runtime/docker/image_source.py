"""What the image is made of: one digest over every file that ends up in it.

`images/build` writes the digest on the image as a label, deploy compares it with
the files it runs from, so that no lab runs yesterday's agent. Standard library
only: the build script imports it before anything is installed.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

IMAGE = "vnetlab-node:latest"
"""The image of every container of a lab."""

SOURCE_LABEL = "vnetlab.source"
"""Label of the image that carries the digest."""

PARTS = ("pyproject.toml", "lab", "agents", "images")
"""Files and folders of the repository that the image is made of."""


def source_files(repository: Path) -> Iterator[Path]:
    """Every file of `PARTS`, in an order that depends on names alone."""
    for part in PARTS:
        path = repository / part
        if path.is_file():
            yield path
        else:
            yield from sorted(
                file
                for file in path.rglob("*")
                if file.is_file() and "__pycache__" not in file.parts
            )


def source_digest(repository: Path) -> str:
    """Digest of names, permissions to execute and contents; the same on every machine."""
    digest = hashlib.sha256()
    for file in source_files(repository):
        content = file.read_bytes()
        executable = bool(file.stat().st_mode & 0o100)
        name = file.relative_to(repository).as_posix()
        digest.update(f"{name}\0{executable}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def repository_root() -> Path | None:
    """The clone that this package runs from, or None when it was installed without one."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "images" / "build").is_file() else None
