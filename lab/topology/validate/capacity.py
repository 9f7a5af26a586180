"""Whether the machines of a subnet have addresses."""

from collections import Counter
from collections.abc import Iterator

from lab.topology.model import Lab, SubnetReference
from lab.topology.problems import Problem
from lab.topology.usable import Usable

RESERVED = 5
"""Addresses of a subnet that nobody gets (semantics 1.8)."""


def check(lab: Lab, _usable: Usable) -> Iterator[Problem]:
    """Problems of subnets that are too small for what is in them."""
    wanted: Counter[SubnetReference] = Counter(machine.subnet for machine in lab.virtual_machines)
    for cluster in lab.clusters:
        for pool in cluster.node_pools:
            wanted[pool.subnet] += pool.count * (1 + cluster.reserved_addresses(pool))
    for network in lab.cloud.virtual_networks:
        for subnet in network.subnets:
            reference = SubnetReference(virtual_network=network.name, subnet=subnet.name)
            room = max(0, subnet.address_prefix.num_addresses - RESERVED)
            if wanted[reference] > room:
                prefix = 32 - (wanted[reference] + RESERVED - 1).bit_length()
                yield Problem(
                    subnet.at("addressPrefix"),
                    f"subnet '{reference}' ({subnet.address_prefix}) has {room} addresses for "
                    f"machines, but {_who(lab, reference, wanted[reference])}",
                    f"choose a prefix of /{prefix} or larger, or move some of them",
                )


def _who(lab: Lab, reference: SubnetReference, wanted: int) -> str:
    keeps = any(
        pool.subnet == reference and cluster.reserved_addresses(pool)
        for cluster in lab.clusters
        for pool in cluster.node_pools
    )
    if keeps:
        return (
            f"the nodes and virtual machines in it need {wanted}; with networkPlugin azure a node "
            "keeps one for each of its maxPods beside its own"
        )
    return f"{wanted} nodes and virtual machines are in it"
