"""A lab compiled: the desired state of every host, and what is shown of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from ipaddress import IPv4Network
from itertools import chain

from lab.cloud.cluster_routes import associations
from lab.cloud.managed_egress import with_managed_egress
from lab.cloud.route_table import EffectiveRoute
from lab.compile.address_pools import PoolRow, pool_rows
from lab.compile.addresses import Addresses
from lab.compile.attachments import (
    Fabric,
    PortRoutes,
    attachment,
    routes_of_answers,
    routes_of_ports,
)
from lab.compile.clusters import routed_cluster
from lab.compile.edges import edge_state, edges_of
from lab.compile.encoding import encoded
from lab.compile.inspection import (
    AllocationRow,
    NodeRow,
    PodRow,
    node_rows,
    pod_allocations,
    pod_rows,
    subnet_allocations,
)
from lab.compile.ledger import Ledger
from lab.compile.load_balancing import BackendRow, balancing_of
from lab.compile.nodes import node_state
from lab.compile.overlays import Overlay
from lab.compile.placement import PlacedCluster, placement_of
from lab.compile.platform import SharedPlatform
from lab.compile.roles import with_role
from lab.compile.security import GroupInPlace, security_of
from lab.compile.service_load_balancers import (
    with_service_load_balancers,
    with_service_security,
)
from lab.compile.services import ServiceRow, SharedNames, SharedServices
from lab.compile.subnets import Routing, routing_of, routing_warnings
from lab.contract.node_state import NodeState
from lab.contract.state_parts import Parts
from lab.kube.manifests import Manifests
from lab.topology.cluster import NetworkPlugin
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
    host_rows: Callable[[], tuple[NodeRow, ...]]
    """`hosts`, put together for who asks, as are `pod_rows`."""
    pod_rows: Callable[[], tuple[PodRow, ...]]
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

    @property
    def hosts(self) -> tuple[NodeRow, ...]:
        """A row for each host."""
        return self.host_rows()

    @property
    def pods(self) -> tuple[PodRow, ...]:
        """A row for each pod of all clusters, with those that are Pending."""
        return self.pod_rows()

    def encoded(self, node: str) -> Parts:
        """The desired state of `node` for the wire; together they are ``nodes[node]``.

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


def compile_lab(lab: Lab, manifests: Manifests, previous: Ledger) -> Compilation:
    """The desired state of every host of `lab`; what `previous` holds stays where it can.

    Raises `LabFileError` when the lab needs more addresses than it has.
    """
    lab = with_service_load_balancers(with_managed_egress(lab), manifests, previous)
    placement = placement_of(lab, manifests, previous)
    hosts, addresses, clusters = placement.hosts, placement.addresses, placement.clusters
    lab = with_service_security(lab, manifests, addresses.named)
    tables = associations(
        lab.cloud,
        [
            routed_cluster(each.cluster, each.cidrs, addresses.primary)
            for each in clusters
            if each.cluster.network_plugin is NetworkPlugin.KUBENET
        ],
    )
    routing = routing_of(lab, tables.tables, hosts=hosts, addresses=addresses)
    security = security_of(
        lab,
        tables.tables,
        addresses=addresses,
        overlay_pods=_overlay_pods(lab, placement.overlays),
    )
    ports = routes_of_ports(hosts, routing, addresses=addresses, overlays=placement.overlays)
    balancing = balancing_of(lab, hosts, addresses=addresses, security=security)
    fabric = Fabric(
        lab=lab,
        placement=placement,
        security=security,
        ports=ports,
        balancing=balancing,
        answers=routes_of_answers(hosts, routing, balancing),
    )
    allocations = partial(_allocations, lab, addresses, clusters)
    return Compilation(
        ledger=placement.ledger,
        nodes=dict(_states(lab, fabric, routing)),
        host_rows=cache(lambda: tuple(node_rows(hosts, addresses, placement.cidrs))),
        pod_rows=cache(lambda: tuple(_pod_rows(clusters, addresses))),
        services=tuple(row for each in clusters for row in each.services.rows),
        backends=balancing.rows,
        effective_routes=routing.effective,
        allocations=allocations,
        pools=lambda: tuple(pool_rows(lab, allocations())),
        security=tuple(security.in_place.values()),
        warnings=(
            *lab.warnings,
            *tables.warnings,
            *routing_warnings(lab.cloud, tables.tables, hosts=hosts, addresses=addresses),
            *_pending(_pod_rows(clusters, addresses, pending=True), lab),
        ),
        port_routes=ports,
        shared_platforms=placement.platforms,
        shared_services={
            node: each.services.shared
            for each in clusters
            if each.services.shared is not None
            for node in each.nodes
        },
        shared_names=placement.names,
    )


def _states(lab: Lab, fabric: Fabric, routing: Routing) -> Iterator[tuple[str, NodeState]]:
    """The desired state of every host, by its name."""
    placement, addresses = fabric.placement, fabric.placement.addresses
    edges = edges_of(lab, addresses=addresses, routing=routing, balancing=fabric.balancing)
    for host in placement.hosts:
        if not host.kind.has_guest:
            edge = edges[host.name]
            yield host.name, edge_state(host, edge, addresses=addresses, lab=lab.name)
            continue
        member = placement.members.get(host.name)
        state = node_state(host, attachment(host, fabric), lab=lab.name, member=member)
        yield host.name, with_role(state, lab, addresses)


def _overlay_pods(lab: Lab, overlays: Mapping[str, Overlay]) -> dict[str, list[IPv4Network]]:
    """The pod CIDRs in each virtual network."""
    found: dict[str, list[IPv4Network]] = {}
    for cluster in lab.clusters:
        if overlay := overlays.get(cluster.name):
            network = cluster.node_pools[0].subnet.virtual_network
            found.setdefault(network, []).append(overlay.pod_cidr)
    return found


def _allocations(
    lab: Lab, addresses: Addresses, clusters: Sequence[PlacedCluster]
) -> tuple[AllocationRow, ...]:
    placed = [pod for each in clusters for pod in each.pods.pods]
    return (
        *subnet_allocations(lab.cloud, addresses, placed),
        *chain.from_iterable(
            pod_allocations(each.cluster, each.cidrs, each.pods) for each in clusters
        ),
    )


def _pod_rows(
    clusters: Iterable[PlacedCluster], addresses: Addresses, *, pending: bool = False
) -> Iterator[PodRow]:
    """A row for each pod; with `pending` for those alone that don't run."""
    for each in clusters:
        pods = [pod for pod in each.pods.pods if not (pending and pod.runs)]
        yield from pod_rows(each.cluster, pods, addresses)


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
