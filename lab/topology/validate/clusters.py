"""Clusters and their node pools (semantics 4.1, 4.3)."""

from collections.abc import Iterator

from lab.topology.cluster import Cluster, NetworkPlugin, NetworkPluginMode, NodePool
from lab.topology.limits import Limits
from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.usable import Usable
from lab.topology.validate import (
    add_ons,
    cluster_ranges,
    network_modes,
    operating_systems,
    pod_subnets,
)
from lab.topology.validate.duplicates import duplicates
from lab.topology.validate.places import unknown_subnet
from lab.topology.virtual_network import SubnetReference


def warnings(lab: Lab) -> Iterator[Problem]:
    """What of clusters works, but not as in Azure."""
    for cluster in lab.clusters:
        yield from operating_systems.warnings(cluster)
        yield from add_ons.warnings(cluster)
        yield from cluster_ranges.warnings(cluster, lab)


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of clusters."""
    yield from duplicates(lab.clusters, "cluster")
    yield from _scale_sets(lab)
    yield from _shared_subnets(lab)
    for cluster in lab.clusters:
        yield from duplicates(cluster.node_pools, "node pool", f" in cluster '{cluster.name}'")
        yield from _size(cluster, lab.limits, usable)
        yield from _one_virtual_network(cluster)
        yield from pod_subnets.check(cluster, lab, usable)
        for pool in cluster.node_pools:
            who = f"node pool '{pool.name}'"
            yield from unknown_subnet(pool, pool.subnet, lab, usable=usable, who=who)
            yield from _registration_order(pool)
        yield from cluster_ranges.check(cluster, lab)
        yield from network_modes.check(cluster)
        yield from operating_systems.check(cluster)
        yield from add_ons.check(cluster)


def _scale_sets(lab: Lab) -> Iterator[Problem]:
    first: dict[str | None, tuple[str, NodePool]] = {}
    for cluster in lab.clusters:
        for pool in cluster.node_pools:
            owner, before = first.setdefault(pool.scale_set, (cluster.name, pool))
            if before is not pool and (owner, before.name) != (cluster.name, pool.name):
                yield Problem(
                    pool.at("scaleSet"),
                    f"node pools '{before.name}' of cluster '{owner}' and '{pool.name}' of cluster "
                    f"'{cluster.name}' have the same scale set '{pool.scale_set}', so their nodes "
                    "would have the same names",
                    "give each pool a scaleSet of its own, or leave it out",
                )


def _shared_subnets(lab: Lab) -> Iterator[Problem]:
    """Two kubenet clusters would write into one route table."""
    first: dict[str, Cluster] = {}
    for cluster in lab.clusters:
        if cluster.network_plugin is not NetworkPlugin.KUBENET:
            continue
        for pool in cluster.node_pools:
            table = _route_table(lab, pool.subnet)
            shared = table or f"subnet '{pool.subnet}'"
            before = first.setdefault(shared, cluster)
            if before is not cluster:
                yield Problem(
                    pool.at("subnet"),
                    f"clusters '{before.name}' and '{cluster.name}' share {shared}; with kubenet "
                    "each needs its own",
                    "put the nodes of one of them into another subnet"
                    + (" with another route table" if table else ""),
                )
                break


def _route_table(lab: Lab, reference: SubnetReference) -> str | None:
    for network in lab.cloud.virtual_networks:
        for subnet in network.subnets:
            if (network.name, subnet.name) == (reference.virtual_network, reference.subnet):
                return subnet.route_table and f"route table '{subnet.route_table}'"
    return None


def _size(cluster: Cluster, limits: Limits, usable: Usable) -> Iterator[Problem]:
    total = sum(pool.count for pool in cluster.node_pools)
    limit = limits.nodes_per_kubenet_cluster
    if total > limit and cluster.network_plugin is NetworkPlugin.KUBENET:
        largest = max(cluster.node_pools, key=lambda pool: pool.count)
        yield Problem(
            largest.at("count"),
            f"cluster '{cluster.name}' has {total} nodes; {limit} is the limit of kubenet, "
            "which needs a user-defined route for each",
            f"lower the count of its node pools to {limit} in all, or choose networkPlugin azure",
        )
    overlay = cluster.network_plugin_mode is NetworkPluginMode.OVERLAY
    if overlay and total > limits.nodes_per_overlay_cluster:
        yield Problem(
            cluster.at("nodePools"),
            f"cluster '{cluster.name}' has {total} nodes; {limits.nodes_per_overlay_cluster} is "
            "the limit of an overlay",
            "lower the count of its node pools, or raise limits.nodesPerOverlayCluster",
        )
    if total == 0 and not usable.lacks("nodePools"):
        yield Problem(
            cluster.at("nodePools"),
            f"cluster '{cluster.name}' has no node",
            "give one of its node pools a count of at least 1",
        )


def _one_virtual_network(cluster: Cluster) -> Iterator[Problem]:
    for pool in cluster.node_pools[1:]:
        first = cluster.node_pools[0].subnet.virtual_network
        if pool.subnet.virtual_network != first:
            yield Problem(
                pool.at("subnet"),
                f"node pool '{pool.name}' is in virtual network '{pool.subnet.virtual_network}', "
                f"the first pool of cluster '{cluster.name}' in '{first}'",
                f"choose a subnet of '{first}': a cluster has one virtual network",
            )


def _registration_order(pool: NodePool) -> Iterator[Problem]:
    if sorted(pool.registration_order) != list(range(pool.count)):
        names = {0: "be empty", 1: "be [0]"}.get(
            pool.count, f"name each instance from 0 to {pool.count - 1} once"
        )
        yield Problem(
            pool.at("registrationOrder"),
            f"registrationOrder of node pool '{pool.name}' does not name each of its "
            f"{pool.count} instances once",
            f"it has to {names}; left out, it is ascending",
        )
