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
        if outer is not None and current[0].overlaps(outer[0]):
            first, second = sorted((outer, current), key=lambda each: each[1])
            yield first[2], second[2]
        else:
            outer = current
