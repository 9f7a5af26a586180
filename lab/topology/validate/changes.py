"""What of a cluster that runs can't be changed in place (claim B19).

AKS settles networks, ranges and what nodes keep for pods when it creates a cluster
or a node pool, and answers ``PropertyChangeNotAllowed`` to a change. Pools may come,
go and grow.
"""

from collections.abc import Iterator
from enum import Enum

from lab.topology.cluster import Cluster, NetworkPluginMode, NodePool
from lab.topology.model import Lab
from lab.topology.problems import Location, Problem

_OF_CLUSTER = {
    "networkPluginMode": "network_plugin_mode",
    "podCidr": "pod_cidr",
    "serviceCidr": "service_cidr",
    "dnsServiceIP": "dns_service_ip",
    "dockerBridgeCidr": "docker_bridge_cidr",
}
_OF_POOL = {
    "subnet": "subnet",
    "podSubnet": "pod_subnet",
    "podIPAllocationMode": "pod_ip_allocation_mode",
    "osType": "os_type",
    "maxPods": "max_pods",
}
"""Properties by their names in the lab file."""


def changes(before: Lab, now: Lab) -> Iterator[Problem]:
    """A problem for each property of a cluster that is in both and may not differ."""
    clusters = {cluster.name: cluster for cluster in before.clusters}
    for cluster in now.clusters:
        old = clusters.get(cluster.name)
        if old is None:
            continue
        if old.network_plugin is not cluster.network_plugin:
            yield _problem(
                cluster.at("networkPlugin"),
                f"cluster '{cluster.name}'",
                "networkPlugin",
                old.network_plugin,
                cluster.network_plugin,
            )
            continue  # the rest follows from that
        yield from _cluster(old, cluster)
        pools = {pool.name: pool for pool in old.node_pools}
        for pool in cluster.node_pools:
            if pool.name in pools:
                yield from _pool(pools[pool.name], pool, cluster)


def _cluster(old: Cluster, new: Cluster) -> Iterator[Problem]:
    for name, field in _OF_CLUSTER.items():
        was, is_now = getattr(old, field), getattr(new, field)
        if was != is_now and not (name == "podCidr" and _grows(old, new)):
            yield _problem(new.at(name), f"cluster '{new.name}'", name, was, is_now)


def _grows(old: Cluster, new: Cluster) -> bool:
    """The range of an overlay may become a larger one around it (semantics 4.5)."""
    overlay = new.network_plugin_mode is NetworkPluginMode.OVERLAY
    if not overlay or old.pod_cidr is None or new.pod_cidr is None:
        return False
    return old.pod_cidr.subnet_of(new.pod_cidr)


def _pool(old: NodePool, new: NodePool, cluster: Cluster) -> Iterator[Problem]:
    who = f"node pool '{new.name}' of cluster '{cluster.name}'"
    for name, field in _OF_POOL.items():
        was, is_now = getattr(old, field), getattr(new, field)
        if was != is_now:
            yield _problem(new.at(name), who, name, was, is_now)


def _problem(place: Location, who: str, name: str, was: object, is_now: object) -> Problem:
    pool = who.startswith("node pool")
    return Problem(
        place,
        f"{who} runs with {name} {_shown(was)}, which can't become {_shown(is_now)} "
        "(PropertyChangeNotAllowed)",
        f"write {_shown(was)} again"
        + (", add a node pool instead" if pool else "")
        + ", or destroy the lab first",
    )


def _shown(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return "none" if value is None else str(value)
