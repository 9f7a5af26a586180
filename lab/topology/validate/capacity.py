"""Whether the machines of subnets, networks and interfaces have addresses (semantics 2.8)."""

from collections import Counter
from collections.abc import Iterator

from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.virtual_network import SubnetReference, VirtualNetwork

RESERVED = 5
"""Addresses of a subnet that nobody gets (semantics 1.8)."""


def check(lab: Lab, _usable: Usable) -> Iterator[Problem]:
    """Problems of subnets that are too small for what is in them."""
    yield from _interfaces(lab)
    wanted = _wanted(lab)
    for network in lab.cloud.virtual_networks:
        yield from _network(network, wanted, lab.limits.private_ip_addresses_per_virtual_network)
    for network in lab.cloud.virtual_networks:
        for subnet in network.subnets:
            reference = SubnetReference(virtual_network=network.name, subnet=subnet.name)
            room = max(0, subnet.address_prefix.num_addresses - RESERVED)
            if wanted[reference] > room:
                prefix = 32 - (wanted[reference] + RESERVED - 1).bit_length()
                yield Problem(
                    subnet.at("addressPrefix"),
                    f"subnet '{reference}' ({subnet.address_prefix}) has {room} addresses for "
                    f"machines, but {_who(lab, reference, wanted[reference])} "
                    f"({_error(lab, reference)})",
                    f"choose a prefix of /{prefix} or larger, or move some of them",
                )


def warnings(lab: Lab) -> Iterator[Problem]:
    """Subnets in which an upgrade would find no room: it adds a node before it takes one away."""
    wanted = _wanted(lab)
    for network in lab.cloud.virtual_networks:
        for subnet in network.subnets:
            reference = SubnetReference(virtual_network=network.name, subnet=subnet.name)
            surge = max(
                (
                    1 + cluster.reserved_addresses(pool)
                    for cluster in lab.clusters
                    for pool in cluster.node_pools
                    if pool.subnet == reference and pool.count
                ),
                default=0,
            )
            room = subnet.address_prefix.num_addresses - RESERVED
            if wanted[reference] <= room < wanted[reference] + surge:
                yield Problem(
                    subnet.at("addressPrefix"),
                    f"subnet '{reference}' ({subnet.address_prefix}) has {room} addresses, "
                    f"{wanted[reference]} of them taken: in Azure an upgrade would find no room "
                    f"for the {surge} of the node that it adds first (InsufficientSubnetSize)",
                    "choose a larger prefix for what is to be upgraded; the lab runs as it is",
                )


def _wanted(lab: Lab) -> Counter[SubnetReference]:
    """Addresses that are taken from the start, by subnet."""
    wanted: Counter[SubnetReference] = Counter(machine.subnet for machine in lab.virtual_machines)
    for cluster in lab.clusters:
        for pool in cluster.node_pools:
            wanted[pool.subnet] += pool.count * (1 + cluster.reserved_addresses(pool))
    return wanted


def _interfaces(lab: Lab) -> Iterator[Problem]:
    limit = lab.limits.private_ip_addresses_per_network_interface
    for cluster in lab.clusters:
        for pool in cluster.node_pools:
            kept = 1 + cluster.reserved_addresses(pool)
            if kept > limit:
                yield Problem(
                    pool.at("maxPods"),
                    f"each node of node pool '{pool.name}' would have {kept} addresses on its "
                    f"network interface; {limit} is the limit",
                    f"lower maxPods to {limit - 1}, or raise "
                    "limits.privateIPAddressesPerNetworkInterface",
                )


def _network(
    network: VirtualNetwork, wanted: Counter[SubnetReference], limit: int
) -> Iterator[Problem]:
    total = sum(count for subnet, count in wanted.items() if subnet.virtual_network == network.name)
    if total > limit:
        yield Problem(
            network.location,
            f"virtual network '{network.name}' would have {total} addresses in use; {limit} is the "
            "limit",
            "spread the machines over several networks, lower maxPods, or raise "
            "limits.privateIPAddressesPerVirtualNetwork",
        )


def _error(lab: Lab, reference: SubnetReference) -> str:
    """What the refusal is called: by AKS, or by the network where there are no nodes."""
    nodes = any(pool.subnet == reference for cluster in lab.clusters for pool in cluster.node_pools)
    return "InsufficientSubnetSize" if nodes else "SubnetIsFull"


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
