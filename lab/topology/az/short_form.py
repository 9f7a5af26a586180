"""Whether a lab file is in the short form already: most are, and then nothing is rewritten."""

from dataclasses import dataclass
from functools import cache, cached_property

from lab.topology.az import vocabulary
from lab.topology.az.vocabulary import Schema
from lab.topology.document import Value


def is_short(value: Value) -> bool:
    """Whether `value`, a whole lab file, has nothing that `lab.topology.az.rewriting` looks for.

    False as well where nobody knows a property: the rewriting looks closer.
    """
    return _lab().holds(value)


@dataclass(frozen=True)
class _Form:
    """What the short form takes at one place of a lab file."""

    schema: Schema

    def holds(self, value: Value) -> bool:
        """Whether the rewriting leaves `value` as it is, and says nothing of it."""
        match value:
            case str():
                return not (self.refers and value.startswith("/"))
            case dict():
                return not self.refers and self._holds_all(value)
            case list():
                return not self.refers and (self.items is None or all(map(self.items.holds, value)))
        return True

    def _holds_all(self, value: dict[str, Value]) -> bool:
        known = self.properties
        if known is None:
            return True
        return all(
            (form := known.get(key)) is not None and form.holds(below)
            for key, below in value.items()
        )

    @cached_property
    def refers(self) -> bool:
        """Whether a resource is named, maybe by its id."""
        return "x-refers-to" in self.schema

    @cached_property
    def properties(self) -> dict[str, "_Form"] | None:
        """Those of a mapping that only the short form has; None: any."""
        schema = vocabulary.alternative(self.schema, "properties")
        if schema is None:
            return None
        known = {key: vocabulary.resolved(each) for key, each in schema["properties"].items()}
        return {
            key: _Form(each)
            for key, each in known.items()
            if key != "id" and not vocabulary.is_of_az(each)
        }

    @cached_property
    def items(self) -> "_Form | None":
        """Those of a list; None: any."""
        schema = vocabulary.alternative(self.schema, "items")
        return None if schema is None else _Form(vocabulary.resolved(schema["items"]))


@cache
def _lab() -> _Form:
    return _Form(vocabulary.lab_schema())
