"""Comparing with files that people reviewed, and writing them anew when asked to."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Asserts that a file holds exactly a text; with ``--update-golden`` makes it so."""
    update = bool(request.config.getoption("--update-golden"))

    def check(path: Path, text: str) -> None:
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: run pytest tests/golden --update-golden"
        assert text == path.read_text(encoding="utf-8"), f"not what {path} says"

    return check


@pytest.fixture
def golden_folder(request: pytest.FixtureRequest) -> Callable[[Path, set[str]], None]:
    """Asserts that a folder holds exactly some files; with ``--update-golden`` removes the rest."""
    update = bool(request.config.getoption("--update-golden"))

    def check(path: Path, names: set[str]) -> None:
        surplus = {each.name for each in path.iterdir()} - names
        if update:
            for name in surplus:
                (path / name).unlink()
            surplus = set()
        assert surplus == set()

    return check
