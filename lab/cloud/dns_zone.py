"""What Azure's own name server answers in a virtual network (semantics 2.4, 2.7).

It knows three kinds of zones: the one in which a virtual network has its machines
by itself, the private zones that are linked to the network, and the public DNS.
The zone with the longest name decides, even where it has nothing.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address
from types import MappingProxyType

from lab.contract.platform import DnsRecordSet, DnsRecordType, DnsZone
from lab.topology.private_dns import APEX, PrivateDnsZone

_INTERNAL = "internal.cloudapp.net"
_UNIQUE_LENGTH = 26

NOBODY: Mapping[str, IPv4Address] = MappingProxyType({})

REGISTERED_TTL = 10
"""Seconds, of the names that machines get by themselves."""
PUBLIC_TTL = 60
"""Seconds, of names of the emulated Internet."""


@lru_cache(maxsize=256)
def internal_suffix(network: str) -> str:
    """What machines of a virtual network append to short names, as DHCP tells them."""
    digest = hashlib.sha256(f"dns/{network}".encode()).digest()
    unique = base64.b32encode(digest).decode().lower()[:_UNIQUE_LENGTH]
    return f"{unique}.ax.{_INTERNAL}"


def internal_zone(suffix: str, machines: Mapping[str, IPv4Address]) -> DnsZone:
    """The zone in which every network has its machines; nobody else sees it."""
    return DnsZone(name=suffix, record_sets=_registered(machines, suffix))


def linked_zone(
    zone: PrivateDnsZone,
    network: str,
    machines: Mapping[str, Mapping[str, IPv4Address]],
    endpoints: Mapping[str, IPv4Address] = NOBODY,
) -> DnsZone | None:
    """A private zone as `network` sees it; None: it isn't linked.

    `machines` has those of each virtual network, by name, `endpoints` the private
    endpoints that are in the zone by themselves. A record that was written comes before
    one of registration.
    """
    if not any(link.virtual_network == network for link in zone.virtual_network_links):
        return None
    written = [
        DnsRecordSet(name=_in_full(each.name, zone.name), type=kind, ttl=each.ttl, data=data)
        for each in zone.record_sets
        for kind, data in each.records.items()
    ]
    taken = {each.name for each in written if each.type in (DnsRecordType.A, DnsRecordType.CNAME)}
    registered = [
        record_set
        for link in zone.virtual_network_links
        if link.registration_enabled
        for record_set in _registered(machines.get(link.virtual_network, {}), zone.name)
        if record_set.name not in taken
    ]
    linked = (each for each in _registered(endpoints, zone.name) if each.name not in taken)
    return DnsZone(name=zone.name, record_sets=(*written, *linked, *registered))


def public_zone(
    names: Iterable[tuple[str, IPv4Address]], services: Iterable[DnsRecordSet] = ()
) -> DnsZone:
    """The public DNS; a name that comes several times has several addresses."""
    found: dict[str, list[str]] = {}
    for name, address in names:
        found.setdefault(name, []).append(str(address))
    return DnsZone(
        name="",
        record_sets=(
            *(
                DnsRecordSet(name=name, type=DnsRecordType.A, ttl=PUBLIC_TTL, data=tuple(several))
                for name, several in found.items()
            ),
            *services,
        ),
    )


def _registered(machines: Mapping[str, IPv4Address], zone: str) -> tuple[DnsRecordSet, ...]:
    return tuple(_registration(name, int(address), zone) for name, address in machines.items())


@lru_cache(maxsize=8192)
def _registration(name: str, address: int, zone: str) -> DnsRecordSet:
    """Of one machine, by the number of its address: most of them stay."""
    return DnsRecordSet(
        name=f"{name.lower()}.{zone}",
        type=DnsRecordType.A,
        ttl=REGISTERED_TTL,
        data=(str(IPv4Address(address)),),
    )


def _in_full(name: str, zone: str) -> str:
    return zone if name == APEX else f"{name}.{zone}"
