"""The Services of a cluster compiled: their addresses, and what kube-proxy is told everywhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from lab.cloud.virtual_network import subnet_of
from lab.compile.addresses import Addresses
from lab.compile.ledger import Ledger
from lab.compile.pods import ClusterPods, PlacedPod
from lab.compile.service_load_balancers import public_address
from lab.contract import service as contract
from lab.contract.node_state import Protocol
from lab.contract.platform import DnsZone
from lab.contract.state_parts import encode_cluster_dns, encode_services
from lab.kube import services as kube
from lab.kube.cluster_dns import runs_coredns, zones_of
from lab.kube.instances import PodInstance
from lab.kube.manifests import ClusterManifests, Service, ServicePort
from lab.kube.node_ports import (
    NODE_PORTS,
    NodePortKey,
    key_of_health_check,
    key_of_port,
    node_ports,
    number_of_node_ports,
)
from lab.remembering import remembering
from lab.topology.cluster import Cluster
from lab.topology.model import Cloud
from lab.topology.problems import LabFileError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """A Service as it is shown."""

    cluster: str
    namespace: str
    name: str
    type: str
    cluster_ip: IPv4Address | None
    """None: headless."""
    external_ip: IPv4Address | None
    """Of type LoadBalancer; None: there was no address left for it."""
    ports: tuple[str, ...]
    """As kubectl writes them: ``80/TCP``, ``80:31234/TCP``."""
    endpoints: tuple[str, ...]
    """``ADDRESS:PORT`` of every port, each once; addresses alone of a Service without ports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedServices:
    """What kube-proxy knows on every node of a cluster alike."""

    services: tuple[contract.Service, ...]
    encoded: bytes
    """The same for the wire (`lab.contract.state_parts.encode_services`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedNames:
    """What CoreDNS knows on every node of a cluster that runs it."""

    dns: contract.ClusterDns
    encoded: bytes
    """The same for the wire (`lab.contract.state_parts.encode_cluster_dns`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterServices:
    """The Services of one cluster."""

    addresses: Mapping[kube.ServiceKey, IPv4Address]
    node_ports: Mapping[NodePortKey, int]
    shared: SharedServices | None
    """None: kube-proxy has nothing to do that anybody asked for."""
    names: Mapping[str, SharedNames]
    """By node, of those that run CoreDNS; one object."""
    rows: tuple[ServiceRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """What was handed out to the Services of one cluster."""

    cluster: str
    addresses: Mapping[kube.ServiceKey, IPv4Address]
    node_ports: Mapping[NodePortKey, int]
    public: Mapping[str, IPv4Address]
    """By the name of the public address."""

    def cluster_ip(self, service: Service) -> IPv4Address | None:
        """None: headless."""
        return self.addresses.get(kube.key_of(service))

    def ingress(self, service: Service) -> IPv4Address | None:
        """The address of the cloud at which a Service is reached."""
        return self.public.get(public_address(self.cluster, kube.key_of(service)))

    def node_port(self, service: Service, port: ServicePort) -> int:
        """0: it has none."""
        return self.node_ports.get(key_of_port(service, port), 0)

    def health_check(self, service: Service) -> int:
        """0: it has none."""
        return self.node_ports.get(key_of_health_check(service), 0)


def cluster_services(
    cluster: Cluster,
    manifests: ClusterManifests,
    *,
    pods: ClusterPods,
    addresses: Addresses,
    previous: Ledger,
) -> ClusterServices:
    """The Services of `cluster`; addresses and node ports of `previous` are kept.

    Raises `LabFileError` when the service CIDR has too few addresses, or the cluster too few
    node ports.
    """
    services = kube.services_of(cluster, manifests.services)
    held = kube.cluster_ips(
        services,
        prefix=cluster.service_cidr,
        previous=previous.cluster_ips(cluster.name),
    )
    ports = node_ports(services, previous=previous.node_ports(cluster.name))
    if problems := [*_too_many(cluster, services, addresses=len(held), ports=len(ports))]:
        raise LabFileError(problems)
    numbers = _Numbers(
        cluster=cluster.name, addresses=held, node_ports=ports, public=addresses.named
    )
    served = _served(services, numbers, _running(cluster.name, _addressed(pods, addresses)))
    return ClusterServices(
        addresses=held,
        node_ports=ports,
        shared=_shared(cluster.name, served.services, asked_for=bool(manifests.services)),
        names=dict.fromkeys(_name_servers(cluster.name, pods.pods), served.names),
        rows=served.rows,
    )


class _Served(NamedTuple):
    """What follows from Services and the pods behind them."""

    services: tuple[contract.Service, ...]
    names: SharedNames
    rows: tuple[ServiceRow, ...]


@remembering(by=lambda services, numbers, pods: numbers.cluster, maxsize=16)
def _served(services: tuple[Service, ...], numbers: _Numbers, pods: kube.Pods) -> _Served:
    return _Served(
        services=tuple(
            _compiled(each, address, numbers, pods)
            for each in services
            if (address := numbers.cluster_ip(each)) is not None
        ),
        names=_names(numbers.cluster, zones_of(services, addresses=numbers.addresses, pods=pods)),
        rows=tuple(_row(each, numbers, pods) for each in services),
    )


def _too_many(
    cluster: Cluster, services: Sequence[Service], *, addresses: int, ports: int
) -> Iterator[Problem]:
    """Problems of `services` for which there are so many addresses and node ports only."""
    wanting = sum(not each.headless for each in services)
    if addresses < wanting:
        yield Problem(
            cluster.at("serviceCidr"),
            f"serviceCidr {cluster.service_cidr} has addresses for {addresses} Services, "
            f"and cluster {cluster.name} has {wanting}",
            "choose a larger serviceCidr, or fewer Services",
        )
    wanting = number_of_node_ports(services)
    if ports < wanting:
        yield Problem(
            cluster.location,
            f"the Services of cluster {cluster.name} need {wanting} node ports, of which there "
            f"are {len(NODE_PORTS)}",
            "choose fewer ports, or Services of type ClusterIP",
        )


def kube_proxies(
    cluster: Cluster,
    services: ClusterServices,
    *,
    nodes: Iterable[str],
    cloud: Cloud,
    addresses: Addresses,
) -> dict[str, contract.KubeProxy]:
    """kube-proxy of each of `nodes`, without Services; none where there is nothing for it to do.

    For pods it takes who has an address of the pod CIDR or, without one, of the subnet
    that the node's own pods are in: that is AKS' ``--cluster-cidr``.
    """
    if services.shared is None:
        return {}
    if cluster.pod_cidr is not None:
        return dict.fromkeys(nodes, contract.KubeProxy(cluster_cidr=cluster.pod_cidr))
    return {
        node: contract.KubeProxy(cluster_cidr=_pods_prefix(node, cloud, addresses))
        for node in nodes
    }


def _pods_prefix(node: str, cloud: Cloud, addresses: Addresses) -> IPv4Network:
    interface = addresses.pod_containers.get(node, addresses.interfaces[node])
    return subnet_of(cloud, interface.subnet).address_prefix


def _addressed(
    pods: ClusterPods, addresses: Addresses
) -> tuple[tuple[PodInstance, IPv4Address], ...]:
    """Pods that can answer: on the host network, at their node's address."""
    return tuple(
        [
            (pod.instance, pod.address or addresses.primary[pod.node])
            for pod in pods.pods
            if pod.node is not None and pod.runs
        ]
    )


@remembering(by=lambda cluster, pods: cluster, maxsize=16)
def _running(cluster: str, pods: tuple[tuple[PodInstance, IPv4Address], ...]) -> kube.Pods:
    """`pods` to be found: one object, until others run."""
    return kube.Pods(pods)


@remembering(by=lambda cluster, *_, **__: cluster, maxsize=64)
def _shared(
    cluster: str, services: tuple[contract.Service, ...], *, asked_for: bool
) -> SharedServices | None:
    served = any(port.endpoints for service in services for port in service.ports)
    if not (asked_for or served):
        return None
    return SharedServices(services=services, encoded=encode_services(services))


@remembering(by=lambda cluster, zones: cluster, maxsize=64)
def _names(cluster: str, zones: tuple[DnsZone, ...]) -> SharedNames:
    dns = contract.ClusterDns(zones=zones)
    return SharedNames(dns=dns, encoded=encode_cluster_dns(dns))


@remembering(by=lambda cluster, pods: cluster, maxsize=16)
def _name_servers(cluster: str, pods: tuple[PlacedPod, ...]) -> list[str]:
    """The nodes on which CoreDNS runs; a container with a command of its own is none."""
    found: list[str] = []
    serves: dict[int, bool] = {}
    for pod in pods:
        # Replicas have one spec: looked at once.
        spec = pod.instance.spec
        if id(spec) not in serves:
            images = (each.image for each in spec.containers if not each.command)
            serves[id(spec)] = runs_coredns(images)
        if serves[id(spec)] and pod.node is not None and pod.runs:
            found.append(pod.node)
    return found


def _compiled(
    service: Service, address: IPv4Address, numbers: _Numbers, pods: kube.Pods
) -> contract.Service:
    return contract.Service(
        namespace=service.metadata.namespace,
        name=service.metadata.name,
        cluster_ip=address,
        ports=tuple(
            contract.ServicePort(
                name=port.name,
                protocol=Protocol(port.protocol.value),
                port=port.port,
                endpoints=tuple(
                    contract.Endpoint(address=each.address, port=each.port)
                    for each in pods.endpoints(service, port)
                ),
                node_port=numbers.node_port(service, port),
            )
            for port in service.ports
        ),
        affinity_seconds=service.affinity_seconds or 0,
        load_balancer_ingress=numbers.ingress(service),
        load_balancer_source_ranges=service.load_balancer_source_ranges,
        external_policy_local=service.is_local,
        health_check_node_port=numbers.health_check(service),
    )


def _row(service: Service, numbers: _Numbers, pods: kube.Pods) -> ServiceRow:
    return ServiceRow(
        cluster=numbers.cluster,
        namespace=service.metadata.namespace,
        name=service.metadata.name,
        type=service.type.value,
        cluster_ip=numbers.cluster_ip(service),
        external_ip=numbers.ingress(service),
        ports=tuple(_port(port, numbers.node_port(service, port)) for port in service.ports),
        endpoints=tuple(dict.fromkeys(_endpoints(service, pods))),
    )


def _port(port: ServicePort, node_port: int) -> str:
    at_nodes = f":{node_port}" if node_port else ""
    return f"{port.port}{at_nodes}/{port.protocol.value}"


def _endpoints(service: Service, pods: kube.Pods) -> Iterable[str]:
    for port in service.ports:
        for each in pods.endpoints(service, port):
            yield f"{each.address}:{each.port}"
    if not service.ports:
        yield from (str(address) for _, address in pods.addresses(service))
