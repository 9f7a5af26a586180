"""What still works and is being retired by Azure: a warning each, with the day."""

from collections.abc import Iterator

from lab.topology.cluster import Cluster, NetworkPlugin, NetworkPolicy, OsType
from lab.topology.egress import PublicIPAddressSku
from lab.topology.model import Lab
from lab.topology.problems import Problem


def warnings(lab: Lab) -> Iterator[Problem]:
    """Retired things that the lab has."""
    for cluster in lab.clusters:
        if cluster.network_plugin is NetworkPlugin.KUBENET:
            default = "" if "networkPlugin" in cluster.places else ", the default of labs"
            yield Problem(
                cluster.at("networkPlugin"),
                f"cluster '{cluster.name}' has networkPlugin kubenet{default}, which AKS retires "
                "on 31 March 2028",
                "choose networkPlugin azure for what is to last, with networkPluginMode overlay "
                "where addresses are scarce",
            )
        if cluster.network_policy is NetworkPolicy.AZURE:
            yield from _network_policy_manager(cluster)
    yield from _basic_addresses(lab)


def _basic_addresses(lab: Lab) -> Iterator[Problem]:
    for address in lab.cloud.public_ip_addresses:
        if address.sku is PublicIPAddressSku.BASIC:
            yield Problem(
                address.at("sku"),
                f"public address '{address.name}' is of sku Basic, which Azure retired on "
                "30 September 2025",
                "choose sku Standard, with a network security group for what may come in",
            )


def _network_policy_manager(cluster: Cluster) -> Iterator[Problem]:
    windows = any(pool.os_type is OsType.WINDOWS for pool in cluster.node_pools)
    day = (
        "30 September 2026 on Windows and 30 September 2028 on Linux"
        if windows
        else ("30 September 2028")
    )
    yield Problem(
        cluster.at("networkPolicy"),
        f"cluster '{cluster.name}' has networkPolicy azure, Azure Network Policy Manager, which "
        f"AKS retires on {day}",
        "choose calico for what is to last, or Cilium in Azure",
    )
