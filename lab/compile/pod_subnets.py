"""What every node has of its pod subnet: batches that follow its pods, or fixed blocks.

A node is one network container of a pod subnet. It has an address of its own there,
and those that its pods may have (semantics 4.4). What a node had stays its own as
far as it still wants it, so that compiling twice changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.addressing import Pool, subnet_pool
from lab.cloud.virtual_network import subnet_of
from lab.compile.clusters import node_names
from lab.compile.ledger import InterfaceAllocation, Ledger
from lab.compile.pods import ScheduledPods
from lab.kube.ipam import requested
from lab.topology.cluster import BLOCK_SIZE, Ipam
from lab.topology.model import Cloud, Lab
from lab.topology.problems import LabFileError, Location, Problem
from lab.topology.virtual_network import SubnetReference


@dataclass(frozen=True, slots=True, kw_only=True)
class PodNode:
    """A node whose pods have addresses of a pod subnet."""

    name: str
    subnet: SubnetReference
    max_pods: int
    blocks: int
    """/28 blocks that it has from the start; 0: batches, as pods come."""
    pods: int
    """That want an address, have it or not."""
    in_use: frozenset[IPv4Address]
    """Addresses that its pods had and keep."""
    location: Location


def pod_nodes(lab: Lab, pods: Mapping[str, ScheduledPods], previous: Ledger) -> Iterator[PodNode]:
    """The nodes of `lab` whose pods have addresses of a pod subnet; `pods` by cluster."""
    for cluster in lab.clusters:
        wanting = pods[cluster.name].wanting
        for pool in cluster.node_pools:
            ipam = cluster.ipam(pool)
            if pool.pod_subnet is None or not ipam.has_pod_subnet:
                continue
            for name in node_names(cluster, pool):
                before = previous.pod_containers.get(name)
                there = before is not None and before.subnet == pool.pod_subnet
                held = set(before.secondary) if before is not None and there else set()
                uids = wanting.get(name, ())
                known = (previous.pods[uid] for uid in uids if uid in previous.pods)
                yield PodNode(
                    name=name,
                    subnet=pool.pod_subnet,
                    max_pods=pool.max_pods,
                    blocks=pool.blocks if ipam is Ipam.STATIC_BLOCK else 0,
                    pods=len(uids),
                    in_use=frozenset(
                        each.address
                        for each in known
                        if each.node == name and each.address is not None and each.address in held
                    ),
                    location=pool.location,
                )


def pod_containers(
    cloud: Cloud, nodes: Iterable[PodNode], previous: Ledger
) -> dict[str, InterfaceAllocation]:
    """What each of `nodes` has, by name, in their order.

    Where a subnet is exhausted, nodes give back what no pod uses but one address, and
    a node may have fewer than its pods want. Raises `LabFileError` when a node finds
    no address for itself, or not all of its blocks.
    """
    nodes = tuple(nodes)
    groups: dict[SubnetReference, list[PodNode]] = {}
    for node in nodes:
        groups.setdefault(node.subnet, []).append(node)
    found: dict[str, InterfaceAllocation] = {}
    problems: list[Problem] = []
    for reference, group in groups.items():
        held = {
            node.name: before
            for node in group
            if (before := previous.pod_containers.get(node.name)) is not None
            and before.subnet == reference
        }
        prefix = subnet_of(cloud, reference).address_prefix
        allocated = _allocated(prefix, group, held)
        missing = [node for node in group if node.name not in allocated]
        if missing:
            problems.append(
                Problem(
                    missing[0].location,
                    f"pod subnet {reference} ({prefix}) has nothing left for {len(missing)} of "
                    f"the {len(group)} nodes that need an address or blocks of it",
                    "choose a larger pod subnet, run fewer pods or nodes in it, or give a node "
                    "pool a podSubnet of its own",
                )
            )
        for name, (own, others) in allocated.items():
            found[name] = InterfaceAllocation(subnet=reference, address=own, secondary=others)
    if problems:
        raise LabFileError(problems)
    return {node.name: found[node.name] for node in nodes}


_Share = tuple[IPv4Address, tuple[IPv4Address, ...]]
"""A node's own address, those for its pods."""


def _allocated(
    prefix: IPv4Network, nodes: Sequence[PodNode], held: Mapping[str, InterfaceAllocation]
) -> dict[str, _Share]:
    pool = subnet_pool(prefix)
    dynamic = [node for node in nodes if not node.blocks]
    kept = {
        name: tuple(each for each in (before.address, *before.secondary) if each in pool)
        for name, before in held.items()
    }
    blocks = _blocks(prefix, pool, [node for node in nodes if node.blocks], kept)
    taken = {address for share in blocks.values() for address in share}
    batches = _batches(pool, dynamic, held, taken)
    shares = {name: (share[0], share[1:]) for name, share in blocks.items()} | batches
    return {node.name: shares[node.name] for node in nodes if node.name in shares}


def _blocks(
    prefix: IPv4Network,
    pool: Pool,
    nodes: Sequence[PodNode],
    kept: Mapping[str, tuple[IPv4Address, ...]],
) -> dict[str, tuple[IPv4Address, ...]]:
    """The blocks of each of `nodes`, those it has kept, otherwise the lowest free ones."""
    found = {
        node.name: kept[node.name]
        for node in nodes
        if len(kept.get(node.name, ())) == node.blocks * BLOCK_SIZE
    }
    others = {node.name for node in nodes} - set(found)
    taken = {each for name, share in kept.items() if name not in others for each in share}
    free = (
        addresses
        for addresses in _whole_blocks(prefix, pool)
        if not any(each in taken for each in addresses)
    )
    for node in nodes:
        if node.name in found:
            continue
        share = [block for _ in range(node.blocks) if (block := next(free, None)) is not None]
        if len(share) == node.blocks:
            found[node.name] = tuple(each for block in share for each in block)
    return found


def _whole_blocks(prefix: IPv4Network, pool: Pool) -> Iterator[list[IPv4Address]]:
    first, last = int(prefix.network_address), int(prefix.broadcast_address)
    for start in range(first, last + 1, BLOCK_SIZE):
        block = [IPv4Address(number) for number in range(start, start + BLOCK_SIZE)]
        if block[0] in pool and block[-1] in pool:
            yield block


def _batches(
    pool: Pool,
    nodes: Sequence[PodNode],
    held: Mapping[str, InterfaceAllocation],
    taken: set[IPv4Address],
) -> dict[str, _Share]:
    """The own address and the batches of each of `nodes`; who finds none is missing."""
    room = sum(map(len, pool.ranges)) - len(taken) - len(nodes)
    room -= sum(len(node.in_use) for node in nodes)
    while room < 0 and nodes:
        # Who came last finds nothing.
        room += 1 + len(nodes[-1].in_use)
        nodes = nodes[:-1]
    shares = _shares(nodes, room)
    own: dict[str, IPv4Address] = {}
    kept: dict[str, list[IPv4Address]] = {}
    for node in nodes:
        before = held.get(node.name)
        if before is not None and before.address in pool and before.address not in taken:
            own[node.name] = before.address
            taken.add(before.address)
    for node in nodes:
        kept[node.name] = sorted(_kept(node, held.get(node.name), shares[node.name], pool, taken))
        taken.update(kept[node.name])
    free = (each for number in pool if (each := IPv4Address(number)) not in taken)
    found: dict[str, _Share] = {}
    for node in nodes:
        address = own[node.name] if node.name in own else next(free)
        more = shares[node.name] - len(kept[node.name])
        batch = sorted((*kept[node.name], *(next(free) for _ in range(more))))
        found[node.name] = address, tuple(batch)
    return found


def _kept(
    node: PodNode,
    before: InterfaceAllocation | None,
    share: int,
    pool: Pool,
    taken: set[IPv4Address],
) -> list[IPv4Address]:
    """What a node goes on having: what its pods use, then the lowest."""
    if before is None:
        return []
    there = [each for each in before.secondary if each in pool and each not in taken]
    return sorted(there, key=lambda each: (each not in node.in_use, each))[:share]


def _shares(nodes: Sequence[PodNode], room: int) -> dict[str, int]:
    """How many addresses each node has for pods; `room` are free beside those in use."""
    wanted = {node.name: requested(node.pods, most=node.max_pods) for node in nodes}
    used = {node.name: len(node.in_use) for node in nodes}
    if sum(max(wanted[name] - used[name], 0) for name in wanted) <= room:
        return {name: max(wanted[name], used[name]) for name in wanted}
    shares = used
    for node in nodes:
        more = min(max(node.pods - shares[node.name], 0), room)
        shares[node.name] += more
        room -= more
    for node in nodes:
        target = requested(node.pods, most=node.max_pods, exhausted=True)
        more = min(max(target - shares[node.name], 0), room)
        shares[node.name] += more
        room -= more
    return shares
