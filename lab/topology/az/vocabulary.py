"""What the lab file's schema says of the properties that ``az … -o json`` prints.

Keywords of our own beside JSON Schema's:

    x-ignored      of a pattern: such properties have no effect on a packet
    x-unmodelled   Azure gives the property an effect that labs do not have; says which
                   values have none, and whether others are refused or warned about
    x-refers-to    type of the resource that is named, by its name or its resource id
    x-stands-for   the property of the short form that az calls otherwise
    x-single       a list that stands for its only entry
    x-lifted       a mapping whose properties the short form has one level higher
    x-joined       what az prints as two resources and the short form has as one
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lab.topology.document import Value
from lab.topology.schema import published

Schema = Mapping[str, Any]

_EMPTY: tuple[Value, ...] = (None, "", [], {})
_OF_AZ = {"x-unmodelled", "x-stands-for", "x-single", "x-lifted", "x-joined"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmodelled:
    """A property with an effect in Azure and none in a lab."""

    effect: str
    """What Azure does and labs do not, as the end of a sentence."""
    refused: bool
    remedy: str
    neutral: tuple[Value, ...]

    def is_neutral(self, value: Value) -> bool:
        """Whether Azure does nothing either with this value."""
        return any(_fulfils(value, each) for each in (*_EMPTY, *self.neutral))


@cache
def lab_schema() -> Schema:
    """The schema of a whole lab file, as published."""
    return published()


def resolved(schema: Schema) -> Schema:
    """`schema` with its reference written out, one level deep."""
    if "$ref" not in schema:
        return schema
    definition = lab_schema()["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return {**definition, **{key: value for key, value in schema.items() if key != "$ref"}}


def alternative(schema: Schema, keyword: str) -> Schema | None:
    """The first of the forms that a value may have which says `keyword`, the short one first."""
    return next((each for each in _alternatives(schema) if keyword in each), None)


def _alternatives(schema: Schema) -> Iterator[Schema]:
    whole = resolved(schema)
    for each in whole.get("anyOf", ()):
        yield from _alternatives(each)
    yield whole


def property_of(schema: Schema, key: str) -> tuple[str, Schema] | None:
    """The property that `key` stands for, and its name in the schema.

    az and ARM write ``Ip`` and ``IP``, ``Id`` and ``ID`` for one another.
    """
    properties: Schema = schema.get("properties", {})
    if key in properties:
        return key, resolved(properties[key])
    spelt = _spelling(key)
    found = next((each for each in properties if _spelling(each) == spelt), None)
    return None if found is None else (found, resolved(properties[found]))


def is_ignored(schema: Schema, key: str) -> bool:
    """Whether `key` has no effect on a packet, neither in Azure nor in a lab."""
    return any(
        below.get("x-ignored") and re.search(pattern, key)
        for pattern, below in schema.get("patternProperties", {}).items()
    )


def is_of_az(schema: Schema) -> bool:
    """Whether only az prints the property, or prints it in another form."""
    return not _OF_AZ.isdisjoint(schema)


def unmodelled(schema: Schema) -> Unmodelled | None:
    """What to say of a property that labs do not model; None for others."""
    said = schema.get("x-unmodelled")
    if said is None:
        return None
    return Unmodelled(
        effect=said["effect"],
        refused=said.get("refused", False),
        remedy=said.get("remedy", "take it out, or expect the lab to differ from Azure in this"),
        neutral=tuple(said.get("neutral", ())),
    )


def enumerated(schema: Schema, text: str) -> str:
    """The value of an enumeration that `text` is but for its case; else `text` itself."""
    known = schema.get("enum", ())
    return next((each for each in known if each.casefold() == text.casefold()), text)


def _spelling(key: str) -> str:
    return key.replace("IP", "Ip").replace("ID", "Id")


def _fulfils(value: Value, wanted: Value) -> bool:
    """Whether `value` is what `wanted` says; a mapping may hold more."""
    if isinstance(wanted, dict) and wanted:
        return isinstance(value, dict) and all(
            _fulfils(value.get(key), each) for key, each in wanted.items()
        )
    if isinstance(wanted, str) and isinstance(value, str):
        return wanted.casefold() == value.casefold()
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)
