"""A lab compiled: the desired state of every host, and what is shown of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, collapse_addresses
from itertools import chain

from lab.cloud.cluster_routes import associations
from lab.cloud.egress import accepts_inbound
from lab.cloud.route_table import EffectiveRoute
from lab.cloud.virtual_network import subnet_of
from lab.compile.clusters import nodes_of, pod_cidrs, registered_nodes, routed_cluster
from lab.compile.edges import edge_state, edges_of
from lab.compile.hosts import Addresses, Host, addresses_of, hosts_of, public_owner
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
from lab.compile.members import members_of
from lab.compile.nodes import Attachment, in_subnet, node_state, on_internet
from lab.compile.pods import ClusterPods, PodRange, place
from lab.compile.reserves import changed_reserves
from lab.compile.security import Gates, GroupInPlace, Security, security_of
from lab.compile.subnets import Routing, SharedRoutes, routing_of
from lab.contract import codec
from lab.contract.node_state import NetworkContainer, NodeState
from lab.kube.manifests import Manifests
from lab.topology.model import Cluster, Lab, NetworkPlugin, SubnetReference
from lab.topology.problems import LabFileError, Problem


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
    effective_routes: Mapping[SubnetReference, tuple[EffectiveRoute, ...]]
    """By the subnet that sends, system routes first."""
    allocations: tuple[AllocationRow, ...]
    security: tuple[GroupInPlace, ...]
    """Every network security group where it is associated, one direction each."""
    warnings: tuple[Problem, ...]
    """What will not work as the user may think."""
    shared_routes: Mapping[str, SharedRoutes]
    """The routes of every host; those of one subnet are one object."""

    def encoded(self, node: str) -> bytes:
        """The desired state of `node` for the wire; decodes to ``nodes[node]``.

        What the hosts of a subnet share is not encoded again. Raises `KeyError` for
        an unknown host.
        """
        state = self.nodes[node]
        container = replace(state.vswitch.node, routes=())
        own = replace(state, vswitch=replace(state.vswitch, node=container))
        return self.shared_routes[node].encoded + codec.encode(own)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CompiledCluster:
    cluster: Cluster
    cidrs: Mapping[str, IPv4Network]
    """By node, in the order of registration; none with Azure CNI."""
    nodes: tuple[str, ...]
    """In the order of registration."""
    pods: ClusterPods


def compile_lab(lab: Lab, manifests: Manifests, previous: Ledger) -> Compilation:
    """The desired state of every host of `lab`; what `previous` holds stays where it can.

    Raises `LabFileError` when the lab needs more addresses than it has, or other ones than
    nodes have to keep.
    """
    hosts = hosts_of(lab)
    if problems := tuple(changed_reserves(hosts, previous)):
        raise LabFileError(problems)
    addresses = addresses_of(lab, hosts, previous)
    clusters = [
        _compile_cluster(each, manifests, addresses=addresses, previous=previous)
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
    routing = routing_of(lab.cloud, tables.tables, hosts=hosts, addresses=addresses)
    security = security_of(lab, tables.tables, addresses=addresses, overlay_pods={})
    members = {
        node: member
        for each in clusters
        for node, member in members_of(
            each.cluster, each.pods, cidrs=each.cidrs, cloud=lab.cloud, addresses=addresses
        ).items()
    }
    edges = edges_of(lab, addresses=addresses, routing=routing)
    cidrs = {node: cidr for each in clusters for node, cidr in each.cidrs.items()}
    placed = [pod for each in clusters for pod in each.pods.pods]
    return Compilation(
        ledger=_ledger(previous, addresses, clusters),
        nodes={
            host.name: node_state(
                host,
                _attachment(host, lab=lab, addresses=addresses, routing=routing, security=security),
                lab=lab.name,
                member=members.get(host.name),
            )
            if host.kind.has_guest
            else edge_state(host, edges[host.name], addresses=addresses, lab=lab.name)
            for host in hosts
        },
        hosts=tuple(node_rows(hosts, addresses, cidrs)),
        pods=tuple(pod_rows(placed, addresses)),
        effective_routes=routing.effective,
        allocations=(
            *subnet_allocations(lab.cloud, addresses, placed),
            *chain.from_iterable(
                pod_allocations(each.cluster, each.cidrs, each.pods) for each in clusters
            ),
        ),
        security=tuple(security.in_place.values()),
        warnings=(*lab.warnings, *tables.warnings, *routing.warnings, *_pending(clusters)),
        shared_routes={host.name: routing.of(host) for host in hosts},
    )


def _compile_cluster(
    cluster: Cluster, manifests: Manifests, *, addresses: Addresses, previous: Ledger
) -> _CompiledCluster:
    cidrs = pod_cidrs(cluster, previous)
    nodes = registered_nodes(cluster, previous)
    ranges: Mapping[str, PodRange] = cidrs or {
        node: addresses.interfaces[node].secondary for node in nodes
    }
    return _CompiledCluster(
        cluster=cluster,
        cidrs=cidrs,
        nodes=nodes,
        pods=place(
            cluster,
            manifests.of(cluster.name),
            nodes=nodes_of(cluster),
            ranges=ranges,
            previous=previous,
        ),
    )


def _attachment(
    host: Host, *, lab: Lab, addresses: Addresses, routing: Routing, security: Security
) -> Attachment:
    address = addresses.primary[host.name]
    own: tuple[IPv4Network, ...] = (IPv4Network(address),)
    if host.subnet is None:
        primary, gateway = on_internet(
            address, {*addresses.public.values(), *addresses.named.values()}
        )
    else:
        primary, gateway = in_subnet(address, subnet_of(lab.cloud, host.subnet).address_prefix)
    if host.reserved_addresses:
        own = tuple(collapse_addresses(map(IPv4Network, addresses.of_interface(host.name))))
    gates = (
        security.gates(host.subnet, host.name, forwards=host.enable_ip_forwarding)
        if host.subnet is not None
        else Gates()
    )
    return Attachment(
        primary=primary,
        gateway=gateway,
        underlay=addresses.underlay[host.name],
        node=NetworkContainer(
            subnet=str(host.subnet or ""),
            addresses=own,
            routes=routing.of(host).routes,
            public_address=addresses.public.get(host.name),
            inbound=gates.inbound,
            outbound=gates.outbound,
            accepts_inbound=accepts_inbound(lab.cloud, host.public_ip_address, gates.inbound),
        ),
    )


def _ledger(previous: Ledger, addresses: Addresses, clusters: Iterable[_CompiledCluster]) -> Ledger:
    return Ledger(
        underlay=previous.underlay,
        networks=addresses.networks,
        interfaces=addresses.interfaces,
        public_addresses={
            **addresses.public,
            **{public_owner(name): address for name, address in addresses.named.items()},
        },
        underlay_addresses=addresses.underlay,
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
    )


def _pending(clusters: Iterable[_CompiledCluster]) -> Iterator[Problem]:
    """A warning for every owner of pods that fit on no node."""
    for each in clusters:
        waiting = Counter(
            f"{pod.instance.namespace}/{pod.instance.owner or pod.instance.name}"
            for pod in each.pods.pods
            if pod.node is None
        )
        for name, count in waiting.items():
            yield Problem(
                each.cluster.location,
                f"{count} of the pods of {name} in cluster {each.cluster.name} stay Pending: no "
                "node that they may run on has room",
                "add nodes, raise maxPods, or look at nodeName and nodeSelector",
            )
