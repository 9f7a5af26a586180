"""A mapping of a checked document, read property by property.

The schema has vouched for the types, so reading does no checking of its own; what
the schema refused is passed over.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Generic, TypedDict, TypeVar

from lab.remembering import continuing
from lab.topology.document import Document, Path, Value, child
from lab.topology.problems import Location
from lab.topology.usable import Usable
from lab.topology.written import NO_PLACES

T = TypeVar("T")


class Origin(TypedDict):
    """Arguments of `Written`."""

    location: Location
    places: Mapping[str, Location]


class _Places(Mapping[str, Location]):
    """Where the properties of a mapping stand: put together when a problem is told.

    Keeps the lines of the mapping and of its lists, and not the document around it.
    """

    def __init__(self, document: Document, value: Mapping[str, Value]) -> None:
        lines = document.lines
        self._file = document.file
        self._lines = lines.get(id(value), {})
        self._lists = {
            key: lines.get(id(each), {}) for key, each in value.items() if isinstance(each, list)
        }

    def __getitem__(self, name: str) -> Location:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> Mapping[str, Location]:
        found = {str(key): Location(self._file, line) for key, line in self._lines.items()}
        for key, lines in self._lists.items():
            for index, line in lines.items():
                found[f"{key}[{index}]"] = Location(self._file, line)
        return found


@dataclass(frozen=True, slots=True)
class Entry:
    """The mapping at `path` of `document`."""

    document: Document
    usable: Usable
    path: Path
    value: Value
    around: Path = ()
    """Leads to `document` in its file, when that is the mapping alone."""

    @property
    def origin(self) -> Origin:
        """Where the mapping and its properties stand."""
        return Origin(
            location=self.document.location(self.path),
            places=_Places(self.document, self.value)
            if self.value and isinstance(self.value, dict)
            else NO_PLACES,
        )

    def get(self, key: str) -> Value:
        """The value of a property; None when it was left out or can't be used."""
        value = child(self.value, key)
        # Mostly there is nothing that can't be used.
        if self.usable.removed and not self.usable.keeps((*self.path, key)):
            return None
        return value

    def text(self, key: str, default: str = "") -> str:
        """A text."""
        value = self.get(key)
        return default if value is None else str(value)

    def number(self, key: str, default: int = 0) -> int:
        """A whole number."""
        value = self.get(key)
        return value if isinstance(value, int) else default

    def flag(self, key: str, *, default: bool) -> bool:
        """A truth value."""
        value = self.get(key)
        return value if isinstance(value, bool) else default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(str(value) for value in self.items(key))

    def mapping(self, key: str) -> Mapping[str, str]:
        """A mapping whose values have no structure, each as text."""
        value = self.get(key)
        pairs = value.items() if isinstance(value, dict) else ()
        return MappingProxyType({name: str(each) for name, each in pairs})

    def parsed(self, key: str, parse: Callable[[str], T]) -> T | None:
        """A text with a meaning, for example an address."""
        value = self.get(key)
        return None if value is None else parse(str(value))

    def items(self, key: str) -> tuple[Value, ...]:
        """The entries of a list."""
        value = self.get(key)
        return tuple(value) if isinstance(value, list) else ()

    def below(self, key: str) -> "Entry":
        """The mapping that a property holds; an empty one when it was left out."""
        return Entry(self.document, self.usable, (*self.path, key), self.get(key))

    def entries(self, key: str) -> Iterator["Entry"]:
        """The mappings of a list that can be used."""
        for index, value in enumerate(self.items(key)):
            path = (*self.path, key, index)
            if self.usable.keeps(path):
                yield Entry(self.document, self.usable, path, value)

    def made(self, key: str, make: "Callable[[Entry], T]") -> tuple[T, ...]:
        """What `make` makes of each mapping of a list that can be used; it reads nothing else.

        Of a mapping that is the same object as before nothing is made again.
        """
        if self.usable.removed:
            return tuple(map(make, self.entries(key)))
        values = self.get(key)
        if not isinstance(values, list):
            return ()
        file, lines = self.document.file, self.document.lines
        place, own = (*self.around, *self.path, key), lines.get(id(values), {})
        return tuple(
            _made(
                make,
                (*place, index),
                Document(
                    file=file, value=value, line=own.get(index, self.document.line), lines=lines
                ),
            ).result
            for index, value in enumerate(values)
        )

    def made_below(self, key: str, make: "Callable[[Entry], T]") -> T:
        """As `made`, of the mapping that a property holds."""
        below = self.below(key)
        if self.usable.removed or not isinstance(below.value, dict):
            return make(below)
        place = (*self.around, *below.path)
        line = self.document.location(below.path).line
        alone = Document(
            file=self.document.file, value=below.value, line=line, lines=self.document.lines
        )
        return _made(make, place, alone).result


@dataclass(frozen=True, slots=True)
class _Made(Generic[T]):
    """What was made of a mapping on a line."""

    value: Value
    line: int
    result: T


def _name(make: Callable[[Entry], T], place: Path, alone: Document, /) -> Hashable:
    return make, alone.file, place


@continuing(by=_name, maxsize=8192)
def _made(
    before: _Made[T] | None, make: Callable[[Entry], T], place: Path, alone: Document, /
) -> _Made[T]:
    """A mapping stays as it is (`lab.topology.document`), and so do the lines below it."""
    if before is not None and before.value is alone.value and before.line == alone.line:
        return before
    return _Made(alone.value, alone.line, make(Entry(alone, Usable(), (), alone.value, place)))
