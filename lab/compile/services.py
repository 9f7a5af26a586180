"""The Services of a cluster compiled: their addresses, and what kube-proxy is told everywhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.virtual_network import subnet_of
from lab.compile.addresses import Addresses
from lab.compile.ledger import Ledger
from lab.compile.pods import ClusterPods
from lab.contract import service as contract
from lab.contract.codec import encode_shared_cluster_dns, encode_shared_services
from lab.contract.node_state import Protocol
from lab.contract.platform import DnsZone
from lab.kube import services as kube
from lab.kube.cluster_dns import runs_coredns, zones_of
from lab.kube.manifests import ClusterManifests, Service
from lab.remembering import remembering
from lab.topology.cluster import Cluster
from lab.topology.model import Cloud
from lab.topology.problems import LabFileError, Problem

CLUSTER_IP = "ClusterIP"
"""The one type that labs have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """A Service as it is shown."""

    cluster: str
    namespace: str
    name: str
    type: str
    cluster_ip: IPv4Address | None
    """None: headless."""
    ports: tuple[str, ...]
    """As kubectl writes them: ``80/TCP``."""
    endpoints: tuple[str, ...]
    """``ADDRESS:PORT`` of every port, each once; addresses alone of a Service without ports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedServices:
    """What kube-proxy knows on every node of a cluster alike."""

    services: tuple[contract.Service, ...]
    encoded: bytes
    """The same for the wire (`lab.contract.codec.encode_shared_services`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedNames:
    """What CoreDNS knows on every node of a cluster that runs it."""

    dns: contract.ClusterDns
    encoded: bytes
    """The same for the wire (`lab.contract.codec.encode_shared_cluster_dns`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterServices:
    """The Services of one cluster."""

    addresses: Mapping[kube.ServiceKey, IPv4Address]
    shared: SharedServices | None
    """None: kube-proxy has nothing to do that anybody asked for."""
    names: Mapping[str, SharedNames]
    """By node, of those that run CoreDNS; one object."""
    rows: tuple[ServiceRow, ...]


def cluster_services(
    cluster: Cluster,
    manifests: ClusterManifests,
    *,
    pods: ClusterPods,
    addresses: Addresses,
    previous: Ledger,
) -> ClusterServices:
    """The Services of `cluster`; addresses of `previous` are kept.

    Raises `LabFileError` when the service CIDR has too few addresses.
    """
    services = kube.services_of(cluster, manifests.services)
    held = kube.cluster_ips(
        services,
        prefix=cluster.service_cidr,
        previous=previous.cluster_ips(cluster.name),
    )
    wanting = sum(not each.headless for each in services)
    if len(held) < wanting:
        raise LabFileError(
            [
                Problem(
                    cluster.at("serviceCidr"),
                    f"serviceCidr {cluster.service_cidr} has addresses for {len(held)} Services, "
                    f"and cluster {cluster.name} has {wanting}",
                    "choose a larger serviceCidr, or fewer Services",
                )
            ]
        )
    running = _running(pods, addresses)
    compiled = tuple(
        _compiled(each, address, running)
        for each in services
        if (address := held.get(kube.key_of(each))) is not None
    )
    return ClusterServices(
        addresses=held,
        shared=_shared(cluster.name, compiled, asked_for=bool(manifests.services)),
        names=dict.fromkeys(
            _name_servers(pods),
            _names(cluster.name, zones_of(services, addresses=held, pods=running)),
        ),
        rows=tuple(_row(each, cluster, held.get(kube.key_of(each)), running) for each in services),
    )


def kube_proxies(
    cluster: Cluster,
    services: ClusterServices,
    *,
    nodes: Iterable[str],
    cloud: Cloud,
    addresses: Addresses,
) -> dict[str, contract.KubeProxy]:
    """kube-proxy of each of `nodes`; none where there is nothing for it to do.

    For pods it takes who has an address of the pod CIDR or, without one, of the subnet
    that the node's own pods are in: that is AKS' ``--cluster-cidr``.
    """
    if services.shared is None:
        return {}
    return {
        node: contract.KubeProxy(
            cluster_cidr=cluster.pod_cidr or _pods_prefix(node, cloud, addresses),
            services=services.shared.services,
        )
        for node in nodes
    }


def _pods_prefix(node: str, cloud: Cloud, addresses: Addresses) -> IPv4Network:
    interface = addresses.pod_containers.get(node, addresses.interfaces[node])
    return subnet_of(cloud, interface.subnet).address_prefix


def _running(pods: ClusterPods, addresses: Addresses) -> kube.Pods:
    """Pods that can answer: on the host network, at their node's address."""
    return kube.Pods(
        (pod.instance, pod.address or addresses.primary[pod.node])
        for pod in pods.pods
        if pod.node is not None and pod.runs
    )


@remembering(by=lambda cluster, *_, **__: cluster, maxsize=64)
def _shared(
    cluster: str, services: tuple[contract.Service, ...], *, asked_for: bool
) -> SharedServices | None:
    served = any(port.endpoints for service in services for port in service.ports)
    if not (asked_for or served):
        return None
    return SharedServices(services=services, encoded=encode_shared_services(services))


@remembering(by=lambda cluster, zones: cluster, maxsize=64)
def _names(cluster: str, zones: tuple[DnsZone, ...]) -> SharedNames:
    dns = contract.ClusterDns(zones=zones)
    return SharedNames(dns=dns, encoded=encode_shared_cluster_dns(dns))


def _name_servers(pods: ClusterPods) -> list[str]:
    """The nodes on which CoreDNS runs; a container with a command of its own is none."""
    return [
        pod.node
        for pod in pods.pods
        if pod.node is not None
        and pod.runs
        and runs_coredns(each.image for each in pod.instance.spec.containers if not each.command)
    ]


def _compiled(service: Service, address: IPv4Address, pods: kube.Pods) -> contract.Service:
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
            )
            for port in service.ports
        ),
        affinity_seconds=service.affinity_seconds or 0,
    )


def _row(
    service: Service, cluster: Cluster, address: IPv4Address | None, pods: kube.Pods
) -> ServiceRow:
    return ServiceRow(
        cluster=cluster.name,
        namespace=service.metadata.namespace,
        name=service.metadata.name,
        type=CLUSTER_IP,
        cluster_ip=address,
        ports=tuple(f"{port.port}/{port.protocol.value}" for port in service.ports),
        endpoints=tuple(dict.fromkeys(_endpoints(service, pods))),
    )


def _endpoints(service: Service, pods: kube.Pods) -> Iterable[str]:
    for port in service.ports:
        for each in pods.endpoints(service, port):
            yield f"{each.address}:{each.port}"
    if not service.ports:
        yield from (str(address) for _, address in pods.addresses(service))
