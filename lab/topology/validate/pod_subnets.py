"""Subnets that pods have for themselves, and the network models that have none (semantics 4.4)."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from lab.topology.cluster import (
    BLOCK_SIZE,
    Cluster,
    Ipam,
    NetworkPlugin,
    NetworkPluginMode,
    NodePool,
)
from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.validate.places import prefix_of, unknown_subnet
from lab.topology.virtual_network import SubnetReference

RESERVED_FIRST, RESERVED_LAST = 4, 1
"""Addresses of a subnet that nobody gets (semantics 1.8)."""


def check(cluster: Cluster, lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the pod subnets of `cluster`, and of its networkPluginMode."""
    yield from _mode(cluster)
    yield from _all_or_none(cluster)
    for pool in cluster.node_pools:
        yield from _without_pod_subnet(cluster, pool)
        if pool.pod_subnet is not None:
            who = f"node pool '{pool.name}'"
            yield from unknown_subnet(
                pool, pool.pod_subnet, lab, usable=usable, who=who, key="podSubnet"
            )
            yield from _place(pool, pool.pod_subnet, lab)
    yield from _room(cluster, lab)


def _mode(cluster: Cluster) -> Iterator[Problem]:
    if cluster.network_plugin_mode is None or cluster.network_plugin is NetworkPlugin.AZURE:
        return
    yield Problem(
        cluster.at("networkPluginMode"),
        f"cluster '{cluster.name}' has networkPluginMode {cluster.network_plugin_mode.value} and "
        f"networkPlugin {cluster.network_plugin.value}, which has no modes",
        "write networkPlugin: azure, or take networkPluginMode out",
    )


def _without_pod_subnet(cluster: Cluster, pool: NodePool) -> Iterator[Problem]:
    if pool.pod_subnet is None:
        if "podIPAllocationMode" in pool.places:
            yield Problem(
                pool.at("podIPAllocationMode"),
                f"node pool '{pool.name}' has a podIPAllocationMode and no podSubnet to which it "
                "would apply",
                "name a podSubnet, or take podIPAllocationMode out",
            )
    elif not cluster.ipam(pool).has_pod_subnet:
        overlay = cluster.network_plugin_mode is NetworkPluginMode.OVERLAY
        plugin = cluster.network_plugin.value
        model = "networkPluginMode overlay" if overlay else f"networkPlugin {plugin}"
        yield Problem(
            pool.at("podSubnet"),
            f"node pool '{pool.name}' has a podSubnet, and cluster '{cluster.name}' has {model}, "
            "whose pods have no addresses of a subnet",
            "take podSubnet out, or write networkPlugin: azure without networkPluginMode",
        )


def _all_or_none(cluster: Cluster) -> Iterator[Problem]:
    """AKS: all or none of the agent pools set a pod subnet."""
    without = [pool for pool in cluster.node_pools if pool.pod_subnet is None]
    if without and len(without) < len(cluster.node_pools):
        yield Problem(
            without[0].location,
            f"node pool '{without[0].name}' has no podSubnet, other node pools of cluster "
            f"'{cluster.name}' have one",
            "name a podSubnet in all node pools of the cluster, or in none",
        )


def _place(pool: NodePool, reference: SubnetReference, lab: Lab) -> Iterator[Problem]:
    """In the nodes' virtual network (claims C3, L5), and nobody else's."""
    if reference.virtual_network != pool.subnet.virtual_network:
        yield Problem(
            pool.at("podSubnet"),
            f"podSubnet '{reference}' of node pool '{pool.name}' is in virtual network "
            f"'{reference.virtual_network}', its nodes in '{pool.subnet.virtual_network}'",
            f"choose a subnet of '{pool.subnet.virtual_network}': pods and their nodes have to be "
            "in one virtual network",
        )
    other = next(_others(reference, lab), None)
    if other is not None:
        yield Problem(
            pool.at("podSubnet"),
            f"podSubnet '{reference}' of node pool '{pool.name}' is the subnet of {other} as well; "
            "a pod subnet holds pods only",
            "choose a subnet that no node and no virtual machine is in",
        )


def _others(reference: SubnetReference, lab: Lab) -> Iterator[str]:
    for cluster in lab.clusters:
        for pool in cluster.node_pools:
            if pool.subnet == reference:
                yield f"the nodes of pool '{pool.name}' of cluster '{cluster.name}'"
    for machine in lab.virtual_machines:
        if machine.subnet == reference:
            yield f"virtual machine '{machine.name}'"


def _room(cluster: Cluster, lab: Lab) -> Iterator[Problem]:
    """Every node needs an address of the pod subnet, or blocks of it, before there is a pod.

    Told once for each subnet, at the first pool of the lab that names it.
    """
    for pool in cluster.node_pools:
        reference = pool.pod_subnet
        sharing = list(_sharing(lab, reference)) if reference is not None else []
        if not sharing or sharing[0][1] is not pool or reference is None:
            continue
        prefix = prefix_of(lab, reference)
        if prefix is None:
            continue
        blocks = sum(
            each.count * each.blocks
            for owner, each in sharing
            if owner.ipam(each) is Ipam.STATIC_BLOCK
        )
        nodes = sum(each.count for owner, each in sharing if owner.ipam(each) is Ipam.DYNAMIC)
        if blocks > whole_blocks(prefix):
            yield Problem(
                pool.at("podSubnet"),
                f"podSubnet '{reference}' ({prefix}) has {whole_blocks(prefix)} blocks of /28, "
                f"and its nodes need {blocks} for their maxPods",
                "choose a larger subnet, lower maxPods, or write podIPAllocationMode: "
                "DynamicIndividual",
            )
        elif nodes + blocks * BLOCK_SIZE > _usable(prefix):
            yield Problem(
                pool.at("podSubnet"),
                f"podSubnet '{reference}' ({prefix}) has {_usable(prefix)} addresses, and its "
                f"{nodes} nodes need one each before there is a pod",
                "choose a larger subnet, or fewer nodes",
            )


def _sharing(lab: Lab, reference: SubnetReference) -> Iterator[tuple[Cluster, NodePool]]:
    for cluster in lab.clusters:
        for pool in cluster.node_pools:
            if pool.pod_subnet == reference and cluster.ipam(pool).has_pod_subnet:
                yield cluster, pool


def whole_blocks(prefix: IPv4Network) -> int:
    """How many /28 of a subnet hold none of the addresses that nobody gets."""
    return max(0, prefix.num_addresses // BLOCK_SIZE - 2)


def _usable(prefix: IPv4Network) -> int:
    return max(0, prefix.num_addresses - RESERVED_FIRST - RESERVED_LAST)
