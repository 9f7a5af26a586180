"""Where everything is: hosts, addresses, nodes, pods, Services; all that packets can be sent to.

None of it follows from route tables or security groups, so it is worked out anew only
when something else of a lab changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network
from typing import TypeVar

from lab.compile.addresses import Addresses, addresses_of
from lab.compile.clusters import nodes_of, pod_cidrs, registered_nodes
from lab.compile.hosts import Host, hosts_of
from lab.compile.ledger import Ledger, NodeRegistration
from lab.compile.members import members_of
from lab.compile.nodes import Member
from lab.compile.overlays import Overlay, overlay_of
from lab.compile.platform import SharedPlatform, platform_of, platforms_of
from lab.compile.pod_subnets import pod_containers, pod_nodes
from lab.compile.pods import ClusterPods, PodRange, ScheduledPods, place, scheduled
from lab.compile.services import (
    ClusterServices,
    SharedNames,
    cluster_services,
    kube_proxies,
)
from lab.contract.service import KubeProxy
from lab.kube.manifests import Manifests
from lab.remembering import remembering, remembering_each
from lab.topology.cluster import Cluster
from lab.topology.model import Lab

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCluster:
    """The nodes of a cluster and what is on them."""

    cluster: Cluster
    cidrs: Mapping[str, IPv4Network]
    """By node, in the order of registration; none with Azure CNI."""
    nodes: tuple[str, ...]
    """In the order of registration."""
    pods: ClusterPods
    services: ClusterServices


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where everything of a lab is."""

    hosts: tuple[Host, ...]
    addresses: Addresses
    clusters: tuple[PlacedCluster, ...]
    ledger: Ledger
    """Everything handed out, for the next compilation."""
    cidrs: Mapping[str, IPv4Network]
    """The range of pod addresses of each node that has one."""
    overlays: Mapping[str, Overlay]
    """By cluster, of those that have one."""
    members: Mapping[str, Member]
    """What the network model of its cluster knows on each node."""
    platforms: Mapping[str, SharedPlatform]
    """What every host is answered that is answered anything; one object for each network."""
    kube_proxies: Mapping[str, KubeProxy]
    """By node, of those that have one."""
    names: Mapping[str, SharedNames]
    """What CoreDNS knows, by node that runs it; one object for each cluster."""


def placement_of(lab: Lab, manifests: Manifests, previous: Ledger) -> Placement:
    """Where everything of `lab` is; what `previous` holds stays where it can.

    Raises `LabFileError` when the lab needs more addresses than it has.
    """
    cloud = replace(
        lab.cloud, route_tables=(), network_security_groups=(), application_security_groups=()
    )
    return _placed(replace(lab, cloud=cloud, tests=(), warnings=()), manifests, previous)


@remembering(by=lambda lab, *_: lab.name, maxsize=4)
def _placed(lab: Lab, manifests: Manifests, previous: Ledger) -> Placement:
    hosts = hosts_of(lab)
    scheduled_pods = {each.name: _scheduled(each, manifests, previous) for each in lab.clusters}
    addresses = addresses_of(lab, hosts, previous)
    containers = pod_containers(lab.cloud, pod_nodes(lab, scheduled_pods, previous), previous)
    addresses = replace(addresses, pod_containers=containers)
    clusters = tuple(
        _cluster(
            each,
            scheduled_pods[each.name],
            manifests,
            addresses=addresses,
            previous=previous,
        )
        for each in lab.clusters
    )
    networks = platforms_of(lab, hosts, addresses)
    return Placement(
        hosts=hosts,
        addresses=addresses,
        clusters=clusters,
        ledger=_ledger(previous, addresses, clusters),
        cidrs=_joined(each.cidrs for each in clusters),
        overlays={
            each.cluster.name: overlay
            for each in clusters
            if (overlay := overlay_of(each.cluster, each.cidrs, addresses)) is not None
        },
        members=_joined(
            members_of(
                each.cluster, each.pods, cidrs=each.cidrs, cloud=lab.cloud, addresses=addresses
            )
            for each in clusters
        ),
        platforms={
            host.name: each for host in hosts if (each := platform_of(host, networks)) is not None
        },
        kube_proxies=_joined(
            kube_proxies(
                each.cluster, each.services, nodes=each.nodes, cloud=lab.cloud, addresses=addresses
            )
            for each in clusters
        ),
        names=_joined(each.services.names for each in clusters),
    )


def _joined(several: Iterable[Mapping[str, T]]) -> dict[str, T]:
    """What is known of all clusters out of what is known of each, in their order."""
    found: dict[str, T] = {}
    for each in several:
        found.update(each)
    return found


def _scheduled(cluster: Cluster, manifests: Manifests, previous: Ledger) -> ScheduledPods:
    return scheduled(
        cluster,
        manifests.of(cluster.name),
        nodes=nodes_of(cluster),
        registered=registered_nodes(cluster, previous),
        previous=previous,
    )


def _cluster(
    cluster: Cluster,
    pods: ScheduledPods,
    manifests: Manifests,
    *,
    addresses: Addresses,
    previous: Ledger,
) -> PlacedCluster:
    nodes = pods.registered
    cidrs = pod_cidrs(cluster, nodes, previous)
    ranges: Mapping[str, PodRange] = cidrs or {
        node: addresses.pod_containers.get(node, addresses.interfaces[node]).secondary
        for node in nodes
    }
    placed = place(cluster, pods, ranges=ranges, previous=previous)
    return PlacedCluster(
        cluster=cluster,
        cidrs=cidrs,
        nodes=nodes,
        pods=placed,
        services=cluster_services(
            cluster,
            manifests.of(cluster.name),
            pods=placed,
            addresses=addresses,
            previous=previous,
        ),
    )


def _registrations(placed: PlacedCluster) -> Iterable[NodeRegistration]:
    name, cidrs, last_reserved = placed.cluster.name, placed.cidrs, placed.pods.last_reserved
    nodes = {node: (name, node, cidrs.get(node), last_reserved[node]) for node in placed.nodes}
    return _registration(name, nodes).values()


@remembering_each(maxsize=16)
def _registration(
    node: tuple[str, str, IPv4Network | None, IPv4Address | None],
) -> NodeRegistration:
    cluster, name, cidr, last_reserved = node
    return NodeRegistration(cluster=cluster, node=name, pod_cidr=cidr, last_reserved=last_reserved)


def _ledger(previous: Ledger, addresses: Addresses, clusters: Iterable[PlacedCluster]) -> Ledger:
    return Ledger(
        underlay=previous.underlay,
        networks=addresses.networks,
        interfaces=addresses.interfaces,
        pod_containers=addresses.pod_containers,
        public_addresses=addresses.handed_out,
        underlay_addresses=addresses.underlay,
        frontends=addresses.frontends,
        nodes=tuple(node for each in clusters for node in _registrations(each)),
        pods=_joined(each.pods.allocations for each in clusters),
        service_addresses={each.cluster.name: each.services.addresses for each in clusters},
        service_node_ports={
            each.cluster.name: each.services.node_ports
            for each in clusters
            if each.services.node_ports
        },
    )
