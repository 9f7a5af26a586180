"""Modules are small, say what they are about, and are called after it."""

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import REPOSITORY, modules, packages

LONGEST = 400
"""Lines; 300 is the aim."""
BANNED = {"utils", "util", "common", "helpers", "helper", "core", "manager", "misc"}
"""Names that say nothing: what is in such a module has a name of its own."""
MODULES = list(modules())
PACKAGES = list(packages())


def text(path: Path) -> str:
    return (REPOSITORY / path).read_text(encoding="utf-8")


def test_the_project_is_found() -> None:
    """The tests below would hold of nothing at all."""
    assert len(MODULES) > 100
    assert len(PACKAGES) > 10


def test_no_module_is_long() -> None:
    lengths = {str(path): len(text(path).splitlines()) for path in MODULES}

    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_no_name_says_nothing() -> None:
    names = [part for path in MODULES + PACKAGES for part in path.with_suffix("").parts]

    assert set(names) & BANNED == set()


@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_a_package_says_what_belongs_in_it(package: Path) -> None:
    """Its promise and its border, in a sentence or more."""
    said = ast.get_docstring(ast.parse(text(package))) or ""

    assert "placeholder" not in said.lower()
    assert len(said.split()) >= 10


def test_every_module_says_what_it_is_about() -> None:
    silent = [str(path) for path in MODULES if not ast.get_docstring(ast.parse(text(path)))]

    assert silent == []
