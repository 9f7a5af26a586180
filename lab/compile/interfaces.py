"""Network interfaces and the addresses that they have in their subnets."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address
from typing import NamedTuple

from lab.cloud import addressing, virtual_network
from lab.compile.ledger import InterfaceAllocation, Ledger
from lab.remembering import remembering_each
from lab.topology.model import Cloud
from lab.topology.private_link import PrivateEndpoint
from lab.topology.problems import Location, Problem
from lab.topology.virtual_network import SubnetReference


class Wanted(NamedTuple):
    """A network interface that is to have addresses."""

    owner: str
    subnet: SubnetReference
    location: Location
    address: IPv4Address | None
    """What the lab file asks for; None: whatever is free."""
    reserved: int = 0
    """How many it has beside the primary one, for pods."""


def endpoint_owner(endpoint: PrivateEndpoint) -> str:
    """Who owns the address of a private endpoint: no host has such a name."""
    return f"privateEndpoints/{endpoint.name}"


def of_endpoint(endpoint: PrivateEndpoint) -> Wanted:
    """The network interface of a private endpoint, which only has an address."""
    return Wanted(
        owner=endpoint_owner(endpoint),
        subnet=endpoint.subnet,
        address=endpoint.private_ip_address,
        location=endpoint.location,
    )


def allocated(
    cloud: Cloud, wanted: Sequence[Wanted], *, previous: Ledger, problems: list[Problem]
) -> dict[str, InterfaceAllocation]:
    """The network interfaces of all of `wanted`; who finds no address goes to `problems`."""
    by_subnet: dict[SubnetReference, list[Wanted]] = {}
    for each in wanted:
        by_subnet.setdefault(each.subnet, []).append(each)
    held: dict[str, InterfaceAllocation] = {}
    for reference, group in by_subnet.items():
        prefix = virtual_network.subnet_of(cloud, reference).address_prefix
        owners = {each.owner: _owners(each) for each in group}
        wanting = [owner for several in owners.values() for owner in several]
        found = addressing.allocate(
            wanting,
            pool=addressing.subnet_pool(prefix),
            fixed={each.owner: each.address for each in group if each.address},
            previous=_before(owners, reference, previous),
        )
        missing = [
            owner
            for owner, several in owners.items()
            if len(found) < len(wanting) and not found.keys() >= set(several)
        ]
        if missing:
            problems.append(
                Problem(
                    next(each.location for each in group if each.owner in missing),
                    f"subnet {reference} ({prefix}) has {len(found)} addresses for the network "
                    f"interfaces in it, which need {len(wanting)}",
                    "choose a larger prefix for the subnet, put fewer machines into it, or lower "
                    "maxPods where nodes keep an address for every pod",
                )
            )
        held |= _allocation(
            reference,
            {
                owner: (reference, tuple([found[own] for own in several]))
                for owner, several in owners.items()
                if owner not in missing
            },
        )
    return {each.owner: held[each.owner] for each in wanted if each.owner in held}


def _owners(wanted: Wanted) -> list[str]:
    """Who gets an address for `wanted`: its owner, then each of the addresses kept for pods.

    A node takes all of its addresses before the next machine gets one, so that they
    are contiguous in a fresh subnet (claim B10).
    """
    owner, reserved = wanted.owner, wanted.reserved
    if not reserved:
        return [owner]
    return [owner, *(_secondary(owner, number) for number in range(reserved))]


def _before(
    owners: Mapping[str, Sequence[str]], reference: SubnetReference, previous: Ledger
) -> dict[str, IPv4Address]:
    """What `owners` had in a subnet, by each that gets an address for them."""
    found: dict[str, IPv4Address] = {}
    for owner, several in owners.items():
        before = previous.interfaces.get(owner)
        if before is not None and before.subnet == reference:
            found[owner] = before.address
            if before.secondary:
                found.update(zip(several[1:], before.secondary, strict=False))
    return found


@remembering_each(maxsize=64)
def _allocation(interface: tuple[SubnetReference, tuple[IPv4Address, ...]]) -> InterfaceAllocation:
    subnet, (address, *secondary) = interface
    return InterfaceAllocation(subnet=subnet, address=address, secondary=tuple(secondary))


def _secondary(name: str, number: int) -> str:
    """No host has such a name."""
    return f"{name}/{number}"
