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
    attachment,
    places_of,
    ports_of,
    routes_of_answers,
)
from lab.compile.clusters import routed_cluster
from lab.compile.edges import edge_state, edges_of
from lab.compile.encoding import Shared, encoded, shared_of, whole
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
from lab.compile.nodes import Machine, own_states
from lab.compile.overlays import Overlay
from lab.compile.placement import PlacedCluster, placement_of
from lab.compile.roles import with_role
from lab.compile.security import GroupInPlace, security_of
from lab.compile.service_load_balancers import (
    with_service_load_balancers,
    with_service_security,
)
from lab.compile.services import ServiceRow
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
    own_states: Mapping[str, NodeState]
    """The desired state of every host, but for what it shares."""
    shared: Mapping[str, Shared]
    """What every host shares with others."""
    whole_states: Callable[[], Mapping[str, NodeState]]
    """`nodes`, put together for who asks."""
    parts: Callable[[], Mapping[str, Parts]]
    """The desired state of every host for the wire, encoded for who asks."""
    host_rows: Callable[[], tuple[NodeRow, ...]]
    """`hosts`, likewise, as are `pod_rows`."""
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

    @property
    def nodes(self) -> Mapping[str, NodeState]:
        """The desired state of every host."""
        return self.whole_states()

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

        Raises `KeyError` for an unknown host.
        """
        return self.parts()[node]


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
    ports = ports_of(hosts, routing, security, addresses=addresses, overlays=placement.overlays)
    balancing = balancing_of(lab, hosts, addresses=addresses, security=security)
    fabric = Fabric(
        lab=lab,
        placement=placement,
        ports=ports,
        balancing=balancing,
        answers=routes_of_answers(hosts, routing, balancing),
        places=places_of(lab.cloud),
    )
    own = dict(_own_states(lab, fabric, routing))
    shared = shared_of(
        ports,
        platforms=placement.platforms,
        services={
            node: each.services.shared
            for each in clusters
            if each.services.shared is not None
            for node in each.nodes
        },
        names=placement.names,
    )
    allocations = partial(_allocations, lab, addresses, clusters)
    return Compilation(
        ledger=placement.ledger,
        own_states=own,
        shared=shared,
        whole_states=cache(lambda: {name: whole(own[name], shared[name]) for name in own}),
        parts=cache(lambda: encoded(lab.name, own, shared)),
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
    )


def _own_states(lab: Lab, fabric: Fabric, routing: Routing) -> Iterator[tuple[str, NodeState]]:
    """The desired state of every host but for what it shares, by its name."""
    placement, addresses = fabric.placement, fabric.placement.addresses
    edges = edges_of(lab, addresses=addresses, routing=routing, balancing=fabric.balancing)
    states = own_states(lab.name, _machines(lab, fabric))
    for host in placement.hosts:
        if host.kind.has_guest:
            yield host.name, with_role(states[host.name], lab, addresses)
        else:
            edge = edges[host.name]
            yield host.name, edge_state(host, edge, addresses=addresses, lab=lab.name)


def _machines(lab: Lab, fabric: Fabric) -> dict[str, Machine]:
    """What the state of each host with a guest follows from, by its name."""
    placement = fabric.placement
    found = {}
    for host in placement.hosts:
        if host.kind.has_guest:
            name, platform = host.name, placement.platforms.get(host.name)
            found[name] = Machine(
                lab.name,
                host,
                attachment(host, fabric),
                placement.members.get(name),
                None if platform is None else platform.dns_suffix,
                placement.kube_proxies.get(name),
                runs_dns=name in placement.names,
            )
    return found


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
