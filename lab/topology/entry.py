"""A mapping of a checked document, read property by property.

The schema has vouched for the types, so reading does no checking of its own; what
the schema refused is passed over.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TypedDict, TypeVar

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
    """Where the properties of a mapping stand: put together when a problem is told."""

    def __init__(self, document: Document, value: Value) -> None:
        self._document = document
        self._value = value

    def __getitem__(self, name: str) -> Location:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> Mapping[str, Location]:
        found: dict[str, Location] = {}
        file, lines = self._document.file, self._document.lines
        for key, line in lines.get(id(self._value), {}).items():
            found[str(key)] = Location(file, line)
            for index, below in lines.get(id(child(self._value, key)), {}).items():
                if isinstance(index, int):
                    found[f"{key}[{index}]"] = Location(file, below)
        return found


@dataclass(frozen=True, slots=True)
class Entry:
    """The mapping at `path` of `document`."""

    document: Document
    usable: Usable
    path: Path
    value: Value
    index: int | None = None

    @property
    def origin(self) -> Origin:
        """Where the mapping and its properties stand."""
        return Origin(
            location=self.document.location(self.path),
            places=_Places(self.document, self.value) if self.value else NO_PLACES,
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
