"""Addresses of the underlay: the range of all labs, and which of a lab's range are hosts'.

Benchmarking addresses (RFC 2544): nothing on the machine or in a lab's own
address plan is meant to live there. Labs whose underlays share an address space,
as Docker networks do, each get a range of their own out of it.
"""

from ipaddress import IPv4Address, IPv4Network

UNDERLAY = IPv4Network("198.18.0.0/15")
"""The range of all labs, and of a lab that shares its underlay with no other."""

RESERVED = 10
"""Leading addresses of a lab's range that no host gets: the network's own, its gateway, the
cloud process, and room for what comes."""


def cloud_address(underlay: IPv4Network) -> IPv4Address:
    """The address of the cloud process where it has one: the one after the gateway's."""
    return underlay[2]


def first_host_address(underlay: IPv4Network) -> IPv4Address:
    """The lowest address that a host may get."""
    return underlay[RESERVED]
