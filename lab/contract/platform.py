"""What the hypervisor answers its guest by itself: names, metadata, addresses (semantics 2.4)."""

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address

HOST_ADDRESS = IPv4Address("168.63.129.16")
"""DNS and wireserver; also where health probes come from."""
METADATA_ADDRESS = IPv4Address("169.254.169.254")
"""The instance metadata service (IMDS)."""
DNS_PORT = 53
HTTP_PORT = 80


class DnsRecordType(Enum):
    """Type of a record set, as DNS writes it."""

    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    MX = "MX"
    PTR = "PTR"
    SRV = "SRV"
    TXT = "TXT"


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsRecordSet:
    """The records of one name and type."""

    name: str
    """In full, lower case, without a final dot; a first label ``*`` is a wildcard."""
    type: DnsRecordType
    ttl: int
    """Seconds."""
    data: tuple[str, ...]
    """As dig prints them; names in full, without a final dot."""

    def __hash__(self) -> int:
        # Cheap: the bytes of hundreds of names are remembered by them.
        return hash(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsZone:
    """A part of the tree of names that one authority answers for."""

    name: str
    """Lower case, without a final dot; empty: the public DNS."""
    record_sets: tuple[DnsRecordSet, ...]

    def __hash__(self) -> int:
        # Cheap: what follows from thousands of names is remembered by them.
        return hash((self.name, len(self.record_sets)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The services at `HOST_ADDRESS` and `METADATA_ADDRESS`."""

    zones: tuple[DnsZone, ...] = ()
    """Those that answer the host's virtual network. What no zone holds doesn't exist."""
