"""Private DNS zones as they are written: record sets and links to virtual networks.

Property names are those of ``az network private-dns … -o json``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.contract.platform import DnsRecordType
from lab.topology.written import Written

APEX = "@"
"""What stands for the name of the zone itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateDnsRecordSet(Written):
    """The records of one name and type."""

    name: str
    """Relative to the zone, lower case; `APEX` for the zone itself."""
    ttl: int
    """Seconds."""
    records: Mapping[DnsRecordType, tuple[str, ...]]
    """As dig prints them, by type; of exactly one type, or validation says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualNetworkLink(Written):
    """A virtual network that a zone answers for."""

    name: str
    virtual_network: str
    registration_enabled: bool = False
    """Whether the network's machines are in the zone by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateDnsZone(Written):
    """A zone that answers in linked virtual networks only."""

    name: str
    """Lower case."""
    record_sets: tuple[PrivateDnsRecordSet, ...] = ()
    virtual_network_links: tuple[VirtualNetworkLink, ...] = ()
