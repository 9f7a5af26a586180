"""How far each pool of addresses is used: subnets, pod CIDRs, the ranges of nodes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from lab.cloud.virtual_network import subnet_of, subnets
from lab.compile.inspection import AllocationRow, AllocationState
from lab.topology.model import Lab


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    """A pool and how many of its addresses are somebody's."""

    pool: str
    """As in `AllocationRow`."""
    prefix: IPv4Network | None
    """None: the Internet's, which has no end."""
    used: int
    """By network interfaces and pods."""
    reserved: int
    """Kept back: by the subnet, or by a node for its pods."""
    free: int | None
    """Left for whoever comes; None on the Internet."""


def pool_rows(lab: Lab, allocations: Sequence[AllocationRow]) -> Iterator[PoolRow]:
    """A row for every pool, in the order of `allocations`.

    Of a pod CIDR, what nodes got of it and no pod has is reserved.
    """
    of_pool: dict[str, list[AllocationRow]] = {}
    for row in allocations:
        of_pool.setdefault(row.pool, []).append(row)
    for reference in subnets(lab.cloud):
        name = str(reference)
        prefix = subnet_of(lab.cloud, reference).address_prefix
        yield _row(name, prefix, of_pool.pop(name, []))
    for cluster in lab.clusters:
        if cluster.pod_cidr is not None:
            ranges = of_pool.pop(cluster.name, [])
            pools = [f"{cluster.name}/{row.owner}" for row in ranges]
            rows = [row for pool in pools for row in of_pool.pop(pool, [])]
            used = sum(row.state is AllocationState.USED for row in rows)
            given = sum(row.prefix.num_addresses for row in ranges if row.prefix is not None)
            yield PoolRow(
                pool=cluster.name,
                prefix=cluster.pod_cidr,
                used=used,
                reserved=given - used,
                free=cluster.pod_cidr.num_addresses - given,
            )
    for name, rows in of_pool.items():
        yield _row(name, None, rows)


def _row(name: str, prefix: IPv4Network | None, rows: Sequence[AllocationRow]) -> PoolRow:
    used = sum(row.state is AllocationState.USED for row in rows)
    return PoolRow(
        pool=name,
        prefix=prefix,
        used=used,
        reserved=len(rows) - used,
        free=None if prefix is None else prefix.num_addresses - len(rows),
    )
