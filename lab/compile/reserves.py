"""What nodes keep for their pods is settled when they are created (claims B4, B19)."""

from collections.abc import Iterable, Iterator

from lab.compile.hosts import Host
from lab.compile.ledger import Ledger
from lab.topology.problems import Location, Problem


def changed_reserves(hosts: Iterable[Host], previous: Ledger) -> Iterator[Problem]:
    """A problem for each node pool whose nodes would have to keep other addresses.

    They are secondary addresses of network interfaces that are there; neither their
    number (`maxPods`) nor their subnet changes in place.
    """
    told: set[Location] = set()
    for host in hosts:
        before = previous.interfaces.get(host.name)
        if before is None or not before.secondary or not host.reserved_addresses:
            continue
        kept = (before.subnet, len(before.secondary))
        if kept != (host.subnet, host.reserved_addresses) and host.location not in told:
            told.add(host.location)
            yield Problem(
                host.location,
                f"node {host.name} keeps {kept[1]} addresses of {kept[0]} for pods since it was "
                f"created, and is now to keep {host.reserved_addresses} of {host.subnet}",
                "leave subnet and maxPods of its node pool as they were and add a node pool, or "
                "destroy the lab first",
            )
