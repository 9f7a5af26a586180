"""How Azure CNI attaches pods, where it is not there or attaches them in one way only."""

from collections.abc import Iterator

from lab.topology.cluster import Cluster, Ipam, NetworkMode, NetworkPlugin
from lab.topology.problems import Problem


def check(cluster: Cluster) -> Iterator[Problem]:
    """Problems of the network mode of `cluster`."""
    if cluster.network_plugin is NetworkPlugin.AZURE:
        yield from _apart(cluster)
        return
    for name, value in (
        ("networkMode", cluster.network_mode and cluster.network_mode.value),
        ("azureCNIVersion", cluster.azure_cni_version),
    ):
        if value is not None:
            yield Problem(
                cluster.at(name),
                f"cluster '{cluster.name}' has {name} {value}, which is Azure CNI's, and "
                f"networkPlugin {cluster.network_plugin.value}",
                f"take {name} out, or write networkPlugin: azure",
            )


def _apart(cluster: Cluster) -> Iterator[Problem]:
    """Azure CNS hands out addresses to the transparent mode only (semantics 4.3)."""
    mode = cluster.network_mode
    if mode in {None, NetworkMode.TRANSPARENT}:
        return
    apart = {Ipam.DYNAMIC, Ipam.STATIC_BLOCK, Ipam.OVERLAY}
    if mode is not None and any(cluster.ipam(pool) in apart for pool in cluster.node_pools):
        name = "networkMode" if "networkMode" in cluster.places else "azureCNIVersion"
        yield Problem(
            cluster.at(name),
            f"cluster '{cluster.name}' attaches pods in {mode.value} mode, and its pods have "
            "addresses apart from the nodes' subnet, which takes the transparent mode",
            f"take {name} out, or podSubnet and networkPluginMode",
        )
