"""Windows node pools: where AKS takes them, and what a lab makes of them."""

from collections.abc import Iterator

from lab.topology.cluster import Cluster, NetworkDataplane, NetworkPlugin, OsType
from lab.topology.problems import Problem

WINDOWS_NAME = 6
"""Characters that the name of a Windows pool may have."""


def check(cluster: Cluster) -> Iterator[Problem]:
    """Problems of the Windows pools of `cluster`."""
    pools = [pool for pool in cluster.node_pools if pool.os_type is OsType.WINDOWS]
    for pool in pools:
        if cluster.network_plugin is not NetworkPlugin.AZURE:
            yield Problem(
                pool.at("osType"),
                f"node pool '{pool.name}' is a Windows pool, which "
                f"networkPlugin {cluster.network_plugin.value} does not support "
                "(AzureCNIOnlyForWindows)",
                "write osType: Linux or take osType out, or write networkPlugin: azure",
            )
        elif cluster.network_dataplane is NetworkDataplane.CILIUM:
            yield Problem(
                pool.at("osType"),
                f"node pool '{pool.name}' is a Windows pool, and Cilium takes Linux nodes only",
                "write osType: Linux, or networkDataplane: azure",
            )
        elif len(pool.name) > WINDOWS_NAME:
            yield Problem(
                pool.at("name"),
                f"the name of Windows node pool '{pool.name}' has {len(pool.name)} characters; "
                f"{WINDOWS_NAME} is the limit",
                "shorten it",
            )
    supported = cluster.network_plugin is NetworkPlugin.AZURE
    if supported and pools and len(pools) == len(cluster.node_pools):
        yield Problem(
            cluster.at("nodePools"),
            f"cluster '{cluster.name}' has Windows node pools only, and its system pods need Linux",
            "add a Linux node pool",
        )


def warnings(cluster: Cluster) -> Iterator[Problem]:
    """What differs from Windows in the lab."""
    for pool in cluster.node_pools:
        if pool.os_type is OsType.WINDOWS:
            yield Problem(
                pool.at("osType"),
                f"the nodes of Windows node pool '{pool.name}' are Linux machines in the lab: "
                "addresses, routes and rules of the cloud are those of Windows nodes, TTL and "
                "what is inside the nodes is not",
                "expect TTL 64 where Windows has 128, and Linux' interfaces",
            )
