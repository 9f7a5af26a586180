"""The reference documents name everything there is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from lab.cli.invocation import VERBS, vnetlab

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA = json.loads(
    (REPOSITORY / "lab/topology/schema/lab.v1alpha1.json").read_text(encoding="utf-8")
)


def text_of(document: str) -> str:
    return (REPOSITORY / "docs" / document).read_text(encoding="utf-8")


def properties(schema: dict[str, Any]) -> Iterator[str]:
    """Names of the properties of a mapping and of everything within it."""
    for name, value in schema.get("properties", {}).items():
        yield name
        yield from properties(value)
    for value in schema.get("$defs", {}).values():
        yield from properties(value)


def ignored(schema: Any) -> Iterator[str]:
    """Names that the patterns of ignored properties list."""
    for below in schema.values() if isinstance(schema, dict) else ():
        yield from ignored(below)
    patterns = schema.get("patternProperties", {}) if isinstance(schema, dict) else {}
    for pattern, about in patterns.items():
        if about.get("x-ignored"):
            yield from re.findall(r"(?<=[(|])\w+(?=[|)]\S)", pattern)


@pytest.mark.parametrize("name", sorted(set(ignored(SCHEMA))))
def test_every_property_without_effect_is_in_the_reference(name: str) -> None:
    text = text_of("lab-file.md")
    assert any(f"{before}{name}`" in text for before in "`.")


@pytest.mark.parametrize("name", sorted(set(properties(SCHEMA))))
def test_every_property_of_a_lab_file_is_in_its_reference(name: str) -> None:
    text = text_of("lab-file.md")
    assert any(f"{before}{name}{after}" in text for before in "`." for after in "`.:")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_and_option_is_in_the_reference(verb: str) -> None:
    text = text_of("command-line.md")
    assert f"\n## {verb}\n" in text
    section = text.partition(f"\n## {verb}\n")[2].partition("\n## ")[0]
    shared = text.partition("\n## Which lab\n")[2].partition("\n## deploy\n")[0]
    command = vnetlab.get_command(click.Context(vnetlab), verb)
    assert command is not None
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            names = [*parameter.opts, *parameter.secondary_opts]
            assert any(name in section + shared for name in names), f"{verb}: {names}"
