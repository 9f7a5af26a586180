"""What a cluster's network plugin has to fit: policy engines, data plane, add-ons."""

from collections.abc import Iterator

from lab.topology.cluster import Cluster, NetworkDataplane, NetworkPlugin, NetworkPolicy
from lab.topology.problems import Problem


def check(cluster: Cluster) -> Iterator[Problem]:
    """Problems of what is beside the plugin of `cluster`."""
    yield from _network_policy(cluster)
    yield from _dataplane(cluster)
    if cluster.virtual_nodes and cluster.network_plugin is not NetworkPlugin.AZURE:
        yield Problem(
            cluster.at("addonProfiles"),
            f"cluster '{cluster.name}' has virtual nodes (aciConnectorLinux), which need Azure "
            f"CNI, and networkPlugin {cluster.network_plugin.value}",
            "write networkPlugin: azure, or disable the add-on",
        )


def warnings(cluster: Cluster) -> Iterator[Problem]:
    """What `cluster` has beside its plugin and its lab has not."""
    if cluster.virtual_nodes:
        yield Problem(
            cluster.at("addonProfiles"),
            f"cluster '{cluster.name}' has virtual nodes (aciConnectorLinux), and labs have none: "
            "no pod is placed on one",
            "expect every pod on a node of the pools",
        )
    calico = cluster.network_policy is NetworkPolicy.CALICO
    if calico and cluster.network_plugin is NetworkPlugin.KUBENET:
        yield Problem(
            cluster.at("networkPolicy"),
            f"cluster '{cluster.name}' has kubenet with networkPolicy calico, which connects pods "
            "by routes in Azure; nodes of the lab have the bridge cbr0",
            "take networkPolicy out, or expect TTL and interfaces to differ from Azure in this",
        )


def _network_policy(cluster: Cluster) -> Iterator[Problem]:
    azure = cluster.network_policy is NetworkPolicy.AZURE
    if azure and cluster.network_plugin is NetworkPlugin.KUBENET:
        yield Problem(
            cluster.at("networkPolicy"),
            f"cluster '{cluster.name}' has networkPolicy azure, which is not supported with "
            "networkPlugin kubenet (NetworkPolicyAzureNotSupportedForKubenet)",
            "write networkPolicy: calico, or networkPlugin: azure",
        )
    cilium = cluster.network_policy is NetworkPolicy.CILIUM
    if cilium and cluster.network_dataplane is not NetworkDataplane.CILIUM:
        yield Problem(
            cluster.at("networkPolicy"),
            f"cluster '{cluster.name}' has networkPolicy cilium without networkDataplane cilium",
            "write networkPolicy: calico or azure, or none",
        )


def _dataplane(cluster: Cluster) -> Iterator[Problem]:
    if cluster.network_dataplane is not NetworkDataplane.CILIUM:
        return
    yield Problem(
        cluster.at("networkDataplane"),
        f"cluster '{cluster.name}' has networkDataplane cilium, which this version of vnetlab does "
        "not build",
        "write networkDataplane: azure, or take it out",
    )
