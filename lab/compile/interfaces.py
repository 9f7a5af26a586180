"""Network interfaces and the addresses that they have in their subnets."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from lab.cloud import addressing, virtual_network
from lab.compile.ledger import InterfaceAllocation, Ledger
from lab.topology.model import Cloud
from lab.topology.private_link import PrivateEndpoint
from lab.topology.problems import Location, Problem
from lab.topology.virtual_network import SubnetReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A network interface that is to have addresses."""

    owner: str
    subnet: SubnetReference
    address: IPv4Address | None
    """What the lab file asks for; None: whatever is free."""
    reserved: int = 0
    """How many it has beside the primary one, for pods."""
    location: Location


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
        found = addressing.allocate(
            [owner for several in owners.values() for owner in several],
            pool=addressing.subnet_pool(prefix),
            fixed={each.owner: each.address for each in group if each.address},
            previous={
                owner: address
                for name, before in previous.interfaces.items()
                if before.subnet == reference
                for owner, address in _held(name, before)
            },
        )
        needed = sum(1 + each.reserved for each in group)
        missing = [each for each in group if not found.keys() >= set(owners[each.owner])]
        if missing:
            problems.append(
                Problem(
                    missing[0].location,
                    f"subnet {reference} ({prefix}) has {len(found)} addresses for the network "
                    f"interfaces in it, which need {needed}",
                    "choose a larger prefix for the subnet, put fewer machines into it, or lower "
                    "maxPods where nodes keep an address for every pod",
                )
            )
        held |= {
            each.owner: InterfaceAllocation(
                subnet=reference,
                address=found[each.owner],
                secondary=tuple(found[own] for own in owners[each.owner][1:]),
            )
            for each in group
            if each not in missing
        }
    return {each.owner: held[each.owner] for each in wanted if each.owner in held}


def _owners(wanted: Wanted) -> list[str]:
    """Who gets an address for `wanted`: its owner, then each of the addresses kept for pods.

    A node takes all of its addresses before the next machine gets one, so that they
    are contiguous in a fresh subnet (claim B10).
    """
    return [
        wanted.owner,
        *(_secondary(wanted.owner, number) for number in range(wanted.reserved)),
    ]


def _held(name: str, before: InterfaceAllocation) -> list[tuple[str, IPv4Address]]:
    reserved = enumerate(before.secondary)
    return [
        (name, before.address),
        *((_secondary(name, number), address) for number, address in reserved),
    ]


def _secondary(name: str, number: int) -> str:
    """No host has such a name."""
    return f"{name}/{number}"
