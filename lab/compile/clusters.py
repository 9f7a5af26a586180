"""Which nodes of a cluster are registered, in which order, with which range of pod addresses."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.cluster_routes import RoutedCluster, node_route
from lab.compile.ledger import Ledger
from lab.kube.ipam import node_cidrs
from lab.kube.scheduling import Node
from lab.remembering import remembering_each
from lab.topology import names
from lab.topology.cluster import Cluster, NodePool
from lab.topology.problems import LabFileError, Problem
from lab.topology.route_table import Route


def nodes_of(cluster: Cluster) -> tuple[Node, ...]:
    """The nodes as the scheduler sees them, pool by pool, instances ascending."""
    return tuple(
        _node(pool.name, name, pool.max_pods)
        for pool in cluster.node_pools
        for name in node_names(cluster, pool)
    )


def node_names(cluster: Cluster, pool: NodePool) -> tuple[str, ...]:
    """The nodes of a pool of `cluster`, instances ascending."""
    return names.nodes_of_pool(cluster, pool)


def registered_nodes(cluster: Cluster, previous: Ledger) -> tuple[str, ...]:
    """The nodes in the order of registration (claims A10, A15).

    Who was registered stays so; who is new comes behind, in the order that the
    pools ask for.
    """
    joining = dict.fromkeys(_joining(cluster))
    before = dict.fromkeys(each.node for each in previous.registered(cluster.name))
    return (
        *(name for name in before if name in joining),
        *(name for name in joining if name not in before),
    )


def pod_cidrs(cluster: Cluster, order: Sequence[str], previous: Ledger) -> dict[str, IPv4Network]:
    """The range of each node, in the `order` of registration (claims A10, A15).

    Empty for a cluster without a pod CIDR. Raises `LabFileError` when the pod CIDR has
    too few ranges.
    """
    if cluster.pod_cidr is None:
        return {}
    before = {
        each.node: each.pod_cidr
        for each in previous.registered(cluster.name)
        if each.pod_cidr is not None
    }
    found = node_cidrs(cluster.pod_cidr, nodes=order, previous=before)
    if len(found) < len(order):
        raise LabFileError(
            [
                Problem(
                    cluster.at("podCidr"),
                    f"podCidr {cluster.pod_cidr} holds a /24 for {len(found)} nodes, and cluster "
                    f"{cluster.name} has {len(order)}",
                    "choose a larger podCidr, or fewer nodes",
                )
            ]
        )
    return found


def routed_cluster(
    cluster: Cluster, cidrs: Mapping[str, IPv4Network], addresses: Mapping[str, IPv4Address]
) -> RoutedCluster:
    """What the cluster's cloud provider wants of the route tables (claims A21, A22)."""
    return RoutedCluster(
        name=cluster.name,
        managed_table=names.route_table(cluster),
        subnets=tuple(dict.fromkeys(pool.subnet for pool in cluster.node_pools if pool.count)),
        routes=tuple(
            _route(
                cluster.name, {node: (node, cidr, addresses[node]) for node, cidr in cidrs.items()}
            ).values()
        ),
    )


@remembering_each(maxsize=16)
def _route(node: tuple[str, IPv4Network, IPv4Address]) -> Route:
    """One object for as long as the node stays where it is."""
    name, cidr, address = node
    return node_route(name, pod_cidr=cidr, address=address)


def _joining(cluster: Cluster) -> Sequence[str]:
    """Node names in the order in which they register when the cluster is created."""
    found: list[str] = []
    for pool in cluster.node_pools:
        nodes = names.nodes_of_pool(cluster, pool)
        first = [nodes[number] for number in pool.registration_order if number < pool.count]
        found += dict.fromkeys((*first, *nodes))
    return found


@lru_cache(maxsize=2048)
def _node(pool: str, name: str, max_pods: int) -> Node:
    return Node(
        name=name,
        max_pods=max_pods,
        labels={
            "agentpool": pool,
            "kubernetes.azure.com/agentpool": pool,
            "kubernetes.azure.com/role": "agent",
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "kubernetes.io/role": "agent",
        },
    )
