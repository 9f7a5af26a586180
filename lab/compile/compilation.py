"""A lab compiled: the desired state of every host, and what is shown of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import IPv4Network
from itertools import chain

from lab.cloud.cluster_routes import associations
from lab.cloud.managed_egress import with_managed_egress
from lab.cloud.route_table import EffectiveRoute
from lab.compile.address_pools import PoolRow, pool_rows
from lab.compile.addresses import Addresses, addresses_of
from lab.compile.attachments import (
    Fabric,
    PortRoutes,
    attachment,
    routes_of_answers,
    routes_of_ports,
)
from lab.compile.clusters import nodes_of, pod_cidrs, registered_nodes, routed_cluster
from lab.compile.edges import edge_state, edges_of
from lab.compile.encoding import encoded
from lab.compile.hosts import hosts_of
from lab.compile.inspection import (
    AllocationRow,
    NodeRow,
    PodRow,
    node_rows,
    pod_allocations,
    pod_rows,
    subnet_allocations,
)
from lab.compile.ledger import Ledger, NodeRegistration
from lab.compile.load_balancing import BackendRow, balancing_of
from lab.compile.members import members_of
from lab.compile.nodes import node_state
from lab.compile.overlays import Overlay, overlay_of
from lab.compile.platform import SharedPlatform, platform_of, platforms_of
from lab.compile.pod_subnets import pod_containers, pod_nodes
from lab.compile.pods import ClusterPods, PodRange, ScheduledPods, place, scheduled
from lab.compile.roles import with_role
from lab.compile.security import GroupInPlace, security_of
from lab.compile.services import (
    ClusterServices,
    ServiceRow,
    SharedNames,
    SharedServices,
    cluster_services,
    kube_proxies,
)
from lab.compile.subnets import routing_of
from lab.contract.node_state import NodeState
from lab.kube.manifests import Manifests
from lab.topology.cluster import Cluster, NetworkPlugin
from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.virtual_network import SubnetReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """What a lab file means."""

    ledger: Ledger
    """Everything handed out, for the next compilation."""
    nodes: Mapping[str, NodeState]
    """The desired state of every host."""
    hosts: tuple[NodeRow, ...]
    pods: tuple[PodRow, ...]
    """Of all clusters, with those that are Pending."""
    services: tuple[ServiceRow, ...]
    """Of all clusters."""
    backends: tuple[BackendRow, ...]
    """Of all load-balancing rules."""
    effective_routes: Mapping[SubnetReference, tuple[EffectiveRoute, ...]]
    """By the subnet that sends, system routes first."""
    allocations: Callable[[], tuple[AllocationRow, ...]]
    """Every address and range that is somebody's, put together for who asks."""
    pools: Callable[[], tuple[PoolRow, ...]]
    """How far each pool of addresses is used, likewise."""
    security: tuple[GroupInPlace, ...]
    """Every network security group where it is associated, one direction each."""
    warnings: tuple[Problem, ...]
    """What will not work as the user may think."""
    port_routes: Mapping[str, PortRoutes]
    """The routes of every host; those of one subnet are one object."""
    shared_platforms: Mapping[str, SharedPlatform]
    """What every host is answered that is answered anything; one object for each network."""
    shared_services: Mapping[str, SharedServices]
    """What kube-proxy knows on every node that has one; one object for each cluster."""
    shared_names: Mapping[str, SharedNames]
    """What CoreDNS knows on every node that runs it; one object for each cluster."""

    def encoded(self, node: str) -> bytes:
        """The desired state of `node` for the wire; decodes to ``nodes[node]``.

        What the hosts of a subnet share is not encoded again. Raises `KeyError` for
        an unknown host.
        """
        return encoded(
            self.nodes[node],
            routes=self.port_routes[node],
            platform=self.shared_platforms.get(node),
            services=self.shared_services.get(node),
            names=self.shared_names.get(node),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _CompiledCluster:
    cluster: Cluster
    cidrs: Mapping[str, IPv4Network]
    """By node, in the order of registration; none with Azure CNI."""
    nodes: tuple[str, ...]
    """In the order of registration."""
    pods: ClusterPods
    services: ClusterServices


def compile_lab(lab: Lab, manifests: Manifests, previous: Ledger) -> Compilation:
    """The desired state of every host of `lab`; what `previous` holds stays where it can.

    Raises `LabFileError` when the lab needs more addresses than it has.
    """
    lab = with_managed_egress(lab)
    hosts = hosts_of(lab)
    pods = {each.name: _scheduled(each, manifests, previous) for each in lab.clusters}
    addresses = addresses_of(lab, hosts, previous)
    containers = pod_containers(lab.cloud, pod_nodes(lab, pods, previous), previous)
    addresses = replace(addresses, pod_containers=containers)
    clusters = [
        _compile_cluster(each, pods[each.name], manifests, addresses=addresses, previous=previous)
        for each in lab.clusters
    ]
    tables = associations(
        lab.cloud,
        [
            routed_cluster(each.cluster, each.cidrs, addresses.primary)
            for each in clusters
            if each.cluster.network_plugin is NetworkPlugin.KUBENET
        ],
    )
    routing = routing_of(lab, tables.tables, hosts=hosts, addresses=addresses)
    overlays = {
        each.cluster.name: overlay
        for each in clusters
        if (overlay := overlay_of(each.cluster, each.cidrs, addresses)) is not None
    }
    security = security_of(
        lab, tables.tables, addresses=addresses, overlay_pods=_overlay_pods(lab, overlays)
    )
    members = {
        node: member
        for each in clusters
        for node, member in members_of(
            each.cluster, each.pods, cidrs=each.cidrs, cloud=lab.cloud, addresses=addresses
        ).items()
    }
    proxies = {
        node: proxy
        for each in clusters
        for node, proxy in kube_proxies(
            each.cluster, each.services, nodes=each.nodes, cloud=lab.cloud, addresses=addresses
        ).items()
    }
    names = {node: shared for each in clusters for node, shared in each.services.names.items()}
    balancing = balancing_of(lab, hosts, addresses=addresses, security=security)
    edges = edges_of(lab, addresses=addresses, routing=routing, balancing=balancing)
    cidrs = {node: cidr for each in clusters for node, cidr in each.cidrs.items()}
    platforms = platforms_of(lab, hosts, addresses)
    answered = {host.name: platform_of(host, platforms) for host in hosts}
    rows = tuple(
        row for each in clusters for row in pod_rows(each.cluster, each.pods.pods, addresses)
    )
    ports = routes_of_ports(hosts, routing, addresses=addresses, overlays=overlays)
    fabric = Fabric(
        cloud=lab.cloud,
        addresses=addresses,
        security=security,
        ports=ports,
        balancing=balancing,
        answers=routes_of_answers(hosts, routing, balancing),
        cidrs=cidrs,
    )
    allocations = partial(_allocations, lab, addresses, clusters)
    return Compilation(
        ledger=_ledger(previous, addresses, clusters),
        nodes={
            host.name: with_role(
                node_state(
                    host,
                    replace(
                        attachment(host, fabric),
                        platform=answered[host.name],
                        kube_proxy=proxies.get(host.name),
                        cluster_dns=names[host.name].dns if host.name in names else None,
                    ),
                    lab=lab.name,
                    member=members.get(host.name),
                ),
                lab,
                addresses,
            )
            if host.kind.has_guest
            else edge_state(host, edges[host.name], addresses=addresses, lab=lab.name)
            for host in hosts
        },
        hosts=tuple(node_rows(hosts, addresses, cidrs)),
        pods=rows,
        services=tuple(row for each in clusters for row in each.services.rows),
        backends=balancing.rows,
        effective_routes=routing.effective,
        allocations=allocations,
        pools=lambda: tuple(pool_rows(lab, allocations())),
        security=tuple(security.in_place.values()),
        warnings=(*lab.warnings, *tables.warnings, *routing.warnings, *_pending(rows, lab)),
        port_routes=ports,
        shared_platforms={host: each for host, each in answered.items() if each is not None},
        shared_services={
            node: each.services.shared
            for each in clusters
            if each.services.shared is not None
            for node in each.nodes
        },
        shared_names=names,
    )


def _scheduled(cluster: Cluster, manifests: Manifests, previous: Ledger) -> ScheduledPods:
    return scheduled(
        cluster,
        manifests.of(cluster.name),
        nodes=nodes_of(cluster),
        registered=registered_nodes(cluster, previous),
        previous=previous,
    )


def _compile_cluster(
    cluster: Cluster,
    pods: ScheduledPods,
    manifests: Manifests,
    *,
    addresses: Addresses,
    previous: Ledger,
) -> _CompiledCluster:
    cidrs = pod_cidrs(cluster, previous)
    nodes = registered_nodes(cluster, previous)
    ranges: Mapping[str, PodRange] = cidrs or {
        node: addresses.pod_containers.get(node, addresses.interfaces[node]).secondary
        for node in nodes
    }
    placed = place(cluster, pods, ranges=ranges, previous=previous)
    return _CompiledCluster(
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


def _overlay_pods(lab: Lab, overlays: Mapping[str, Overlay]) -> dict[str, list[IPv4Network]]:
    """The pod CIDRs in each virtual network."""
    found: dict[str, list[IPv4Network]] = {}
    for cluster in lab.clusters:
        if overlay := overlays.get(cluster.name):
            network = cluster.node_pools[0].subnet.virtual_network
            found.setdefault(network, []).append(overlay.pod_cidr)
    return found


def _ledger(previous: Ledger, addresses: Addresses, clusters: Iterable[_CompiledCluster]) -> Ledger:
    return Ledger(
        underlay=previous.underlay,
        networks=addresses.networks,
        interfaces=addresses.interfaces,
        pod_containers=addresses.pod_containers,
        public_addresses=addresses.handed_out,
        underlay_addresses=addresses.underlay,
        frontends=addresses.frontends,
        nodes=tuple(
            NodeRegistration(
                cluster=each.cluster.name,
                node=node,
                pod_cidr=each.cidrs.get(node),
                last_reserved=each.pods.last_reserved[node],
            )
            for each in clusters
            for node in each.nodes
        ),
        pods={
            uid: allocation
            for each in clusters
            for uid, allocation in each.pods.allocations.items()
        },
        service_addresses={each.cluster.name: each.services.addresses for each in clusters},
    )


def _allocations(
    lab: Lab, addresses: Addresses, clusters: Sequence[_CompiledCluster]
) -> tuple[AllocationRow, ...]:
    placed = [pod for each in clusters for pod in each.pods.pods]
    return (
        *subnet_allocations(lab.cloud, addresses, placed),
        *chain.from_iterable(
            pod_allocations(each.cluster, each.cidrs, each.pods) for each in clusters
        ),
    )


def _pending(rows: Iterable[PodRow], lab: Lab) -> Iterator[Problem]:
    """A warning for every owner of pods that cannot run, and why."""
    places = {cluster.name: cluster.location for cluster in lab.clusters}
    waiting = Counter(
        (row.cluster, f"{row.namespace}/{row.owner or row.name}", row.reason)
        for row in rows
        if row.reason is not None
    )
    for (cluster, name, reason), count in waiting.items():
        yield Problem(
            places[cluster],
            f"{count} of the pods of {name} in cluster {cluster} stay Pending: {reason.message}",
            reason.remedy,
        )
