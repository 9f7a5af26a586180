"""Neighbours that are known beforehand."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A MAC address that need not be asked for.

    Either kind escapes the limit of the machine's table, which is one for all
    namespaces (native-runtime-facts §1).
    """

    link: str
    address: IPv4Address | IPv6Address
    mac: str
    """Lower-case, colon separated."""
    origin: int
    learned: bool = False
    """Listed, checked and aged like one that the kernel has learned by itself, and not
    permanent: for where a person looks and the genuine node has learned it."""
