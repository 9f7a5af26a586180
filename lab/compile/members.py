"""What the network model of a cluster knows on each of its nodes."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.addressing import gateway
from lab.cloud.virtual_network import network_of
from lab.compile.hosts import Addresses
from lab.compile.nodes import NodeAzureCni, NodeKubenet
from lab.compile.pods import ClusterPods, PlacedPod, Wiring, pod_states
from lab.contract.node_state import AzureCniMode
from lab.kube.identity import azure_host_interface, host_interface
from lab.kube.ipam import bridge_interface
from lab.topology.model import Cloud, Cluster, NetworkMode

TRANSPARENT_GATEWAY = IPv4Address("169.254.1.1")
"""Nobody has it: the node answers ARP for it on each pod's link (semantics 4.3)."""


def members_of(
    cluster: Cluster,
    pods: ClusterPods,
    *,
    cidrs: Mapping[str, IPv4Network],
    cloud: Cloud,
    addresses: Addresses,
) -> dict[str, NodeKubenet | NodeAzureCni]:
    """The nodes of `cluster`, in the order of registration.

    `cidrs` has the range of each node; it is empty for a cluster without a pod CIDR.
    """
    running = pods.by_node
    if cluster.pod_cidr is None:
        return {
            node: _azure(
                cluster, running.get(node, []), cloud=cloud, node=node, addresses=addresses
            )
            for node in pods.last_reserved
        }
    return {
        node: NodeKubenet(
            cluster_cidr=cluster.pod_cidr,
            node_cidr=cidr,
            last_reserved=pods.last_reserved[node],
            pods=pod_states(running.get(node, ()), cluster=cluster, wiring=kubenet_wiring(cidr)),
        )
        for node, cidr in cidrs.items()
    }


def kubenet_wiring(node_cidr: IPv4Network) -> Wiring:
    """Pods of a kubenet node: behind its bridge (claim A10)."""
    return Wiring(
        prefix_length=node_cidr.prefixlen,
        gateway=bridge_interface(node_cidr).ip,
        host_interface=host_interface,
    )


def _azure(
    cluster: Cluster,
    pods: list[PlacedPod],
    *,
    cloud: Cloud,
    node: str,
    addresses: Addresses,
) -> NodeAzureCni:
    interface = addresses.interfaces[node]
    network = network_of(cloud, interface.subnet)
    subnet = next(each for each in network.subnets if each.name == interface.subnet.subnet)
    mode = AzureCniMode((cluster.network_mode or NetworkMode.TRANSPARENT).value)
    routed = mode is AzureCniMode.TRANSPARENT
    wiring = Wiring(
        prefix_length=subnet.address_prefix.prefixlen,
        gateway=TRANSPARENT_GATEWAY if routed else gateway(subnet.address_prefix),
        host_interface=azure_host_interface,
    )
    return NodeAzureCni(
        mode=mode,
        virtual_network=network.address_prefixes,
        reserved=interface.secondary,
        pods=pod_states(pods, cluster=cluster, wiring=wiring),
    )
