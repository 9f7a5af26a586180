"""Nexthop objects: what many routes share."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Encapsulation:
    """The tunnel header that a packet gets."""

    vni: int
    """Virtual network identifier, 24 bits."""
    destination: IPv4Address
    """Underlay address of the receiving host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nexthop:
    """A nexthop object of the kernel; routes refer to it by number.

    Removing it removes its routes (native-runtime-facts §9).
    """

    number: int
    origin: int
    link: str
    gateway: IPv4Address | IPv6Address | None = None
    on_link: bool = False
    encapsulation: Encapsulation | None = None

    def __hash__(self) -> int:
        # Cheap, and enough: a namespace has one of each number.
        return hash(self.number)
