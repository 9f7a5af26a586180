"""Permanent neighbours."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A MAC address that need not be asked for; permanent entries escape the table's limit."""

    link: str
    address: IPv4Address | IPv6Address
    mac: str
    """Lower-case, colon separated."""
    origin: int
