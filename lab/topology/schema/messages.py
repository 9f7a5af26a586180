"""What a breach of the schema is called in plain words, and what to do about it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema.exceptions import ValidationError

from lab.topology.schema import formats
from lab.topology.words import listed, nearest, shown, what

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
_FEW = 15
"""So many keys fit into a message."""
_PATTERNS = "patternProperties"
_OF_AZ = {"x-unmodelled", "x-stands-for", "x-lifted", "x-joined"}
"""Mark properties that only ``az … -o json`` has."""
_TRUTH_WORDS = {"yes", "no", "on", "off", "y", "n"}

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One sentence on what is wrong, one on what to do."""

    text: str
    remedy: str
    key: str | None = None
    """The key of the mapping that the message is about, when that key is unknown."""
    meant: str | None = None
    """The known key that the unknown one most likely stands for."""


def explain(error: ValidationError, place: str) -> Iterator[Message]:
    """Messages for a breach found at `place`, which is empty for the file as a whole."""
    schema: Schema = error.schema  # type: ignore[assignment]
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(error, schema, place)
        case "required":
            yield from _missing(error, schema, place)
        case "type" | "enum" | "const" | "format" | "pattern":
            yield _value(error, schema, place)
        case "not":
            yield Message(text=f"{place} is not supported", remedy=schema["x-refused"])
        case _:
            yield _bounds(error, schema, place)


def _unknown_keys(error: ValidationError, schema: Schema, place: str) -> Iterator[Message]:
    known: Schema = schema["properties"]
    given: Schema = error.instance  # type: ignore[assignment]
    for key in given:
        if key in known or any(re.search(each, key) for each in schema.get(_PATTERNS, ())):
            continue
        guess = nearest(key, known)
        if guess is None:
            short = [each for each, below in known.items() if not _OF_AZ & below.keys()]
            few = len(short) <= _FEW
            remedy = f"take it out; known here: {listed(short)}" if few else "take it out"
        elif guess in given:
            remedy = f"take it out; '{guess}' is there already"
        else:
            remedy = f"did you mean '{guess}'?"
        yield Message(
            text=f"unknown key '{key}'{f' in {place}' if place else ''}",
            remedy=remedy,
            key=key,
            meant=guess,
        )


def _missing(error: ValidationError, schema: Schema, place: str) -> Iterator[Message]:
    """One message per error: the validator reports each missing key by itself."""
    given: Schema = error.instance  # type: ignore[assignment]
    known: Schema = schema["properties"]
    key = next(key for key in schema["required"] if error.message.startswith(repr(key)))
    unknown = [each for each in given if each not in known]
    if any(key in _gives(nearest(each, known), known) for each in unknown):
        return  # told as a misspelt key
    yield Message(
        text=f"{place or 'the file'} has no {key}",
        remedy=f"add {key}{_example(known[key])}",
    )


def _gives(guess: str | None, known: Schema) -> set[str]:
    """Keys of the short form that `guess` stands for, which may be one of az's."""
    if guess is None:
        return set()
    about = known[guess]
    within = about.get("properties", ()) if "x-lifted" in about else ()
    return {guess, about.get("x-stands-for", guess), *within}


def _example(schema: Schema) -> str:
    if "const" in schema:
        return f": {schema['const']}"
    examples = schema.get("examples") or schema.get("enum")
    if examples and not isinstance(examples[0], (dict, list)):
        return f", for example {examples[0]}"
    return ""


def _value(error: ValidationError, schema: Schema, place: str) -> Message:
    given: Any = error.instance
    match error.validator:
        case "type":
            return _type(given, schema, place)
        case "const":
            return Message(
                text=f"{place} is {what(given)}, not {schema['const']}",
                remedy=f"write {schema['const']}",
            )
        case "enum":
            return _enum(given, schema, place)
        case "format":
            return _format(given, schema["format"], place)
    if "propertyNames" in error.absolute_schema_path:
        return Message(
            text=f"key '{given}' can't stand in {place}",
            remedy=f"write {schema['x-wants']}",
            key=given,
        )
    return Message(
        text=f"{place} is {shown(given)}, which is not of the form it needs",
        remedy=f"write {schema['x-wants']}",
    )


def _type(given: Any, schema: Schema, place: str) -> Message:  # noqa: ANN401
    wanted: str | list[str] = schema["type"]
    kinds = [wanted] if isinstance(wanted, str) else wanted
    words = " or ".join(_TYPES[kind] for kind in kinds)
    if not place:
        return Message(
            text=f"the file is {what(given)}, not {words}",
            remedy="begin each line of its top level with a key, for example kind: Lab",
        )
    text = f"{place} is {what(given)}, not {words}"
    match given, kinds[0]:
        case None, _:
            remedy = "give it a value, or take the key out"
        case str(), "boolean" if given.casefold() in _TRUTH_WORDS:
            remedy = "write true or false"
        case str(), "boolean" if given.casefold() in {"true", "false"}:
            remedy = f"write it without quotes: {given.casefold()}"
        case str(), "integer" | "number" if given.strip().isdigit():
            remedy = f"write it without quotes or leading zeros: {int(given)}"
        case _, "string":
            remedy = _text(given, schema, words)
        case _, "array" if not isinstance(given, dict):
            remedy = f"write it as a list: [{given}]"
        case _, "array":
            remedy = "begin each entry with a hyphen"
        case _, "object":
            remedy = "write its keys below it, indented"
        case _:
            remedy = f"write {words}"
    return Message(text=text, remedy=remedy)


def _text(given: Any, schema: Schema, words: str) -> str:  # noqa: ANN401
    """What to do about a value that is no text, and should be."""
    match given:
        case [str(only)] if _would_do(only, schema):
            return f"write it without brackets: {only}"
        case {"name": str(name)} if _would_do(name, schema):
            return f"write the name alone: {name}"
        case _ if not _would_do(given, schema):
            return formats.remedy(schema["format"], str(given))
        case float():
            return "put it in quotes"
        case bool() | int():
            return f'put it in quotes: "{shown(given)}"'
        case _:
            return f"write {words}"


def _would_do(given: Any, schema: Schema) -> bool:  # noqa: ANN401
    """Whether a value, written as text, is of the format that is wanted, if any is."""
    if "format" not in schema:
        return True
    try:
        formats.PARSERS[schema["format"]](str(given))
    except ValueError:
        return False
    return True


def _enum(given: Any, schema: Schema, place: str) -> Message:  # noqa: ANN401
    known: list[str] = schema["enum"]
    refused: dict[str, str] = schema.get("x-refused", {})
    if isinstance(given, str) and given in refused:
        return Message(text=f"{place} can't be {given} here", remedy=refused[given])
    guess = nearest(given, known) if isinstance(given, str) else None
    return Message(
        text=f"{place} is {what(given)}, not one of {listed(known)}"
        if len(known) > 1
        else f"{place} is {what(given)}, not {known[0]}",
        remedy=f"did you mean {guess}?" if guess else f"write {' or '.join(known)}",
    )


def _format(given: str, name: str, place: str) -> Message:
    try:
        formats.PARSERS[name](given)
    except ValueError as error:
        return Message(text=f"{place}: {shown(given)} {error}", remedy=formats.remedy(name, given))
    raise AssertionError(f"{given!r} is a valid {name}")


def _bounds(error: ValidationError, schema: Schema, place: str) -> Message:
    given: Any = error.instance
    match error.validator:
        case "minItems":
            text, remedy = f"{place} is an empty list", "add at least one entry"
        case "maxItems":
            text = f"{place} has {len(given)} entries; {schema['maxItems']} is the limit"
            remedy = "take some out"
        case "minProperties":
            text = f"{place} is empty"
            remedy = f"add at least one of {listed(schema['properties'])}"
        case "minLength":
            text, remedy = f"{place} is an empty text", "write something"
        case "maxLength":
            text = f"{place} has {len(given)} characters; {schema['maxLength']} is the limit"
            remedy = "shorten it"
        case "minimum" | "maximum" | "exclusiveMinimum":
            text = f"{place} is {shown(given)}, which is out of range"
            remedy = f"write a number {_range(schema)}"
        case _:
            raise AssertionError(f"no words for {error.validator}")
    return Message(text=text, remedy=remedy)


def _range(schema: Schema) -> str:
    if "exclusiveMinimum" in schema:
        return f"above {schema['exclusiveMinimum']} and up to {schema['maximum']}"
    if "maximum" in schema:
        return f"from {schema['minimum']} to {schema['maximum']}"
    return f"of at least {schema['minimum']}"
