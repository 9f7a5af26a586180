"""A file that was read before and edited since: only what was edited is read again.

What is read again is the innermost item of a list around each edited line, such as
a rule or a route. Everything else of the document is the same objects as before, by
which whoever remembers what it made of them knows them
(`docs/decisions/0102-what-was-not-edited-is-the-same-object.md`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lab.remembering import continuing, remembering
from lab.topology.compose import VALUE_LIMIT, Documents, compose
from lab.topology.document import Document, Path, Step, Value, child
from lab.topology.sources import SourceFile
from lab.topology.syntax import SyntaxProblem, text

_DASH = re.compile(r"( *)- ")
_BREAKS = re.compile("[\r\x85\u2028\u2029]")
"""What ends a line in YAML beside the line feed."""
_MARKERS = ("---", "...", "%")
"""Begin lines between documents."""


def composed(source: SourceFile) -> Documents:
    """What `lab.topology.compose.compose` reads in a file, in less time for one read before."""
    return _reading(source).documents


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A file as it was read."""

    source: SourceFile
    documents: Documents
    lines: tuple[str, ...] = ()
    """None of a file whose items can't be read by themselves."""

    @property
    def document(self) -> Document:
        """The only one, of a reading with lines."""
        return self.documents.documents[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """An item of a list, written with a dash, and its lines from `start` to before `end`."""

    path: Path
    start: int
    end: int


class _Unclear(Exception):
    """An edit whose meaning only the whole file tells."""


@continuing(by=lambda source: source.path, maxsize=4)
def _reading(before: _Reading | None, source: SourceFile) -> _Reading:
    if before is not None and before.source == source:
        return before
    lines = _lines(source)
    if before is not None and before.lines and len(lines) == len(before.lines):
        try:
            document = before.document
            for item in _edited(before, lines):
                document = _with_item(document, item, before.lines, lines)
        except _Unclear:
            pass
        else:
            return _Reading(source=source, documents=Documents(documents=(document,)), lines=lines)
    documents = compose(source)
    alone = len(documents.documents) == 1 and not documents.problems and not documents.shares
    return _Reading(source=source, documents=documents, lines=lines if alone else ())


def _lines(source: SourceFile) -> tuple[str, ...]:
    """The lines of a file, each of which a reading may begin with; none of an unusual file."""
    try:
        content = text(source)
    except SyntaxProblem:
        return ()
    # With fewer characters than values are allowed the limit needs no counting.
    if len(content) > VALUE_LIMIT or _BREAKS.search(content):
        return ()
    return tuple(content.split("\n"))


def _edited(before: _Reading, lines: tuple[str, ...]) -> list[_Item]:
    """The items around the lines that are different, none within another."""
    found: list[_Item] = []
    for number, (old, new) in enumerate(zip(before.lines, lines, strict=True)):
        if old == new or (found and number < found[-1].end):
            continue
        item = _item_around(before.document, number, before.lines)
        while found and found[-1].start >= item.start:
            found.pop()
        found.append(item)
    return found


def _item_around(document: Document, number: int, lines: tuple[str, ...]) -> _Item:
    """The innermost item of a list that line `number`, from 0, is part of."""
    found = None
    path: Path = ()
    value, end = document.value, len(lines)
    while entries := document.lines.get(id(value)):
        step, following = _entry_at(entries, number + 1)
        if step is None:
            break
        end = end if following is None else min(end, following - 1)
        path, start = (*path, step), entries[step] - 1
        # Of several that begin on one line the dash there belongs to the outermost.
        begins = found is None or start > found.start
        if isinstance(step, int) and begins and _DASH.match(lines[start]):
            found = _Item(path=path, start=start, end=end)
        value = child(value, step)
    if found is None:
        raise _Unclear
    return found


def _entry_at(entries: Mapping[Step, int], line: int) -> tuple[Step | None, int | None]:
    """The last entry that begins before or on `line`, and the line of the one that follows."""
    last = None
    for step, begin in entries.items():
        if begin > line:
            return last, begin
        last = step
    return last, None


def _with_item(
    document: Document, item: _Item, before: tuple[str, ...], lines: tuple[str, ...]
) -> Document:
    """`document` with what `lines` say of `item`; raises `_Unclear` when that isn't clear.

    A parser that comes to the item in its file is in the state of one that begins with
    it, if the dash is where it was; and whoever reads the item alone to its end
    leaves the parser as it was found, if what follows is not indented further.
    The item as it was shows that the lines are its own.
    """
    dash, known = _DASH.match(lines[item.start]), _DASH.match(before[item.start])
    if dash is None or known is None or dash[0] != known[0] or not _ends(item, lines, dash[1]):
        raise _Unclear
    old = _alone(document.file, item, _own(item, before))
    new = _alone(document.file, item, _own(item, lines))
    value = document.value
    around: list[tuple[Value, Step]] = []
    for step in item.path:
        around.append((value, step))
        value = child(value, step)
    if not _same(old, document, value):
        raise _Unclear
    places = dict(document.lines)
    for each in _containers(value):
        del places[id(each)]
    changed = child(new.value, 0)
    places.update((id(each), new.lines[id(each)]) for each in _containers(changed))
    for container, step in reversed(around):
        copy = _with(container, step, changed)
        places[id(copy)] = places.pop(id(container))
        changed = copy
    return Document(file=document.file, value=changed, line=document.line, lines=places)


def _ends(item: _Item, lines: tuple[str, ...], indentation: str) -> bool:
    """Whether what follows `item` is no part of it, whatever the item says."""
    if item.end == len(lines):
        return True
    following = lines[item.end]
    return len(following) - len(following.lstrip(" ")) <= len(indentation)


def _own(item: _Item, lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of `item`, the last one ended if it is in the file."""
    return lines[item.start : item.end] + (("",) if item.end < len(lines) else ())


@remembering(by=lambda file, item, _, /: (file, item.start), maxsize=64)
def _alone(file: str, item: _Item, lines: tuple[str, ...], /) -> Document:
    """A list of nothing but `item`, at its lines; raises `_Unclear` when it isn't one.

    Who edits an item again and again has it read once each time.
    """
    if any(line.startswith(_MARKERS) for line in lines):
        raise _Unclear
    content = "\n" * item.start + "\n".join(lines)
    read = compose(SourceFile(path=file, content=content.encode()), depth=len(item.path) - 1)
    if read.problems or read.shares or len(read.documents) != 1:
        raise _Unclear
    (document,) = read.documents
    if document.lines.get(id(document.value)) != {0: item.start + 1}:
        raise _Unclear
    return document


def _same(alone: Document, document: Document, value: Value) -> bool:
    """Whether `value` of `document` is the item that was read `alone`, and on the same lines."""
    item = child(alone.value, 0)
    return item == value and all(
        alone.lines[id(one)] == document.lines[id(other)]
        for one, other in zip(_containers(item), _containers(value), strict=True)
    )


def _containers(value: Value) -> Iterator[Value]:
    """`value` and all below it that have lines of their own."""
    if isinstance(value, dict | list):
        yield value
        for each in value.values() if isinstance(value, dict) else value:
            yield from _containers(each)


def _with(container: Value, step: Step, value: Value) -> Value:
    """A copy of `container` with another value at `step`, in the same order."""
    if isinstance(container, dict) and isinstance(step, str):
        return {**container, step: value}
    if isinstance(container, list) and isinstance(step, int):
        return [*container[:step], value, *container[step + 1 :]]
    raise _Unclear
