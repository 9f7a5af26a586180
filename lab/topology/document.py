"""A YAML document as plain values that remember where they were written.

Mappings, lists and scalars are Python's own, so that a schema validator can walk
them; the lines are kept beside them. What the values mean does not belong here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from lab.topology.problems import Location
from lab.topology.scalars import Scalar

Value: TypeAlias = "Scalar | list[Value] | dict[str, Value]"
"""What a YAML file can say."""

Step = str | int
"""Key of a mapping or index of a list."""

Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document of a file.

    `lines` maps the identity of each container to the line of each of its
    entries. Aliases make one container stand in several places, and merged keys
    keep the line where they were written. Containers are never changed: one that is the
    same object as before says the same on the same lines.
    """

    file: str
    value: Value
    line: int
    lines: Mapping[int, Mapping[Step, int]] = field(repr=False)

    def location(self, path: Iterable[Step] = ()) -> Location:
        """Where the entry at `path` begins: its key, or the list item itself.

        A path that leads nowhere is located at the last step that exists.
        """
        line, value = self.line, self.value
        for step in path:
            entries = self.lines.get(id(value), {})
            if step not in entries:
                break
            line, value = entries[step], child(value, step)
        return Location(self.file, line)

    def describe(self, path: Path) -> str:
        """`path` as a person reads it: ``clusters[aks01].nodePools[0].count``.

        List items that have a name are called by it.
        """
        words, value = "", self.value
        for step in path:
            value = child(value, step)
            if isinstance(step, str):
                words += f".{step}" if words else step
            else:
                words += f"[{_name(value) or step}]"
        return words


def child(value: Value, step: Step) -> Value:
    """The entry of a mapping or list; None when there is no such entry."""
    if isinstance(value, dict):
        return value.get(step) if isinstance(step, str) else None
    if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
        return value[step]
    return None


def _name(value: Value) -> str | None:
    name = child(value, "name")
    return name if isinstance(name, str) else None
