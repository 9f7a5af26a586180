"""What the network model of a cluster knows on each of its nodes."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from lab.cloud.addressing import gateway
from lab.cloud.dns_zone import internal_suffix
from lab.cloud.virtual_network import network_of, subnet_of
from lab.compile.addresses import Addresses
from lab.compile.azure_cni import (
    NODE_SUBNET_IPAM,
    OVERLAY_IPAM,
    POD_SUBNET_IPAM,
    azure_files,
    pool_log,
)
from lab.compile.nodes import Member, NodeAzureCni, NodeKubenet, NodeWithoutCni
from lab.compile.pods import ClusterPods, PlacedPod, Wiring, pod_states
from lab.contract.node_state import AzureCniMode, Masquerade, Pod
from lab.kube.identity import azure_host_interface, host_interface
from lab.kube.ipam import bridge_interface
from lab.remembering import remembering, remembering_each
from lab.topology.cluster import Cluster, NetworkMode, NetworkPlugin
from lab.topology.model import Cloud
from lab.topology.virtual_network import SubnetReference

TRANSPARENT_GATEWAY = IPv4Address("169.254.1.1")
"""Nobody has it: the node answers ARP for it on each pod's link (semantics 4.3)."""


def members_of(
    cluster: Cluster,
    pods: ClusterPods,
    *,
    cidrs: Mapping[str, IPv4Network],
    cloud: Cloud,
    addresses: Addresses,
) -> Mapping[str, Member]:
    """The nodes of `cluster`, in the order of registration.

    `cidrs` has the range of each node; it is empty for a cluster without a pod CIDR.
    """
    running = pods.by_node
    own = _kept(
        cluster.name,
        _Cluster(
            cluster.network_plugin,
            cluster.network_mode,
            cluster.pod_cidr,
            cluster.dns_service_ip,
            internal_suffix(cluster.node_pools[0].subnet.virtual_network),
        ),
    )
    surroundings: dict[SubnetReference, _Subnet] = {}
    nodes = {}
    for node, last_reserved in pods.last_reserved.items():
        interface, container = addresses.interfaces[node], addresses.pod_containers.get(node)
        reference = interface.subnet if container is None else container.subnet
        if reference not in surroundings:
            surroundings[reference] = _Subnet(
                subnet_of(cloud, reference).address_prefix,
                network_of(cloud, reference).address_prefixes,
            )
        nodes[node] = _Node(
            own,
            running.get(node, ()),
            cidrs.get(node),
            last_reserved,
            apart=container is not None,
            subnet=surroundings[reference],
            kept=interface.secondary,
        )
    return _members(cluster.name, nodes)


class _Cluster(NamedTuple):
    """What all nodes of a cluster have in common."""

    network_plugin: NetworkPlugin
    network_mode: NetworkMode | None
    pod_cidr: IPv4Network | None
    dns_service_ip: IPv4Address
    node_suffix: str


@remembering(by=lambda name, cluster: name, maxsize=16)
def _kept(name: str, cluster: _Cluster) -> _Cluster:
    """One object for as long as it says the same, which each node compares at no cost."""
    return cluster


class _Subnet(NamedTuple):
    prefix: IPv4Network
    around: tuple[IPv4Network, ...]
    """Of the virtual network."""


class _Node(NamedTuple):
    """What a member follows from."""

    cluster: _Cluster
    pods: tuple[PlacedPod, ...]
    """That run on it."""
    cidr: IPv4Network | None
    last_reserved: IPv4Address | None
    apart: bool
    """Its pods have addresses of a pod subnet."""
    subnet: _Subnet
    """The pods' if they are apart, otherwise its own."""
    kept: tuple[IPv4Address, ...]
    """Of its own subnet, for pods."""

    def pod_states(self, wiring: Wiring) -> tuple[Pod, ...]:
        """Its pods as the agent is told."""
        return pod_states(
            self.pods,
            wiring=wiring,
            dns_service_ip=self.cluster.dns_service_ip,
            node_suffix=self.cluster.node_suffix,
        )


@remembering_each(maxsize=16)
def _members(node: _Node) -> Member:
    cluster, subnet = node.cluster, node.subnet.prefix
    if cluster.network_plugin is NetworkPlugin.KUBENET and cluster.pod_cidr and node.cidr:
        return NodeKubenet(
            cluster_cidr=cluster.pod_cidr,
            node_cidr=node.cidr,
            last_reserved=node.last_reserved,
            pods=node.pod_states(kubenet_wiring(node.cidr)),
        )
    if cluster.network_plugin is NetworkPlugin.NONE:
        return NodeWithoutCni(pods=node.pod_states(transparent_wiring(subnet)))
    if cluster.pod_cidr is not None:
        return _in_overlay(node, cluster.pod_cidr)
    return _in_pod_subnet(node) if node.apart else _in_node_subnet(node)


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


def _in_node_subnet(node: _Node) -> NodeAzureCni:
    """What leaves the virtual network leaves as the node (claims B21, B22)."""
    subnet = node.subnet.prefix
    mode = AzureCniMode((node.cluster.network_mode or NetworkMode.TRANSPARENT).value)
    wiring = transparent_wiring(subnet)
    if mode is not AzureCniMode.TRANSPARENT:
        wiring = replace(wiring, gateway=gateway(subnet))
    states = node.pod_states(wiring)
    log = pool_log(subnet=subnet, gateway=gateway(subnet), reserved=node.kept)
    return NodeAzureCni(
        mode=mode,
        masquerade=Masquerade(non_masquerade_cidrs=node.subnet.around),
        files=(*azure_files(mode, NODE_SUBNET_IPAM, states), log),
        pods=states,
    )


def _in_pod_subnet(node: _Node) -> NodeAzureCni:
    """Pods keep their addresses everywhere but on the way to the platform's services."""
    subnet = node.subnet.prefix
    states = node.pod_states(transparent_wiring(subnet))
    return NodeAzureCni(
        routes_via_gateway=(subnet,),
        masquerade=Masquerade(agent=False, platform_sources=(subnet,)),
        files=azure_files(AzureCniMode.TRANSPARENT, POD_SUBNET_IPAM, states),
        pods=states,
    )


def _in_overlay(node: _Node, pod_cidr: IPv4Network) -> NodeAzureCni:
    """What leaves the overlay leaves as the node; pods have the mask of the whole of it."""
    states = node.pod_states(transparent_wiring(pod_cidr))
    return NodeAzureCni(
        masquerade=Masquerade(non_masquerade_cidrs=(pod_cidr,)),
        files=azure_files(AzureCniMode.TRANSPARENT, OVERLAY_IPAM, states),
        pods=states,
    )
