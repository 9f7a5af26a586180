"""What the network model of a cluster knows on each of its nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.addressing import gateway
from lab.cloud.virtual_network import network_of, subnet_of
from lab.compile.addresses import Addresses
from lab.compile.azure_cni import (
    NODE_SUBNET_IPAM,
    OVERLAY_IPAM,
    POD_SUBNET_IPAM,
    azure_files,
    pool_log,
)
from lab.compile.ledger import InterfaceAllocation
from lab.compile.nodes import Member, NodeAzureCni, NodeKubenet, NodeWithoutCni
from lab.compile.pods import ClusterPods, PlacedPod, Wiring, pod_states
from lab.contract.node_state import AzureCniMode, Masquerade
from lab.kube.identity import azure_host_interface, host_interface
from lab.kube.ipam import bridge_interface
from lab.topology.cluster import Cluster, NetworkMode, NetworkPlugin
from lab.topology.model import Cloud

TRANSPARENT_GATEWAY = IPv4Address("169.254.1.1")
"""Nobody has it: the node answers ARP for it on each pod's link (semantics 4.3)."""


def members_of(
    cluster: Cluster,
    pods: ClusterPods,
    *,
    cidrs: Mapping[str, IPv4Network],
    cloud: Cloud,
    addresses: Addresses,
) -> dict[str, Member]:
    """The nodes of `cluster`, in the order of registration.

    `cidrs` has the range of each node; it is empty for a cluster without a pod CIDR.
    """
    running = pods.by_node
    found: dict[str, Member] = {}
    for node, last_reserved in pods.last_reserved.items():
        its = running.get(node, [])
        if cluster.pod_cidr is not None and cluster.network_plugin is NetworkPlugin.KUBENET:
            wiring = kubenet_wiring(cidrs[node])
            found[node] = NodeKubenet(
                cluster_cidr=cluster.pod_cidr,
                node_cidr=cidrs[node],
                last_reserved=last_reserved,
                pods=pod_states(its, cluster=cluster, wiring=wiring),
            )
        elif cluster.network_plugin is NetworkPlugin.NONE:
            subnet = subnet_of(cloud, addresses.interfaces[node].subnet).address_prefix
            states = pod_states(its, cluster=cluster, wiring=transparent_wiring(subnet))
            found[node] = NodeWithoutCni(pods=states)
        elif cluster.pod_cidr is not None:
            found[node] = _in_overlay(cluster, its, cluster.pod_cidr)
        elif node in addresses.pod_containers:
            subnet = subnet_of(cloud, addresses.pod_containers[node].subnet).address_prefix
            found[node] = _in_pod_subnet(cluster, its, subnet)
        else:
            found[node] = _in_node_subnet(cluster, its, addresses.interfaces[node], cloud)
    return found


@lru_cache(maxsize=1024)
def kubenet_wiring(node_cidr: IPv4Network) -> Wiring:
    """Pods of a kubenet node: behind its bridge (claim A10)."""
    return Wiring(
        prefix_length=node_cidr.prefixlen,
        gateway=bridge_interface(node_cidr).ip,
        host_interface=host_interface,
    )


def transparent_wiring(prefix: IPv4Network) -> Wiring:
    """Pods of an Azure CNI node that have addresses of `prefix`: routed (semantics 4.3)."""
    return Wiring(
        prefix_length=prefix.prefixlen,
        gateway=TRANSPARENT_GATEWAY,
        host_interface=azure_host_interface,
    )


def _in_node_subnet(
    cluster: Cluster, pods: Sequence[PlacedPod], interface: InterfaceAllocation, cloud: Cloud
) -> NodeAzureCni:
    """What leaves the virtual network leaves as the node (claims B21, B22)."""
    subnet = subnet_of(cloud, interface.subnet).address_prefix
    mode = AzureCniMode((cluster.network_mode or NetworkMode.TRANSPARENT).value)
    wiring = transparent_wiring(subnet)
    if mode is not AzureCniMode.TRANSPARENT:
        wiring = replace(wiring, gateway=gateway(subnet))
    states = pod_states(pods, cluster=cluster, wiring=wiring)
    log = pool_log(subnet=subnet, gateway=gateway(subnet), reserved=interface.secondary)
    return NodeAzureCni(
        mode=mode,
        masquerade=Masquerade(
            non_masquerade_cidrs=network_of(cloud, interface.subnet).address_prefixes
        ),
        files=(*azure_files(mode, NODE_SUBNET_IPAM, states), log),
        pods=states,
    )


def _in_pod_subnet(
    cluster: Cluster, pods: Sequence[PlacedPod], subnet: IPv4Network
) -> NodeAzureCni:
    """Pods keep their addresses everywhere but on the way to the platform's services."""
    states = pod_states(pods, cluster=cluster, wiring=transparent_wiring(subnet))
    return NodeAzureCni(
        routes_via_gateway=(subnet,),
        masquerade=Masquerade(agent=False, platform_sources=(subnet,)),
        files=azure_files(AzureCniMode.TRANSPARENT, POD_SUBNET_IPAM, states),
        pods=states,
    )


def _in_overlay(cluster: Cluster, pods: Sequence[PlacedPod], pod_cidr: IPv4Network) -> NodeAzureCni:
    """What leaves the overlay leaves as the node; pods have the mask of the whole of it."""
    states = pod_states(pods, cluster=cluster, wiring=transparent_wiring(pod_cidr))
    return NodeAzureCni(
        masquerade=Masquerade(non_masquerade_cidrs=(pod_cidr,)),
        files=azure_files(AzureCniMode.TRANSPARENT, OVERLAY_IPAM, states),
        pods=states,
    )
