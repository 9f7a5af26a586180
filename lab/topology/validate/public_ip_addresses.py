"""Public addresses and who is associated with them (semantics 2.6)."""

from collections.abc import Iterator
from ipaddress import IPv4Address

from lab.topology.egress import PublicIPAddress
from lab.topology.model import Lab
from lab.topology.problems import Location, Problem
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates
from lab.topology.validate.internet import is_public
from lab.topology.words import nearest


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the cloud's public addresses."""
    yield from duplicates(lab.cloud.public_ip_addresses, "public address")
    yield from _addresses(lab)
    yield from _users(lab, usable)


def _addresses(lab: Lab) -> Iterator[Problem]:
    taken = {host.address: f"Internet host '{host.name}'" for host in lab.internet}
    for each in lab.cloud.public_ip_addresses:
        address, place = each.ip_address, each.at("ipAddress")
        if address is None:
            continue
        if not is_public(address):
            yield Problem(
                place,
                f"ipAddress {address} of public address '{each.name}' is not a public one",
                "choose a public address, or one of a documentation range such as 198.51.100.0/24",
            )
        else:
            yield from _inside(each, address, lab)
        if before := taken.get(address):
            yield Problem(
                place,
                f"ipAddress {address} of public address '{each.name}' is that of {before}",
                "choose another one, or leave ipAddress out",
            )
        taken.setdefault(address, f"public address '{each.name}'")


def _inside(each: PublicIPAddress, address: IPv4Address, lab: Lab) -> Iterator[Problem]:
    for network in lab.cloud.virtual_networks:
        for prefix in network.address_prefixes:
            if address in prefix:
                yield Problem(
                    each.at("ipAddress"),
                    f"ipAddress {address} of public address '{each.name}' is inside virtual "
                    f"network '{network.name}' ({prefix})",
                    "choose an address outside the virtual networks",
                )


def _users(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Who refers to an address that is not there, or that somebody else has."""
    known = {each.name: each for each in lab.cloud.public_ip_addresses}
    first: dict[str, str] = {}
    for name, who, place in public_address_users(lab):
        if name not in known:
            if not usable.lacks("publicIPAddresses"):
                guess = nearest(name, known)
                yield Problem(
                    place,
                    f"{who} refers to public address '{name}', which does not exist",
                    f"did you mean '{guess}'?"
                    if guess
                    else f"define '{name}' under cloud.publicIPAddresses",
                )
        elif (before := first.setdefault(name, who)) != who:
            yield Problem(
                place,
                f"{who} refers to public address '{name}', which {before} has already "
                "(PublicIPAddressInUse)",
                "define another one",
            )


def public_address_users(lab: Lab) -> Iterator[tuple[str, str, Location]]:
    """Each reference to a public address: its name, who refers, and where."""
    for machine in lab.virtual_machines:
        if machine.public_ip_address is not None:
            who = f"virtual machine '{machine.name}'"
            yield machine.public_ip_address, who, machine.at("publicIPAddress")
    for firewall in lab.cloud.azure_firewalls:
        who = f"Azure firewall '{firewall.name}'"
        yield firewall.public_ip_address, who, firewall.at("ipConfigurations")
    for gateway in lab.cloud.nat_gateways:
        for name in gateway.public_ip_addresses:
            yield name, f"NAT gateway '{gateway.name}'", gateway.at("publicIpAddresses")
    for balancer in lab.cloud.load_balancers:
        for each in balancer.frontend_ip_configurations:
            who = f"frontend '{each.name}' of load balancer '{balancer.name}'"
            yield each.public_ip_address, who, each.at("publicIPAddress")
    for each_gateway in lab.cloud.virtual_network_gateways:
        if each_gateway.public_ip_address is not None:
            who = f"gateway '{each_gateway.name}'"
            yield each_gateway.public_ip_address, who, each_gateway.at("ipConfigurations")
