"""The modules and packages of the project, for tests about them."""

from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ROOTS = ("lab", "agents")
GENERATED = Path("lab/contract/v1")


def modules() -> Iterator[Path]:
    """Every module that people write, relative to the repository; packages' own left out."""
    for path in _sources():
        if path.name != "__init__.py":
            yield path


def packages() -> Iterator[Path]:
    """Every ``__init__.py``, relative to the repository."""
    for path in _sources():
        if path.name == "__init__.py":
            yield path


def _sources() -> Iterator[Path]:
    for root in ROOTS:
        for path in sorted((REPOSITORY / root).rglob("*.py")):
            relative = path.relative_to(REPOSITORY)
            if not relative.is_relative_to(GENERATED):
                yield relative
