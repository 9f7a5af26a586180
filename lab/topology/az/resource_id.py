"""What an ARM resource id names.

``/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME[/TYPE/NAME…]``;
case counts for nothing, and Azure itself is not consistent in it.
"""

from dataclasses import dataclass

_HEAD = 6
"""Segments up to the provider's namespace."""
_PAIR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceId:
    """A resource by its group, its type and the names on the way to it."""

    resource_group: str
    type: str
    """As ``Microsoft.Network/virtualNetworks/subnets``."""
    names: tuple[str, ...]
    """One for each type below the provider: of the network, then of the subnet."""

    def is_of(self, kind: str) -> bool:
        """Whether it is the id of a resource of type `kind`."""
        return self.type.casefold() == kind.casefold()


def resource_id(text: str) -> ResourceId:
    """Take an id apart. Raises `ValueError` with words that complete "'/x' …"."""
    first, *segments = text.split("/")
    if first or len(segments) < _HEAD + _PAIR or len(segments) % _PAIR or not all(segments):
        raise ValueError("is no ARM resource id")
    keys = [segment.casefold() for segment in segments]
    if (keys[0], keys[2], keys[4]) != ("subscriptions", "resourcegroups", "providers"):
        raise ValueError("is no ARM resource id")
    kinds, names = segments[_HEAD::_PAIR], segments[_HEAD + 1 :: _PAIR]
    return ResourceId(
        resource_group=segments[3],
        type="/".join((segments[5], *kinds)),
        names=tuple(names),
    )
