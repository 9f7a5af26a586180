"""Names that the cloud gives to machines.

A scale set numbers its instances in base 36, six digits wide; the machine is
called after both. Names that users give are checked by the schema.
"""

import hashlib
import re
from functools import lru_cache

from lab.topology.cluster import Cluster, NodePool
from lab.topology.egress import OutboundType
from lab.topology.model import Lab

_SCALE_SET = re.compile(r"aks-.+-(\d{8})-vmss")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def scale_set(cluster: str, pool: str) -> str:
    """Name of the scale set of a pool for which the lab file gives none.

    AKS derives eight digits from the cluster, the same for all its pools
    (claim A8).
    """
    digits = int.from_bytes(hashlib.sha256(cluster.encode()).digest()[:8]) % 10**8
    return f"aks-{pool}-{digits:08}-vmss"


def route_table(cluster: Cluster) -> str:
    """Name of the route table that a cluster brings where its subnet has none.

    AKS calls it after the eight digits that its scale sets have as well.
    """
    return f"{_agent_pool(cluster)}-routetable"


def network_security_group(cluster: Cluster) -> str:
    """Name of the security group that a cluster brings for its nodes' network interfaces."""
    return f"{_agent_pool(cluster)}-nsg"


@lru_cache(maxsize=8192)
def node(scale_set: str, instance: int) -> str:
    """Name of an instance of a scale set, for example ``aks-nodepool1-52243381-vmss000000``."""
    number = ""
    while instance:
        instance, digit = divmod(instance, 36)
        number = _DIGITS[digit] + number
    return f"{scale_set}{number:0>6}"


def nodes(cluster: Cluster) -> tuple[str, ...]:
    """Names of a cluster's nodes, pool by pool, instances ascending."""
    return tuple(each for pool in cluster.node_pools for each in nodes_of_pool(cluster, pool))


def nodes_of_pool(cluster: Cluster, pool: NodePool) -> tuple[str, ...]:
    """Names of the nodes of one of a cluster's pools, instances ascending."""
    return _instances(pool.scale_set or scale_set(cluster.name, pool.name), pool.count)


@lru_cache(maxsize=64)
def _instances(scale_set: str, count: int) -> tuple[str, ...]:
    return tuple(node(scale_set, instance) for instance in range(count))


def hosts(lab: Lab) -> tuple[str, ...]:
    """Names of every host of the lab: nodes, virtual machines, edges, Internet hosts."""
    return (
        *(name for cluster in lab.clusters for name in nodes(cluster)),
        *(machine.name for machine in lab.virtual_machines),
        *(firewall.name for firewall in lab.cloud.azure_firewalls),
        *(host.name for host in lab.internet),
        *on_premises(lab),
        *edges(lab),
    )


def on_premises(lab: Lab) -> tuple[str, ...]:
    """Names of hosts on premises."""
    return tuple(host.name for site in lab.on_premises for host in site.hosts)


def edges(lab: Lab) -> tuple[str, ...]:
    """Names of what stands at the edge of virtual networks: hosts that are a switch alone."""
    return (
        *(gateway.name for gateway in lab.cloud.nat_gateways),
        *(balancer.name for balancer in lab.cloud.load_balancers),
        *(gateway.name for gateway in lab.cloud.virtual_network_gateways),
        *(name for cluster in lab.clusters for name in managed_edges(cluster)),
    )


def managed_edges(cluster: Cluster) -> tuple[str, ...]:
    """Names of what `cluster` makes at the edge by itself."""
    match cluster.egress.outbound_type:
        case OutboundType.LOAD_BALANCER:
            return (load_balancer(cluster),)
        case OutboundType.MANAGED_NAT_GATEWAY:
            return (nat_gateway(cluster),)
        case _:
            return ()


def load_balancer(cluster: Cluster) -> str:
    """Name of a cluster's own load balancer; AKS calls each ``kubernetes``, in groups apart."""
    return f"{cluster.name}-kubernetes"


def nat_gateway(cluster: Cluster) -> str:
    """Name of a cluster's own NAT gateway."""
    return f"{cluster.name}-natgateway"


def _agent_pool(cluster: Cluster) -> str:
    """With what the names begin of that which a cluster makes for all its nodes."""
    pool = cluster.node_pools[0]
    found = _SCALE_SET.fullmatch(pool.scale_set or scale_set(cluster.name, pool.name))
    return f"aks-agentpool-{found[1]}" if found else cluster.name
