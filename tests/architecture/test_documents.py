"""What the documents point to is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "benchmarks/*.md", "examples/**/*.md", "images/*.md")
    for path in REPOSITORY.glob(pattern)
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(REPOSITORY)) for path in paths]


def links_of(document: Path) -> Iterator[str]:
    for link in LINK.findall(document.read_text(encoding="utf-8")):
        if "://" not in link:
            yield link


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_relative_links_lead_somewhere(document: Path) -> None:
    assert [link for link in links_of(document) if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_tasks_that_a_document_names_exist(document: Path) -> None:
    """A reader types what the document says; ``make`` has to know it."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert named - known == set()


def test_every_document_is_in_the_index() -> None:
    folder = REPOSITORY / "docs"
    documents = {path.name for path in folder.glob("*.md")} - {"README.md"}
    assert documents - set(links_of(folder / "README.md")) == set()


def test_every_decision_is_in_the_index() -> None:
    folder = REPOSITORY / "docs" / "decisions"
    records = {path.name for path in folder.glob("[0-9]*.md")}
    assert records == {link for link in links_of(folder / "README.md") if link[0].isdigit()}
    assert len(records) == len({name.split("-")[0] for name in records}), "a number is used twice"
