"""From the text of a YAML file to documents of plain values with line numbers.

Works on the parser's events with a stack of its own, so that neither depth nor
aliases can exhaust anything. Anchors, aliases and merge keys mean what they mean
to Kubernetes tooling; duplicate keys, which silently lose something, are refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NoReturn

import yaml

from lab.topology.document import Document, Step, Value
from lab.topology.problems import Location, Problem
from lab.topology.scalars import Scalar, resolve
from lab.topology.sources import SourceFile
from lab.topology.syntax import SyntaxProblem, explain, text

DEPTH_LIMIT = 50
"""Levels of nesting; a Deployment with every field has about fifteen."""

VALUE_LIMIT = 100_000
"""Values in a document once aliases are written out."""

_TAG = "tag:yaml.org,2002:"
_SCALAR_TAGS: dict[str, tuple[type, ...]] = {
    f"{_TAG}int": (int,),
    f"{_TAG}float": (int, float),
    f"{_TAG}bool": (bool,),
    f"{_TAG}null": (type(None),),
}
_MERGE = "<<"

Mapping = dict[str, Value]
Sequence = list[Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """What a file holds. With `problems`, what could be read of it."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...] = ()
    shares: bool = False
    """Whether anything is written in one place and stands in another: anchors, merge keys."""


def compose(source: SourceFile, *, depth: int = 0) -> Documents:
    """Read every document of a file; empty documents are left out.

    A file that is no YAML yields the documents before the mistake. `depth`: levels of
    nesting around what the file holds.
    """
    composer = _Composer(source, depth)
    try:
        composer.run()
    except SyntaxProblem as fatal:
        composer.problems.append(fatal.problem)
    return Documents(
        documents=tuple(composer.documents),
        problems=tuple(composer.problems),
        shares=composer.shares,
    )


class _Fate(Enum):
    """What becomes of the value of the key that was read last."""

    KEEP = auto()
    DROP = auto()
    """The key is there already."""
    MERGE = auto()


@dataclass(slots=True, kw_only=True)
class _Container:
    """A mapping or list whose end has not come yet."""

    value: Mapping | Sequence
    line: int
    anchor: str | None
    lines: dict[Step, int] = field(default_factory=dict)
    size: int = 1
    key: str | None = None
    key_line: int = 0
    fate: _Fate = _Fate.KEEP
    merge_line: int = 0
    merged: list[Mapping] = field(default_factory=list)
    """Mappings that `<<` brings, the strongest first."""


class _Composer:
    def __init__(self, source: SourceFile, depth: int) -> None:
        self.documents: list[Document] = []
        self.problems: list[Problem] = []
        self.shares = False
        self._source = source
        self._depth = depth
        self._stack: list[_Container] = []
        self._anchors: dict[str, tuple[Value, int]] = {}
        self._lines: dict[int, dict[Step, int]] = {}

    def run(self) -> None:
        content = text(self._source)
        for event in _events(content, self._source):
            line = event.start_mark.line + 1 if event.start_mark else 1
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event, line)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._close()
                case yaml.MappingStartEvent():
                    self._open({}, event, line)
                case yaml.SequenceStartEvent():
                    self._open([], event, line)
                case yaml.DocumentStartEvent():
                    self._anchors, self._lines = {}, {}
                case yaml.AliasEvent():
                    self._alias(str(event.anchor), line)

    def _open(self, value: Mapping | Sequence, event: yaml.CollectionStartEvent, line: int) -> None:
        kind = "map" if isinstance(value, dict) else "seq"
        if event.tag not in {None, "!", f"{_TAG}{kind}"}:
            self._refuse_tag(event.tag, line)
        if self._awaits_key():
            self._fail(line, "a mapping or list can't be a key here", "use text as the key")
        if len(self._stack) + self._depth == DEPTH_LIMIT:
            self._fail(
                line,
                f"nested deeper than {DEPTH_LIMIT} levels, the limit",
                "check the brackets and the indentation",
            )
        self._stack.append(_Container(value=value, line=line, anchor=event.anchor))

    def _close(self) -> None:
        container = self._stack.pop()
        self._merge(container)
        self._lines[id(container.value)] = container.lines
        self._put(container.value, container.line, size=container.size, anchor=container.anchor)

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if self._awaits_key():
            self._key(event, line)
        else:
            self._put(self._value(event, line), line, size=1, anchor=event.anchor)

    def _key(self, event: yaml.ScalarEvent, line: int) -> None:
        mapping = self._stack[-1]
        key: str = event.value
        if not key and event.implicit[0]:
            self._fail(line, "a key is missing before the colon", "write a key")
        if event.anchor is not None:
            self._anchors[event.anchor] = (key, 1)
        merges = key == _MERGE and event.implicit[0]
        self.shares = self.shares or merges or event.anchor is not None
        first = mapping.merge_line if merges else mapping.lines.get(key, 0)
        mapping.key, mapping.key_line = key, line
        mapping.fate = _Fate.MERGE if merges else _Fate.KEEP
        if first:
            mapping.fate = _Fate.DROP
            self._problem(
                line, f"key '{key}' is there twice, first on line {first}", "take one of them out"
            )

    def _value(self, event: yaml.ScalarEvent, line: int) -> Scalar:
        tag, plain = event.tag, event.implicit[0]
        if tag is None:
            return resolve(event.value) if plain else str(event.value)
        if tag in {"!", f"{_TAG}str"}:
            return str(event.value)
        if tag not in _SCALAR_TAGS:
            self._refuse_tag(tag, line)
        value = resolve(event.value)
        if not isinstance(value, _SCALAR_TAGS.get(tag, object)):
            self._problem(line, f"{event.value!r} is no !!{tag[len(_TAG) :]}", "take the tag out")
        return value

    def _alias(self, anchor: str, line: int) -> None:
        if any(container.anchor == anchor for container in self._stack):
            self._fail(line, f"alias '*{anchor}' contains itself", "write the value out")
        if anchor not in self._anchors:
            self._fail(
                line,
                f"alias '*{anchor}' has no anchor '&{anchor}' before it",
                f"define &{anchor} above, or put the value in quotes",
            )
        value, size = self._anchors[anchor]
        if self._awaits_key():
            self._fail(line, "an alias can't be a key here", "write the key out")
        self._put(value, line, size=size, anchor=None)

    def _put(self, value: Value, line: int, *, size: int, anchor: str | None) -> None:
        """Add a complete value to the container that is open, or end the document with it."""
        if anchor is not None:
            self._anchors[anchor], self.shares = (value, size), True
        if not self._stack:
            if value is not None:
                self.documents.append(
                    Document(file=self._source.path, value=value, line=line, lines=self._lines)
                )
            return
        container = self._stack[-1]
        container.size += size
        if container.size > VALUE_LIMIT:
            self._fail(
                line,
                f"more than {VALUE_LIMIT:,} values once aliases are written out, the limit",
                "write fewer aliases of aliases, or split the file",
            )
        if isinstance(container.value, list):
            container.lines[len(container.value)] = line
            container.value.append(value)
            return
        key, container.key = container.key, None
        match container.fate:
            case _Fate.KEEP if key is not None:
                container.lines[key] = container.key_line
                container.value[key] = value
            case _Fate.MERGE:
                self._merge_later(container, value)

    def _merge_later(self, container: _Container, value: Value) -> None:
        container.merge_line = container.key_line
        sources = value if isinstance(value, list) else [value]
        mappings = [source for source in sources if isinstance(source, dict)]
        if len(mappings) != len(sources):
            self._problem(
                container.key_line,
                "the merge key << takes a mapping or a list of mappings",
                "give it an alias of a mapping, for example <<: *defaults",
            )
        container.merged.extend(mappings)

    def _merge(self, container: _Container) -> None:
        """Add what `<<` brings: keys written out win, then the first mapping that has it."""
        if not isinstance(container.value, dict):
            return
        for source in container.merged:
            for key, value in source.items():
                if key not in container.lines:
                    container.lines[key] = self._lines[id(source)][key]
                    container.value[key] = value

    def _awaits_key(self) -> bool:
        return bool(
            self._stack and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None
        )

    def _refuse_tag(self, tag: str, line: int) -> None:
        self._problem(line, f"tag '{tag}' is not supported", "take the tag out")

    def _problem(self, line: int, message: str, remedy: str) -> None:
        self.problems.append(Problem(Location(self._source.path, line), message, remedy))

    def _fail(self, line: int, message: str, remedy: str) -> NoReturn:
        raise SyntaxProblem(Problem(Location(self._source.path, line), message, remedy))


def _events(content: str, source: SourceFile) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(content, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise SyntaxProblem(explain(error, source, content)) from None
