"""Who gets which address: subnets, public addresses, the underlay, hardware addresses.

An address once handed out stays with its owner for as long as the owner is there
and nobody asks for that very address.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import chain, filterfalse

from lab.contract.underlay import first_host_address

RESERVED_ROLES = ("network", "gateway", "Azure DNS", "Azure DNS")
"""What the first four addresses of a subnet are kept for (semantics 1.8)."""

NIC_VENDOR = "00:0d:3a"
"""Vendor prefix of Azure's network interfaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Ranges of addresses that may be handed out, lowest first."""

    ranges: tuple[range, ...]

    def __contains__(self, address: IPv4Address) -> bool:
        number = int(address)
        for numbers in self.ranges:  # noqa: SIM110 - asked for every host: a generator costs more
            if number in numbers:
                return True
        return False

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self.ranges)


def subnet_pool(subnet: IPv4Network) -> Pool:
    """What a subnet hands out: all but the first four and the last (semantics 1.8)."""
    first, last = int(subnet.network_address), int(subnet.broadcast_address)
    return Pool(ranges=(range(first + len(RESERVED_ROLES), last),))


def reserved(subnet: IPv4Network) -> tuple[tuple[IPv4Address, str], ...]:
    """What a subnet keeps for itself, each with its role."""
    return (
        *((subnet[index], role) for index, role in enumerate(RESERVED_ROLES)),
        (subnet.broadcast_address, "broadcast"),
    )


def gateway(subnet: IPv4Network) -> IPv4Address:
    """The second address, which the fabric answers ARP for (semantics 1.3, 1.8)."""
    return subnet[1]


PUBLIC_POOL = Pool(
    ranges=tuple(
        numbers
        for network in ("198.51.100.0/24", "192.0.2.0/24", "203.0.113.0/24", "198.19.0.0/16")
        for numbers in subnet_pool(IPv4Network(network)).ranges
    )
)
"""Addresses with which network interfaces appear on the Internet (default outbound access,
semantics 2.6), one each.

The three documentation ranges of RFC 5737: whoever sees one in a capture knows that
it belongs to no one, and no system route sends it to None as it would 100.64.0.0/10.
They hold 753, the leading four of each left out like a subnet's, so that Internet
hosts find a gateway there; a larger lab goes on in the upper half of the benchmarking
range of RFC 2544. The underlay is in that range too and neither minds: the addresses
of tenants and of the underlay are never looked up in one table.
"""


def underlay_pool(underlay: IPv4Network) -> Pool:
    """What hosts may get of a lab's underlay range."""
    return Pool(ranges=(range(int(first_host_address(underlay)), int(underlay.broadcast_address)),))


def allocate(
    owners: Iterable[str],
    *,
    pool: Pool,
    fixed: Mapping[str, IPv4Address],
    previous: Mapping[str, IPv4Address],
) -> dict[str, IPv4Address]:
    """The address of each owner, in the order of `owners`.

    First come those that an owner asked for (`fixed`, not checked against the
    pool), then those it had (`previous`), then the lowest free ones. An owner
    that is missing from the result found none left.
    """
    owners = tuple(owners)
    taken = {int(address) for address in fixed.values()}
    held: dict[str, IPv4Address] = {}
    for owner in owners:
        if owner in fixed:
            held[owner] = fixed[owner]
            continue
        before = previous.get(owner)
        if before is None:
            continue
        number = int(before)
        if number in taken:
            continue
        for numbers in pool.ranges:  # as `before in pool`, without a call for each owner
            if number in numbers:
                held[owner] = before
                taken.add(number)
                break
    free = filterfalse(taken.__contains__, pool)
    for owner in owners:
        if owner not in held and (lowest := next(free, None)) is not None:
            held[owner] = IPv4Address(lowest)
    return {owner: held[owner] for owner in owners if owner in held}


def nic_mac(lab: str, owner: str) -> str:
    """Hardware address of the network interface of `owner`.

    Two may be equal in a very large lab; nothing minds, for no two network
    interfaces ever share a segment (semantics 1.2).
    """
    digest = hashlib.sha256(f"nic/{lab}/{owner}".encode()).digest()
    return f"{NIC_VENDOR}:{digest[:3].hex(':')}"
