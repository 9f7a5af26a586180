"""Ranges that may not be used, and which of a set of ranges overlap."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from typing import TypeVar

T = TypeVar("T")

NETWORK_RESERVED = {
    IPv4Network("0.0.0.0/8"): "this network",
    IPv4Network("127.0.0.0/8"): "loopback",
    IPv4Network("168.63.129.16/32"): "the host's own services",
    IPv4Network("169.254.0.0/16"): "link-local addresses",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("255.255.255.255/32"): "broadcast",
}
"""What no virtual network may contain (semantics 1.9)."""

CLUSTER_RESERVED = {
    IPv4Network("169.254.0.0/16"): "AKS",
    IPv4Network("172.30.0.0/16"): "AKS",
    IPv4Network("172.31.0.0/16"): "AKS",
    IPv4Network("192.0.2.0/24"): "AKS",
}
"""What neither a cluster nor its virtual network may contain (semantics 1.9)."""


ANY_RESERVED = tuple(NETWORK_RESERVED | CLUSTER_RESERVED)
CLUSTER_ALONE_RESERVED = tuple(CLUSTER_RESERVED.keys() - NETWORK_RESERVED.keys())
"""What is kept from clusters and from no other network."""


def overlap(one: IPv4Network, other: IPv4Network) -> bool:
    """As `IPv4Network.overlaps`, at less cost: checking a lab asks for dozens."""
    length = min(one.prefixlen, other.prefixlen)
    apart = int(one.network_address) ^ int(other.network_address)
    return not apart >> (one.max_prefixlen - length)


def overlapping(ranges: Iterable[tuple[IPv4Network, T]]) -> Iterator[tuple[T, T]]:
    """Pairs of which one lies within the other, in the order given; each range once at most.

    Prefixes either nest or are apart, so one pass over the sorted ones finds for
    each its nearest neighbour that contains it.
    """
    numbered = sorted(
        ((prefix, order, owner) for order, (prefix, owner) in enumerate(ranges)),
        key=lambda each: (each[0].network_address, each[0].prefixlen, each[1]),
    )
    outer: tuple[IPv4Network, int, T] | None = None
    for current in numbered:
        if outer is not None and overlap(current[0], outer[0]):
            first, second = sorted((outer, current), key=lambda each: each[1])
            yield first[2], second[2]
        else:
            outer = current
