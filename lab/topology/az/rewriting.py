"""A document rewritten by what its schema says of az's form, property by property.

Names, references, nesting; what has no effect goes, what has one that labs lack is
told. Lines stay with the values. Properties that nobody knows stay too: the schema
refuses them with the rest.
"""

from dataclasses import dataclass, field, replace

from lab.topology.az import vocabulary
from lab.topology.az.resource_id import ResourceId, resource_id
from lab.topology.az.vocabulary import Schema
from lab.topology.document import Document, Path, Step, Value, child
from lab.topology.problems import Location, Problem
from lab.topology.schema import Fault
from lab.topology.words import shown

Lines = dict[Step, int]

SUBNET = "Microsoft.Network/virtualNetworks/subnets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A mapping that is being rewritten, and the line of each of its entries."""

    value: dict[str, Value] = field(default_factory=dict)
    lines: Lines = field(default_factory=dict)

    def put(self, key: str, value: Value, line: int) -> None:
        """Add or replace an entry."""
        self.value[key], self.lines[key] = value, line

    def take(self, key: str) -> Value:
        """Remove an entry; None when there is none."""
        self.lines.pop(key, None)
        return self.value.pop(key, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the walk is."""

    written: Path
    """As the file has it."""
    short: Path
    """As the short form has it."""
    line: int
    from_az: bool
    """Whether az printed what is here: a resource id stands around it."""

    def at(self, key: Step, line: int, *, short: Step | None = None) -> "_Place":
        return _Place(
            written=(*self.written, key),
            short=(*self.short, key if short is None else short),
            line=line,
            from_az=self.from_az,
        )


class Rewriting:
    """One pass over a document; the problems it met are in `faults` and `warnings`."""

    def __init__(self, document: Document) -> None:
        self.faults: list[Fault] = []
        self.warnings: list[Problem] = []
        self._document = document
        self._lines: dict[int, Lines] = {key: dict(each) for key, each in document.lines.items()}
        self._names = _defined(document)

    def run(self) -> Value:
        """Walk the whole document, and return what it holds in the short form."""
        place = _Place(written=(), short=(), line=self._document.line, from_az=False)
        return self._value(self._document.value, vocabulary.lab_schema(), place)

    def finished(self, value: Value) -> Document:
        """A document of what `run` returned."""
        return Document(
            file=self._document.file, value=value, line=self._document.line, lines=self._lines
        )

    def draft(self, value: Value) -> Draft | None:
        """The mapping `value` of the rewritten document, to be changed in place."""
        if not isinstance(value, dict):
            return None
        return Draft(value=value, lines=self._lines.setdefault(id(value), {}))

    def lines_of(self, value: Value) -> Lines:
        """The line of each entry of a mapping or list of the rewritten document."""
        return self._lines.setdefault(id(value), {})

    def fault(self, path: Path, problem: Problem) -> None:
        """Tell what makes the entry at `path` of the short form unusable."""
        self.faults.append(Fault(path=path, harmless=False, problem=problem))

    def location(self, line: int) -> Location:
        """A line of the document's file."""
        return Location(self._document.file, line)

    def _value(self, value: Value, schema: Schema, place: _Place) -> Value:
        if "x-refers-to" in schema:
            return self._reference(value, schema["x-refers-to"], place)
        match value:
            case dict():
                form = vocabulary.alternative(schema, "properties")
                return value if form is None else self._mapping(value, form, place)
            case list():
                form = vocabulary.alternative(schema, "items")
                return value if form is None else self._list(value, form, place)
            case str() if place.from_az:
                return vocabulary.enumerated(vocabulary.resolved(schema), value)
        return value

    def _list(self, value: list[Value], schema: Schema, place: _Place) -> list[Value]:
        lines = self._lines.get(id(value), {})
        items = vocabulary.resolved(schema["items"])
        result = [
            self._value(each, items, place.at(index, lines.get(index, place.line)))
            for index, each in enumerate(value)
        ]
        self._lines[id(result)] = dict(lines)
        return result

    def _mapping(self, value: dict[str, Value], schema: Schema, place: _Place) -> Value:
        draft = Draft()
        from_az = place.from_az or _is_resource(value)
        here = place if from_az == place.from_az else replace(place, from_az=from_az)
        lines = self._lines.get(id(value), {})
        for key, below in value.items():
            self._entry(draft, key, below, schema, here.at(key, lines.get(key, place.line)))
        self._lines[id(draft.value)] = draft.lines
        return draft.value

    def _entry(self, draft: Draft, key: str, value: Value, schema: Schema, place: _Place) -> None:
        """Put what `key` holds into `draft`, the mapping around it, in the short form."""
        found = vocabulary.property_of(schema, key)
        if found is None:
            if not vocabulary.is_ignored(schema, key):
                draft.put(key, value, place.line)
            return
        name, below = found
        if place.from_az and value in (None, ""):
            return
        if (note := vocabulary.unmodelled(below)) is not None:
            if not note.is_neutral(value):
                self._tell(note, place)
            return
        name = below.get("x-stands-for", name)
        here = place if name == key else replace(place, short=(*place.short[:-1], name))
        if below.get("x-lifted") and isinstance(value, dict):
            self._lift(draft, value, below, here)
        elif below.get("x-single") and isinstance(value, list):
            self._single(draft, name, value, here)
        else:
            self._add(draft, name, self._value(value, below, here), here)

    def _lift(self, draft: Draft, value: dict[str, Value], schema: Schema, place: _Place) -> None:
        around = replace(place, short=place.short[:-1])
        lifted = self.draft(self._mapping(value, schema, around))
        if lifted is not None:
            for key, below in lifted.value.items():
                self._add(draft, key, below, around.at(key, lifted.lines[key]))

    def _single(self, draft: Draft, name: str, value: list[Value], place: _Place) -> None:
        if len(value) > 1:
            self._fault(
                place,
                f"{self._document.describe(place.written)} has {len(value)} entries; labs take "
                "one, of IPv4",
                "keep one of them",
            )
        elif value:
            self._add(draft, name, value[0], place)

    def _add(self, draft: Draft, name: str, value: Value, place: _Place) -> None:
        """An entry of the short form; az prints some of them twice."""
        if name not in draft.value:
            draft.put(name, value, place.line)
        elif draft.value[name] != value:
            self._fault(
                place,
                f"{self._document.describe(place.written)} says something else than "
                f"'{name}' on line {draft.lines[name]}, which means the same property",
                "take one of them out",
            )

    def _reference(self, value: Value, wanted: str, place: _Place) -> Value:
        """The name of the resource that an id, or a mapping around an id, refers to."""
        text = child(value, "id") if isinstance(value, dict) else value
        if not isinstance(text, str) or not (isinstance(value, dict) or text.startswith("/")):
            return value
        around = self._document.describe(place.written)
        try:
            found = resource_id(text)
        except ValueError as error:
            self._fault(
                place,
                f"{around}: {shown(text)} {error}",
                "write the name of the resource, or its id, which begins with /subscriptions/",
            )
            return ""
        if not found.is_of(wanted):
            self._fault(
                place,
                f"{around} is the id of a resource of {found.type}, not of {wanted}",
                "write the id of the resource that is meant, or its name",
            )
            return ""
        return self._name(found)

    def _name(self, found: ResourceId) -> str:
        """As the resource itself spells it: Azure takes case for nothing in an id."""
        name = "/".join(found.names)
        return self._names.get((found.type.casefold(), name.casefold()), name)

    def _tell(self, note: vocabulary.Unmodelled, place: _Place) -> None:
        where = self._document.describe(place.written)
        if note.refused:
            message = f"{where} is not modelled: in Azure {note.effect}"
            problem = Problem(self.location(place.line), message, note.remedy)
            self.faults.append(Fault(path=place.short, harmless=True, problem=problem))
        else:
            self.warnings.append(
                Problem(
                    self.location(place.line),
                    f"{where} has no effect in a lab: in Azure {note.effect}",
                    note.remedy,
                )
            )

    def _fault(self, place: _Place, message: str, remedy: str) -> None:
        self.fault(place.short, Problem(self.location(place.line), message, remedy))


def _is_resource(value: dict[str, Value]) -> bool:
    written = value.get("id")
    return isinstance(written, str) and written.startswith("/")


def _defined(document: Document) -> dict[tuple[str, str], str]:
    """Names as they are written where resources are defined, by type and folded name."""
    cloud = child(document.value, "cloud")
    found: dict[tuple[str, str], str] = {}
    for kind, entries in cloud.items() if isinstance(cloud, dict) else ():
        for each in entries if isinstance(entries, list) else ():
            name = child(each, "name")
            if not isinstance(name, str):
                continue
            found.setdefault((f"microsoft.network/{kind.casefold()}", name.casefold()), name)
            subnets = child(each, "subnets")
            for subnet in subnets if isinstance(subnets, list) else ():
                below = child(subnet, "name")
                if isinstance(below, str):
                    whole = f"{name}/{below}"
                    found.setdefault((SUBNET.casefold(), whole.casefold()), whole)
    return found
