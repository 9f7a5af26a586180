"""What runs where: the pods of a cluster, their nodes, and what their nodes are told."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from types import MappingProxyType
from typing import NamedTuple

from lab.compile.ledger import Ledger, PodAllocation
from lab.contract import node_state as contract
from lab.kube import system_pods
from lab.kube.identity import pod_mac
from lab.kube.instances import (
    PodInstance,
    daemon_instances,
    deployment_instances,
    manifest_instances,
)
from lab.kube.ipam import Leases, host_local, reserved_addresses
from lab.kube.manifests import ClusterManifests, Container, PodSpec
from lab.kube.resolv_conf import resolv_conf
from lab.kube.scheduling import Node, schedule
from lab.remembering import remembering, remembering_each
from lab.topology.cluster import Cluster, Ipam, NetworkPlugin

POD_MTU = 1500
"""Of pods and cbr0 (claims A9, A12)."""

PodRange = IPv4Network | tuple[IPv4Address, ...]
"""What the pods of a node get addresses of: its range, or what the node keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """What the interfaces of one node's pods have in common."""

    prefix_length: int
    gateway: IPv4Address
    host_interface: Callable[[str], str]
    """Name of the end that stays in the node, by uid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPod:
    """A pod and where it runs."""

    instance: PodInstance
    node: str | None
    """None: Pending, no node has room for it."""
    address: IPv4Address | None
    """Its own; None on the host network, and while Pending, be it that no node has room for it
    or that its node has no address left."""
    allocation: PodAllocation | None
    """What the ledger has to keep; None while no node has room."""
    runs: bool
    """Whether it has all that it needs to be started; otherwise it is Pending."""

    @property
    def host_network(self) -> bool:
        """Whether it shares the node's network."""
        return self.instance.spec.host_network


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPods:
    """Every pod of a cluster and the node that it is for."""

    registered: tuple[str, ...]
    """The nodes, in the order of registration."""
    instances: tuple[PodInstance, ...]
    nodes: Mapping[str, str]
    """By uid; one that is missing fits on no node."""
    wanting: Mapping[str, Sequence[str]]
    """The pods of each node, by uid, that want an address of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPods:
    """Every pod of a cluster, with what host-local remembers on each node."""

    cluster: str
    pods: tuple[PlacedPod, ...]
    last_reserved: Mapping[str, IPv4Address | None]
    """By node."""

    @property
    def by_node(self) -> Mapping[str, tuple[PlacedPod, ...]]:
        """The pods of each node that runs any."""
        return _by_node(self.cluster, self.pods)

    @property
    def allocations(self) -> Mapping[str, PodAllocation]:
        """What the ledger has to keep, by uid."""
        return _allocations(self.cluster, self.pods)


@remembering(by=lambda cluster, pods: cluster, maxsize=16)
def _by_node(cluster: str, pods: tuple[PlacedPod, ...]) -> Mapping[str, tuple[PlacedPod, ...]]:
    found: dict[str, list[PlacedPod]] = {}
    for pod in pods:
        if pod.node is not None and pod.runs:
            found.setdefault(pod.node, []).append(pod)
    return {node: tuple(several) for node, several in found.items()}


@remembering(by=lambda cluster, pods: cluster, maxsize=16)
def _allocations(cluster: str, pods: tuple[PlacedPod, ...]) -> Mapping[str, PodAllocation]:
    return {
        pod.instance.uid: allocation for pod in pods if (allocation := pod.allocation) is not None
    }


def scheduled(
    cluster: Cluster,
    manifests: ClusterManifests,
    *,
    nodes: Sequence[Node],
    registered: tuple[str, ...],
    previous: Ledger,
) -> ScheduledPods:
    """Every pod of `cluster` and its node; `registered` in the order of registration.

    A pod stays where it ran. One that found no address on its node stays there as
    well, until nodes join: then its owner replaces it (claim C12).
    """
    before = {each.node for each in previous.registered(cluster.name)}
    first = next(iter(registered), None) if not before else None
    instances = (*_system_instances(cluster, nodes, first), *manifest_instances(manifests))
    joined = not before.issuperset(registered)
    alone = {each.uid for each in instances if not each.spec.host_network} if joined else set()
    bound = {
        uid: allocation.node
        for uid, allocation in previous.pods.items()
        if allocation.address is not None or uid not in alone
    }
    found = schedule(instances, nodes=nodes, bound=bound)
    wanting: dict[str, list[str]] = {}
    for instance in instances:
        node = found.get(instance.uid)
        if node is not None and not instance.spec.host_network:
            wanting.setdefault(node, []).append(instance.uid)
    return ScheduledPods(registered=registered, instances=instances, nodes=found, wanting=wanting)


def place(
    cluster: Cluster,
    pods: ScheduledPods,
    *,
    ranges: Mapping[str, PodRange],
    previous: Ledger,
) -> ClusterPods:
    """Every pod of `cluster`, with node and address; `ranges` in the order of registration."""
    leases = _leases(cluster, pods.wanting, ranges=ranges, previous=previous)
    addresses = {
        uid: address for each in leases.values() for uid, address in each.addresses.items()
    }
    return ClusterPods(
        cluster=cluster.name,
        pods=_all_placed(cluster.name, pods.instances, pods.nodes, addresses),
        last_reserved={node: each.last_reserved for node, each in leases.items()},
    )


def pod_states(
    pods: Iterable[PlacedPod], *, wiring: Wiring, dns_service_ip: IPv4Address, node_suffix: str
) -> tuple[contract.Pod, ...]:
    """The pods of one node as its agent is told, by namespace and name."""
    states = (
        _state(
            pod.instance,
            pod.address,
            wiring=wiring,
            dns_service_ip=dns_service_ip,
            node_suffix=node_suffix,
        )
        for pod in pods
    )
    return tuple(sorted(states, key=lambda pod: (pod.namespace, pod.name)))


def _system_instances(
    cluster: Cluster, nodes: Sequence[Node], first: str | None
) -> tuple[PodInstance, ...]:
    """What AKS runs. In a new cluster all but the daemons came while `first` was alone."""
    if not cluster.system_pods:
        return ()
    ordinary = deployment_instances(cluster.name, system_pods.deployments())
    models = {cluster.ipam(pool) for pool in cluster.node_pools}
    daemons = system_pods.daemon_sets(
        agent=not any(model.has_pod_subnet or model is Ipam.NONE for model in models),
        cns=not models <= {Ipam.HOST_LOCAL, Ipam.NODE_SUBNET, Ipam.NONE},
    )
    return (
        *daemon_instances(cluster.name, daemons, [node.name for node in nodes]),
        *(replace(pod, node_name=first) for pod in ordinary),
    )


def _leases(
    cluster: Cluster,
    wanting: Mapping[str, Sequence[str]],
    *,
    ranges: Mapping[str, PodRange],
    previous: Ledger,
) -> Mapping[str, Leases]:
    """What is handed out on each node of the cluster."""
    held = _held(cluster.name, previous.pods)
    last = {each.node: each.last_reserved for each in previous.registered(cluster.name)}
    bridged = cluster.network_plugin is NetworkPlugin.KUBENET
    return _handed_out(
        cluster.name,
        {
            node: _Demand(
                each, wanting.get(node, ()), held.get(node, _NOTHING), last.get(node), bridged
            )
            for node, each in ranges.items()
        },
    )


_NOTHING: Mapping[str, IPv4Address] = MappingProxyType({})


@remembering(by=lambda cluster, pods: cluster, maxsize=16)
def _held(
    cluster: str, pods: Mapping[str, PodAllocation]
) -> Mapping[str, Mapping[str, IPv4Address]]:
    """The addresses of pods by node: one object until a pod comes, goes or moves."""
    held: dict[str, dict[str, IPv4Address]] = {}
    for uid, allocation in pods.items():
        if allocation.address is not None:
            held.setdefault(allocation.node, {})[uid] = allocation.address
    return held


class _Demand(NamedTuple):
    """What the addresses of one node's pods follow from."""

    available: PodRange
    pods: Sequence[str]
    held: Mapping[str, IPv4Address]
    last_reserved: IPv4Address | None
    bridged: bool


@remembering_each(maxsize=16)
def _handed_out(demand: _Demand) -> Leases:
    available, pods = demand.available, demand.pods
    if demand.bridged and isinstance(available, IPv4Network):
        previous = Leases(addresses=demand.held, last_reserved=demand.last_reserved)
        return host_local(available, pods=pods, previous=previous)
    return Leases(
        addresses=reserved_addresses(available, pods=pods, previous=demand.held),
        last_reserved=None,
    )


@remembering(by=lambda cluster, *_: cluster, maxsize=16)
def _all_placed(
    cluster: str,
    instances: tuple[PodInstance, ...],
    nodes: Mapping[str, str],
    addresses: Mapping[str, IPv4Address],
) -> tuple[PlacedPod, ...]:
    """All pods of a cluster, in the order of `instances`: a node more moves none of them."""
    places = {each.uid: (each, nodes.get(each.uid), addresses.get(each.uid)) for each in instances}
    return tuple(_placed(cluster, places).values())


@remembering_each(maxsize=16)
def _placed(place: tuple[PodInstance, str | None, IPv4Address | None]) -> PlacedPod:
    instance, node, address = place
    return PlacedPod(
        instance=instance,
        node=node,
        address=address,
        allocation=None if node is None else PodAllocation(node=node, address=address),
        runs=node is not None and (instance.spec.host_network or address is not None),
    )


@remembering(by=lambda instance, *_, **__: instance.uid, maxsize=16384)
def _state(
    instance: PodInstance,
    address: IPv4Address | None,
    *,
    wiring: Wiring,
    dns_service_ip: IPv4Address,
    node_suffix: str,
) -> contract.Pod:
    return contract.Pod(
        namespace=instance.namespace,
        name=instance.name,
        uid=instance.uid,
        labels=instance.labels,
        host_network=instance.spec.host_network,
        interface=_interface(instance.uid, address, wiring) if address else None,
        containers=_containers(instance.spec),
        resolv_conf=resolv_conf(
            instance.spec,
            namespace=instance.namespace,
            dns_service_ip=dns_service_ip,
            node_suffix=node_suffix,
        ),
    )


def _interface(uid: str, address: IPv4Address, wiring: Wiring) -> contract.PodInterface:
    return contract.PodInterface(
        address=IPv4Interface((int(address), wiring.prefix_length)),
        gateway=wiring.gateway,
        mac=pod_mac(uid),
        mtu=POD_MTU,
        host_interface=wiring.host_interface(uid),
    )


def _containers(spec: PodSpec) -> tuple[contract.Container, ...]:
    return tuple(_container(container) for container in spec.containers)


def _container(container: Container) -> contract.Container:
    """`args` alone go to the image's own entry point, which a built-in workload has not."""
    return contract.Container(
        name=container.name,
        image=container.image,
        command=(*container.command, *container.args) if container.command else (),
        ports=tuple(
            contract.ContainerPort(
                protocol=contract.Protocol(port.protocol.value),
                port=port.container_port,
                name=port.name,
            )
            for port in container.ports
        ),
        environment=container.env,
    )
