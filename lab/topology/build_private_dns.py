"""From the usable part of a document to private DNS zones."""

from collections.abc import Callable, Mapping

from lab.contract.platform import DnsRecordType
from lab.topology.entry import Entry
from lab.topology.private_dns import PrivateDnsRecordSet, PrivateDnsZone, VirtualNetworkLink
from lab.topology.schema import formats

RECORDS_TTL = 3600
"""Seconds, as ``az network private-dns record-set … create`` has it."""


def private_dns_zone(entry: Entry) -> PrivateDnsZone:
    """A zone with its records and links."""
    return PrivateDnsZone(
        **entry.origin,
        name=formats.dns_name(entry.text("name")),
        record_sets=entry.made("recordSets", _record_set),
        virtual_network_links=entry.made("virtualNetworkLinks", _link),
    )


def _link(entry: Entry) -> VirtualNetworkLink:
    return VirtualNetworkLink(
        **entry.origin,
        name=entry.text("name"),
        virtual_network=entry.text("virtualNetwork"),
        registration_enabled=entry.flag("registrationEnabled", default=False),
    )


def _record_set(entry: Entry) -> PrivateDnsRecordSet:
    found: dict[DnsRecordType, tuple[str, ...]] = {}
    for key, (kind, written) in _LISTS.items():
        if records := tuple(written(each) for each in entry.entries(key)):
            found[kind] = records
    if entry.get("cnameRecord") is not None:
        found[DnsRecordType.CNAME] = (_name(entry.below("cnameRecord"), "cname"),)
    return PrivateDnsRecordSet(
        **entry.origin,
        name=entry.text("name").lower(),
        ttl=entry.number("ttl", RECORDS_TTL),
        records=found,
    )


def _name(entry: Entry, key: str) -> str:
    return formats.dns_name(entry.text(key))


def _mx(entry: Entry) -> str:
    return f"{entry.number('preference')} {_name(entry, 'exchange')}"


def _srv(entry: Entry) -> str:
    numbers = (str(entry.number(key)) for key in ("priority", "weight", "port"))
    return f"{' '.join(numbers)} {_name(entry, 'target')}"


def _txt(entry: Entry) -> str:
    escaped = (each.replace("\\", "\\\\").replace('"', '\\"') for each in entry.texts("value"))
    return " ".join(f'"{each}"' for each in escaped)


_LISTS: Mapping[str, tuple[DnsRecordType, Callable[[Entry], str]]] = {
    "aRecords": (DnsRecordType.A, lambda each: str(formats.address(each.text("ipv4Address")))),
    "aaaaRecords": (
        DnsRecordType.AAAA,
        lambda each: str(formats.ipv6_address(each.text("ipv6Address"))),
    ),
    "mxRecords": (DnsRecordType.MX, _mx),
    "ptrRecords": (DnsRecordType.PTR, lambda each: _name(each, "ptrdname")),
    "srvRecords": (DnsRecordType.SRV, _srv),
    "txtRecords": (DnsRecordType.TXT, _txt),
}
