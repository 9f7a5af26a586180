"""Addresses of pods: a /24 for each node, host-local, what a node keeps, batches of Azure CNS."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

NODE_PREFIX_LENGTH = 24
"""The mask that the controller manager gives a node (claim A10, semantics 3.3)."""


def node_cidrs(
    pod_cidr: IPv4Network, *, nodes: Iterable[str], previous: Mapping[str, IPv4Network]
) -> dict[str, IPv4Network]:
    """The range of each node: the one it has, otherwise the lowest free one.

    `nodes` is in the order of registration, so that the older node has the lower
    range (claim A15). A node that is missing from the result found none left.
    """
    names = tuple(nodes)
    numbers = range(int(pod_cidr.network_address), int(pod_cidr.broadcast_address) + 1)
    held: dict[str, IPv4Network] = {}
    taken: set[int] = set()
    shortest = pod_cidr.prefixlen
    for name in names:
        before = previous.get(name)
        if before is not None:
            number, length = int(before.network_address), before.prefixlen
            if length >= shortest and number in numbers:
                held[name] = before
                if length == NODE_PREFIX_LENGTH:
                    taken.add(number)
    whole = shortest <= NODE_PREFIX_LENGTH
    ranges = numbers[:: 1 << (32 - NODE_PREFIX_LENGTH)] if whole else ()
    # By numbers: most are taken, and a network costs as much as ten looks.
    free = (IPv4Network((each, NODE_PREFIX_LENGTH)) for each in ranges if each not in taken)
    for name in names:
        if name not in held and (cidr := next(free, None)) is not None:
            held[name] = cidr
    return {name: held[name] for name in names if name in held}


@lru_cache(maxsize=1024)
def bridge_interface(node_cidr: IPv4Network) -> IPv4Interface:
    """cbr0's own address, the gateway of the node's pods: the first (claim A10)."""
    return IPv4Interface((int(node_cidr.network_address) + 1, node_cidr.prefixlen))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    """What host-local has handed out on one node."""

    addresses: Mapping[str, IPv4Address]
    """By pod uid."""
    last_reserved: IPv4Address | None
    """The last one handed out, free again or not; None: none ever was."""


def host_local(node_cidr: IPv4Network, *, pods: Sequence[str], previous: Leases) -> Leases:
    """The leases after every pod of `pods` (uids, in the order in which they came) has one.

    A pod keeps its address. New ones get the next free address behind the last
    one that was handed out, round robin, never the bridge's nor the broadcast
    (semantics 4.1). A uid that is missing from the result found none left.
    """
    network, broadcast = int(node_cidr.network_address), int(node_cidr.broadcast_address)
    held = {
        uid: before
        for uid in pods
        if (before := previous.addresses.get(uid)) is not None and before in node_cidr
    }
    taken = set(map(int, held.values()))
    first, size = network + 2, broadcast - network - 2
    last = previous.last_reserved
    cursor = int(last) if last is not None and last in node_cidr else first - 1
    for uid in pods:
        if uid in held:
            continue
        for step in range(1, size + 1):
            candidate = first + (cursor - first + step) % size
            if candidate not in taken:
                taken.add(candidate)
                held[uid] = IPv4Address(candidate)
                cursor = candidate
                break
    handed_out = cursor >= first
    return Leases(addresses=held, last_reserved=IPv4Address(cursor) if handed_out else None)


def reserved_addresses(
    reserved: Sequence[IPv4Address] | IPv4Network,
    *,
    pods: Iterable[str],
    previous: Mapping[str, IPv4Address],
) -> dict[str, IPv4Address]:
    """The addresses of `pods` (uids) out of those that their node keeps (claim B11).

    Of a network that is every address but the first and the last. A pod keeps its
    address, new ones get the lowest free one. A uid that is missing from the result
    found none left.
    """
    uids = tuple(pods)
    kept = reserved if isinstance(reserved, IPv4Network) else frozenset(reserved)
    held = {
        uid: before for uid in uids if (before := previous.get(uid)) is not None and before in kept
    }
    taken = set(held.values())
    ordered = reserved.hosts() if isinstance(reserved, IPv4Network) else sorted(reserved)
    free = (each for each in ordered if each not in taken)
    for uid in uids:
        if uid not in held and (address := next(free, None)) is not None:
            held[uid] = address
    return held


BATCH = 16
"""Addresses that Azure CNS asks for at a time (semantics 4.4)."""
MINIMUM_FREE = 0.5
"""Of a batch: fewer free ones make CNS ask for another. A batch more than that, and one goes
back; so that what a node holds follows from its pods alone."""
MOST = 250
"""Addresses that CNS asks for at most, however many pods a node takes."""


def requested(demand: int, *, most: int, exhausted: bool = False) -> int:
    """How many addresses CNS wants for a node with `demand` pods (semantics 4.4).

    `most` is what the node takes. In a subnet that is exhausted batches are of one
    address, and one is kept free.
    """
    batch, buffer = (1, 1.0) if exhausted else (BATCH, MINIMUM_FREE)
    return min(batch * math.ceil(buffer + demand / batch), most, MOST)
