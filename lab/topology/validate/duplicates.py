"""Names that would collide."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from lab.topology.problems import Location, Problem


class Named(Protocol):
    """Something written with a name."""

    @property
    def name(self) -> str:
        """The name."""

    def at(self, name: str) -> Location:
        """Where a property stands."""


def duplicates(named: Iterable[Named], noun: str, where: str = "") -> Iterator[Problem]:
    """Problems for names that come twice; case does not count, as in Azure."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    first: dict[str, Named] = {}
    for each in named:
        before = first.setdefault(each.name.casefold(), each)
        if before is not each:
            yield Problem(
                each.at("name"),
                f"there are two {plural} called '{each.name}'{where}, the first on line "
                f"{before.at('name').line}",
                "rename one of them; names that differ in case only are the same",
            )
