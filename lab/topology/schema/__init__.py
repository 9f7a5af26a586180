"""The published JSON Schema of a lab file, and what a file that breaks it is told.

The schema beside this module is the one place that says which keys there are and
what they take; editors read the same file. Rules that need more than one value at
a time belong to `lab.topology.validate`. Schemas of other files can be checked the
same way.

Two keywords of our own steer the messages: ``x-wants`` says in words what a
pattern asks for, ``x-refused`` why a value that exists elsewhere is not taken, or,
with ``not``, a whole property.
Those of `lab.topology.az.vocabulary` say how az's form becomes the short one. Where
the schema gives alternatives (``anyOf``), the first is the short form, and the only
one that is left when a document is checked.
"""

import json
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from lab.remembering import remembering
from lab.topology.document import Document, Path
from lab.topology.problems import Problem
from lab.topology.schema import formats
from lab.topology.schema.messages import explain

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFile:
    """A schema that is shipped with the program, or one of its definitions."""

    package: str
    resource: str
    definition: str = ""
    """Name below ``$defs``; empty: the schema itself."""


class _Inlined(dict[str, Any]):
    """A schema that equals itself only, so that what fulfils it can be remembered."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__  # type: ignore[assignment]


_WRITTEN_OUT = {"$ref", "$defs", "anyOf"}

REMEMBERED = 1000
"""Characters of an entry that is remembered by what it says, and not by which one it is."""

LAB = SchemaFile(package="lab.topology.schema", resource="lab.v1alpha1.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A place where a document breaks the schema."""

    path: Path
    """The entry that can't be used as it is; for a misspelt key, the one that was meant."""
    harmless: bool
    """The entry has no meaning at all: without it the rest says what the user meant."""
    problem: Problem


def published(source: SchemaFile = LAB) -> Schema:
    """The schema as editors get it."""
    text = files(source.package).joinpath(source.resource).read_text("utf-8")
    schema: Schema = json.loads(text)
    return schema


def check(document: Document, source: SchemaFile = LAB) -> tuple[Fault, ...]:
    """Every place where `document` breaks the schema, in no particular order."""
    return tuple(
        fault
        for error in _validator(source).iter_errors(document.value)
        for fault in _faults(document, error)
    )


@cache
def _validator(source: SchemaFile) -> Validator:
    schema = published(source)
    definitions = schema["$defs"]
    start = definitions[source.definition] if source.definition else schema
    return _strict(_inline(start, definitions))


def _strict(schema: _Inlined) -> Validator:
    return _dialect()(schema, format_checker=formats.CHECKER)


@cache
def _dialect() -> type[Validator]:
    dialect: type[Validator] = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator,
        {"pattern": _pattern, "items": _items},
        type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
    )
    return dialect


def _items(
    validator: Any,  # noqa: ANN401
    schema: _Inlined,
    entries: object,
    _schema: Schema,
) -> Iterator[ValidationError]:
    """As the validator's own, but an entry that was found right before isn't walked again."""
    if isinstance(entries, list):
        for index, entry in enumerate(entries):
            if not _is_right(id(entry), entry, index, schema):
                yield from validator.descend(entry, schema, path=index)


def _entry_name(_identity: int, entry: Any, index: int, schema: _Inlined, /) -> Hashable:  # noqa: ANN401
    """What is likely the same entry before and after an edit."""
    name = entry.get("name") if isinstance(entry, dict) else None
    return id(schema), index, name if isinstance(name, str) else None


@remembering(by=_entry_name, maxsize=4096)
def _is_right(_identity: int, entry: Any, _index: int, schema: _Inlined, /) -> bool:  # noqa: ANN401
    """Whether `entry` fulfils `schema`; what wasn't edited is the same object as before.

    Equal to another is not enough: 1 equals true.
    """
    text = json.dumps(entry)
    if len(text) > REMEMBERED:
        return _strict(schema).is_valid(entry)
    return _fulfils(text, schema)


@lru_cache(maxsize=4096)
def _fulfils(text: str, schema: _Inlined) -> bool:
    """Whether what `text` says in JSON fulfils `schema`."""
    return _strict(schema).is_valid(json.loads(text))


def _pattern(
    _validator: object, pattern: str, text: object, _schema: Schema
) -> Iterator[ValidationError]:
    """As the validator's own, but ``$`` is the end of the text even before a line feed."""
    if isinstance(text, str) and (text.endswith("\n") or not re.search(pattern, text)):
        yield ValidationError(f"{text!r} does not match {pattern!r}")


def _is_integer(_checker: object, value: object) -> bool:
    """2.0 is no whole number here: whoever reads the value wants an `int`."""
    return isinstance(value, int) and not isinstance(value, bool)


def _inline(schema: Any, definitions: Schema) -> Any:  # noqa: ANN401
    """Write out references, which the validator would look up for every value.

    Of alternatives the first is kept, beside what holds of all of them.
    """
    if isinstance(schema, list):
        return [_inline(entry, definitions) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    entries = {key: value for key, value in schema.items() if key not in _WRITTEN_OUT}
    if "$ref" in schema:
        definition = definitions[schema["$ref"].removeprefix("#/$defs/")]
        return _inline({**definition, **entries}, definitions)
    inlined = _Inlined((key, _inline(value, definitions)) for key, value in entries.items())
    for short in schema.get("anyOf", ())[:1]:
        first = _inline(short, definitions)
        required = [*inlined.get("required", ()), *first.get("required", ())]
        inlined = _Inlined({**first, **inlined, **({"required": required} if required else {})})
    return inlined


def _faults(document: Document, error: ValidationError) -> Iterator[Fault]:
    path: Path = tuple(error.absolute_path)
    for message in explain(error, document.describe(path)):
        place = path if message.key is None else (*path, message.key)
        yield Fault(
            path=place if message.meant is None else (*path, message.meant),
            harmless=message.key is not None and message.meant is None,
            problem=Problem(document.location(place), message.text, message.remedy),
        )
