"""Hosts of the emulated Internet."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from lab.topology.model import InternetHost, Lab
from lab.topology.problems import Location, Problem
from lab.topology.usable import Usable

DOCUMENTATION = tuple(map(IPv4Network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")))
HOST_SERVICES = IPv4Address("168.63.129.16")


def check(lab: Lab, _usable: Usable) -> Iterator[Problem]:
    """Problems of Internet hosts."""
    taken: dict[IPv4Address, InternetHost] = {}
    for host in lab.internet:
        before = taken.setdefault(host.address, host)
        if before is not host:
            yield Problem(
                host.at("address"),
                f"Internet hosts '{before.name}' and '{host.name}' have the same address "
                f"{host.address}",
                "choose another address for one of them",
            )
        if not is_public(host.address):
            yield Problem(
                host.at("address"),
                f"address {host.address} of Internet host '{host.name}' is not a public one",
                "choose a public address, or one of a documentation range such as 203.0.113.0/24",
            )
        yield from _inside(host, lab)


def is_public(address: IPv4Address) -> bool:
    """Whether an address may be somebody's on the Internet of a lab."""
    if any(address in network for network in DOCUMENTATION):
        return True
    return address.is_global and not address.is_multicast and address != HOST_SERVICES


def _inside(host: InternetHost, lab: Lab) -> Iterator[Problem]:
    by_default = not host.places
    for prefix, owner, place in _spaces(lab):
        if host.address in prefix:
            yield Problem(
                place if by_default else host.at("address"),
                f"address {host.address} of Internet host '{host.name}'"
                f"{', which a lab has by default,' if by_default else ''} is inside {owner} "
                f"({prefix}), so nobody there would go out to it",
                "define internet.hosts with an address outside the lab's own ranges"
                if by_default
                else "choose an address outside the lab's own ranges",
            )


def _spaces(lab: Lab) -> Iterator[tuple[IPv4Network, str, Location]]:
    """Ranges that the lab uses itself."""
    for network in lab.cloud.virtual_networks:
        for index, prefix in enumerate(network.address_prefixes):
            place = network.at(f"addressPrefixes[{index}]")
            yield prefix, f"virtual network '{network.name}'", place
    for cluster in lab.clusters:
        where = f"of cluster '{cluster.name}'"
        if cluster.pod_cidr is not None:
            yield cluster.pod_cidr, f"podCidr {where}", cluster.at("podCidr")
        yield cluster.service_cidr, f"serviceCidr {where}", cluster.at("serviceCidr")
