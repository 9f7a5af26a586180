"""The underlay of a lab in an engine: an internal network with a range of its own.

Docker networks of one engine may not overlap, so every lab gets its own part of
`UNDERLAY`. Nothing of the range ever reaches the machine: the bridge has no
address, so there is no gateway and the machine has no route to a container.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from lab.contract.underlay import UNDERLAY

LAB_PREFIX_LENGTH = 22
"""1,022 addresses: a Linux bridge takes 1,023 ports, so a lab can't outgrow its range."""

OPTIONS = {
    # At 1500 every full frame of a pod would leave in two fragments.
    "com.docker.network.driver.mtu": "9000",
    # `internal` alone leaves the machine's own addresses reachable on old engines.
    "com.docker.network.bridge.inhibit_ipv4": "true",
}
"""Driver options of the underlay."""

SHIPPED_UNDERLAY = IPv4Network("198.19.252.0/22")
"""The range of the shipped compose file: the last one, as `free_ranges` starts with the first."""


def free_ranges(taken: Iterable[IPv4Network]) -> Iterator[IPv4Network]:
    """Ranges that a lab can have, the first one first."""
    occupied = tuple(network for network in taken if network.overlaps(UNDERLAY))
    return (
        candidate
        for candidate in UNDERLAY.subnets(new_prefix=LAB_PREFIX_LENGTH)
        if candidate != SHIPPED_UNDERLAY
        and not any(candidate.overlaps(network) for network in occupied)
    )
