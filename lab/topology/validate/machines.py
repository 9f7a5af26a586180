"""Plain virtual machines, and the names of everything that is a machine."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from lab.topology import names
from lab.topology.model import Lab, VirtualMachine
from lab.topology.problems import Location, Problem
from lab.topology.usable import Usable
from lab.topology.validate.places import prefix_of, unknown_subnet
from lab.topology.virtual_network import SubnetReference

RESERVED_FIRST = 4
"""Addresses at the beginning of a subnet that nobody gets (semantics 1.8)."""


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of virtual machines and of machine names."""
    yield from _names(lab)
    taken: dict[tuple[str, IPv4Address], VirtualMachine] = {}
    for machine in lab.virtual_machines:
        who = f"virtual machine '{machine.name}'"
        yield from unknown_subnet(machine, machine.subnet, lab, usable=usable, who=who)
        address = machine.private_ip_address
        subnet = prefix_of(lab, machine.subnet)
        if address is None or subnet is None:
            continue
        yield from unusable_address(
            address,
            subnet,
            f"virtual machine '{machine.name}'",
            where=(machine.subnet, machine.at("privateIpAddress")),
        )
        before = taken.setdefault((machine.subnet.virtual_network, address), machine)
        if before is not machine:
            yield Problem(
                machine.at("privateIpAddress"),
                f"virtual machines '{before.name}' and '{machine.name}' have the same "
                f"privateIpAddress {address}",
                "choose another address for one of them, or leave it out",
            )


def unusable_address(
    address: IPv4Address,
    subnet: IPv4Network,
    who: str,
    *,
    where: tuple[SubnetReference, Location],
) -> Iterator[Problem]:
    """A problem when `who` can't have `address` in the subnet of `where`."""
    reference, place = where
    if address not in subnet:
        yield Problem(
            place,
            f"privateIpAddress {address} of {who} is outside its "
            f"subnet '{reference}' ({subnet}) (PrivateIPAddressNotInSubnet)",
            f"choose an address of {subnet}, or leave it out",
        )
    elif int(address) - int(subnet[0]) < RESERVED_FIRST or address == subnet[-1]:
        yield Problem(
            place,
            f"privateIpAddress {address} of {who} is reserved: the "
            f"first four addresses and the last of a subnet ({subnet}) are "
            "(PrivateIPAddressInReservedRange)",
            f"choose an address from {subnet[RESERVED_FIRST]} to {subnet[-2]}, or leave it out"
            if subnet.num_addresses > RESERVED_FIRST + 1
            else "choose a larger subnet",
        )


def _names(lab: Lab) -> Iterator[Problem]:
    """One namespace for nodes, machines, edges and Internet hosts: each becomes a host of the lab.

    Two nodes have the same name only if their scale sets do, which is told once.
    """
    first: dict[str, _Host] = {}
    for host in _hosts(lab):
        before = first.setdefault(host.name.casefold(), host)
        if before is host or before.noun == host.noun == "node":
            continue
        where = f"on line {before.place.line}" if before.written else "that a lab has by default"
        yield Problem(
            host.place,
            f"{host.noun} '{host.name}' has the name of the {before.noun} {where}",
            "rename one of them; names that differ in case only are the same",
        )


class _Host(NamedTuple):
    name: str
    noun: str
    place: Location
    written: bool = True


def _hosts(lab: Lab) -> Iterator[_Host]:
    defaults = [host for host in lab.internet if not host.places]
    for host in defaults:
        yield _Host(host.name, "Internet host", host.location, written=False)
    for cluster in lab.clusters:
        for pool in cluster.node_pools:
            place = pool.at("scaleSet")
            for name in names.nodes_of_pool(cluster, pool):
                yield _Host(name, "node", place)
    for machine in lab.virtual_machines:
        yield _Host(machine.name, "virtual machine", machine.at("name"))
    yield from _edges(lab)
    for site in lab.on_premises:
        for there in site.hosts:
            yield _Host(there.name, "host on premises", there.at("name"))
    for firewall in lab.cloud.azure_firewalls:
        yield _Host(firewall.name, "Azure firewall", firewall.at("name"))
    for host in lab.internet:
        if host.places:
            yield _Host(host.name, "Internet host", host.at("name"))


def _edges(lab: Lab) -> Iterator[_Host]:
    for gateway in lab.cloud.nat_gateways:
        yield _Host(gateway.name, "NAT gateway", gateway.at("name"))
    for balancer in lab.cloud.load_balancers:
        yield _Host(balancer.name, "load balancer", balancer.at("name"))
    for each in lab.cloud.virtual_network_gateways:
        yield _Host(each.name, "gateway", each.at("name"))
    for cluster in lab.clusters:
        for name in names.managed_edges(cluster):
            yield _Host(name, "cluster's own edge", cluster.at("name"))
