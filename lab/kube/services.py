"""Services of a cluster: which there are, their addresses, and the pods that answer for them.

Beside those of its manifests every cluster has two: `kubernetes`, the API server,
which labs have not, so that nobody answers for it; and `kube-dns`, for which the
pods of CoreDNS do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import chain

from lab.kube.instances import PodInstance
from lab.kube.manifests import ObjectMeta, Service, ServicePort, Transport
from lab.topology.cluster import Cluster

ServiceKey = tuple[str, str]
"""Namespace and name."""

API_SERVER: ServiceKey = ("default", "kubernetes")
KUBE_DNS: ServiceKey = ("kube-system", "kube-dns")

SMALLEST_STATIC_BAND, LARGEST_STATIC_BAND = 16, 256
_STATIC_SHARE = 16
"""Addresses at the beginning of the range that are given last, so that those who choose
theirs find them free: a sixteenth, within these limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A port of a pod."""

    pod: PodInstance
    address: IPv4Address
    port: int


_Running = tuple[PodInstance, IPv4Address]


class Pods:
    """The pods of a cluster that have an address, found by their labels."""

    def __init__(self, pods: Iterable[_Running]) -> None:
        self._by_namespace: dict[str, list[_Running]] = {}
        self._by_label: dict[str, dict[tuple[str, str], list[_Running]]] = {}
        for each in pods:
            self._by_namespace.setdefault(each[0].namespace, []).append(each)

    def endpoints(self, service: Service, port: ServicePort) -> tuple[Endpoint, ...]:
        """The endpoints of a port, as kube-proxy sorts them: by text (semantics 7)."""
        found = (
            Endpoint(pod=pod, address=address, port=number)
            for pod, address in self._selected(service)
            for number in _target_ports(pod, port)
        )
        return tuple(sorted(found, key=lambda each: f"{each.address}:{each.port}"))

    def addresses(self, service: Service) -> tuple[_Running, ...]:
        """The pods that a Service selects, with or without ports, by address."""
        return tuple(sorted(self._selected(service), key=lambda each: each[1]))

    def _selected(self, service: Service) -> list[_Running]:
        """All labels of the selector decide; without a selector nobody is selected."""
        wanted = service.selector.items()
        if not wanted:
            return []
        labels = self._labels(service.metadata.namespace)
        fewest = min((labels.get(each, []) for each in wanted), key=len)
        return [(pod, address) for pod, address in fewest if wanted <= pod.labels.items()]

    def _labels(self, namespace: str) -> dict[tuple[str, str], list[_Running]]:
        """The pods of a namespace by each of their labels: of those that have Services."""
        if namespace not in self._by_label:
            found = self._by_label.setdefault(namespace, {})
            for pod, address in self._by_namespace.get(namespace, ()):
                for label in pod.labels.items():
                    found.setdefault(label, []).append((pod, address))
        return self._by_label[namespace]


def services_of(cluster: Cluster, written: Sequence[Service]) -> tuple[Service, ...]:
    """Every Service of `cluster`, by namespace and name; `written` are its manifests'."""
    return tuple(sorted((*_own(cluster), *written), key=key_of))


def key_of(service: Service) -> ServiceKey:
    """What tells a Service from any other of its cluster."""
    return service.metadata.namespace, service.metadata.name


def first_address(prefix: IPv4Network) -> IPv4Address:
    """The address of `kubernetes`: the first of the range."""
    return prefix[min(1, prefix.num_addresses - 1)]


def cluster_ips(
    services: Iterable[Service],
    *,
    prefix: IPv4Network,
    previous: Mapping[ServiceKey, IPv4Address],
) -> dict[ServiceKey, IPv4Address]:
    """The address of each of `services` in `prefix`; one that is missing found none free.

    Who asks for an address has it, be it that of another since an earlier time, who
    then gets a new one. Everybody else keeps what it had.
    """
    wanting = [each for each in services if not each.headless]
    held = {key_of(each): each.cluster_ip for each in wanting if each.cluster_ip is not None}
    taken = set(held.values())
    for each in wanting:
        before = previous.get(key_of(each))
        if before is None or key_of(each) in held:
            continue
        if before in prefix and before not in taken:
            held[key_of(each)] = before
            taken.add(before)
    free = (each for each in _in_order(prefix) if each not in taken)
    for each in wanting:
        if key_of(each) not in held and (address := next(free, None)) is not None:
            held[key_of(each)] = address
    return held


def _own(cluster: Cluster) -> tuple[Service, Service]:
    """Those that a cluster brings (claims A7, B7)."""
    return (
        Service(
            metadata=ObjectMeta(name=API_SERVER[1], namespace=API_SERVER[0]),
            ports=(ServicePort(name="https", port=443, target_port=443),),
            cluster_ip=first_address(cluster.service_cidr),
        ),
        Service(
            metadata=ObjectMeta(name=KUBE_DNS[1], namespace=KUBE_DNS[0]),
            ports=(
                ServicePort(name="dns", port=53, target_port=53, protocol=Transport.UDP),
                ServicePort(name="dns-tcp", port=53, target_port=53),
            ),
            selector={"k8s-app": "kube-dns"},
            cluster_ip=cluster.dns_service_ip,
        ),
    )


def _in_order(prefix: IPv4Network) -> Iterable[IPv4Address]:
    """The addresses for those who don't care, first come, first served; of a real cluster's
    choice, which is random, only the band is kept."""
    first, last = int(prefix.network_address) + 1, int(prefix.broadcast_address) - 1
    share = (last - first + 1) // _STATIC_SHARE
    band = min(max(SMALLEST_STATIC_BAND, share), LARGEST_STATIC_BAND)
    start = first + band if first + band <= last else first
    return map(IPv4Address, chain(range(start, last + 1), range(first, start)))


def _target_ports(pod: PodInstance, port: ServicePort) -> list[int]:
    """Which of a pod's ports is meant: at most one, none if no container has that name."""
    if isinstance(port.target_port, int):
        return [port.target_port]
    found = [
        declared.container_port
        for container in pod.spec.containers
        for declared in container.ports
        if (declared.name, declared.protocol) == (port.target_port, port.protocol)
    ]
    return found[:1]
