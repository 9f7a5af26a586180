"""Private DNS zones: their records, and the virtual networks that they are linked to."""

from collections.abc import Iterator

from lab.contract.platform import DnsRecordType
from lab.topology.model import Lab
from lab.topology.private_dns import APEX, PrivateDnsRecordSet, PrivateDnsZone, VirtualNetworkLink
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates
from lab.topology.words import listed, nearest

_KEYS = "aRecords, aaaaRecords, cnameRecord, mxRecords, ptrRecords, srvRecords, txtRecords"


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the cloud's private DNS zones."""
    zones = lab.cloud.private_dns_zones
    yield from duplicates(zones, "private DNS zone")
    for zone in zones:
        where = f" in private DNS zone '{zone.name}'"
        yield from duplicates(zone.virtual_network_links, "virtual network link", where)
        for record_set in zone.record_sets:
            yield from _records(record_set, zone)
        yield from _names(zone)
        yield from _linked(zone, lab, usable)
    yield from _registration(zones)


def _records(record_set: PrivateDnsRecordSet, zone: PrivateDnsZone) -> Iterator[Problem]:
    kinds = list(record_set.records)
    who = f"record set '{record_set.name}' of private DNS zone '{zone.name}'"
    if len(kinds) != 1:
        has = (
            f"has records of {listed(kind.value for kind in kinds)}" if kinds else "has no records"
        )
        yield Problem(
            record_set.location,
            f"{who} {has}; a record set is of one type",
            f"write exactly one of {_KEYS}",
        )
    elif kinds == [DnsRecordType.CNAME] and record_set.name == APEX:
        yield Problem(
            record_set.at("cnameRecord"),
            f"{who} is a CNAME, and the zone itself can't be another name",
            "write an A record, or another name",
        )


def _names(zone: PrivateDnsZone) -> Iterator[Problem]:
    """A name has one record set of a type, and nothing beside a CNAME."""
    first: dict[tuple[str, DnsRecordType], PrivateDnsRecordSet] = {}
    for record_set in zone.record_sets:
        for kind in record_set.records:
            before = next(
                (
                    first[record_set.name, other]
                    for other in DnsRecordType
                    if (record_set.name, other) in first
                    and (other is kind or DnsRecordType.CNAME in (other, kind))
                ),
                None,
            )
            first.setdefault((record_set.name, kind), record_set)
            if before is not None and before is not record_set:
                yield Problem(
                    record_set.at("name"),
                    f"private DNS zone '{zone.name}' has a record set '{record_set.name}' of type "
                    f"{listed(each.value for each in before.records)} on line "
                    f"{before.at('name').line} already; another of type {kind.value} can't be "
                    "beside it",
                    "join them into one, or rename one of them",
                )


def _linked(zone: PrivateDnsZone, lab: Lab, usable: Usable) -> Iterator[Problem]:
    networks = [network.name for network in lab.cloud.virtual_networks]
    first: dict[str, VirtualNetworkLink] = {}
    for link in zone.virtual_network_links:
        name = link.virtual_network
        if name not in networks:
            if not usable.lacks("virtualNetworks"):
                guess = nearest(name, networks)
                yield Problem(
                    link.at("virtualNetwork"),
                    f"link '{link.name}' of private DNS zone '{zone.name}' leads to virtual "
                    f"network '{name}', which does not exist",
                    f"did you mean '{guess}'?"
                    if guess
                    else f"define '{name}' under cloud.virtualNetworks",
                )
        elif (before := first.setdefault(name, link)) is not link:
            yield Problem(
                link.at("virtualNetwork"),
                f"links '{before.name}' and '{link.name}' of private DNS zone '{zone.name}' both "
                f"lead to virtual network '{name}'",
                "take one of them out",
            )


def _registration(zones: tuple[PrivateDnsZone, ...]) -> Iterator[Problem]:
    """A virtual network registers its machines in one zone."""
    first: dict[str, PrivateDnsZone] = {}
    for zone in zones:
        for link in zone.virtual_network_links:
            if not link.registration_enabled:
                continue
            before = first.setdefault(link.virtual_network, zone)
            if before is not zone:
                yield Problem(
                    link.at("registrationEnabled"),
                    f"virtual network '{link.virtual_network}' registers its machines in private "
                    f"DNS zone '{before.name}' already, and can't in '{zone.name}' as well",
                    "write registrationEnabled: false on one of the links",
                )
