"""How Azure CNI attaches pods, where there is no Azure CNI."""

from collections.abc import Iterator

from lab.topology.model import Cluster, NetworkPlugin
from lab.topology.problems import Problem


def check(cluster: Cluster) -> Iterator[Problem]:
    """Problems of the network mode of `cluster`."""
    if cluster.network_plugin is NetworkPlugin.AZURE:
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
