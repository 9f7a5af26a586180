"""Where things stand in a file that the user wrote."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lab.topology.problems import Location

NOWHERE = Location("", 0)
NO_PLACES: Mapping[str, Location] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Something that stands in a file which the user wrote."""

    location: Location = field(default=NOWHERE, compare=False, repr=False)
    places: Mapping[str, Location] = field(
        default_factory=lambda: NO_PLACES, compare=False, repr=False
    )
    """Where each property stands, by its name in the file; entries of lists as ``name[0]``."""

    def at(self, name: str) -> Location:
        """Where the property called `name` in the file stands; the object itself if left out."""
        return self.places.get(name, self.location)
