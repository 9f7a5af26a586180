"""The names that CoreDNS answers for a cluster (semantics 7.1).

Who asks for anything else is passed on. Names of addresses (PTR) are a zone each, so
that only those that there are belong to the cluster.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address

from lab.contract.platform import DnsRecordSet, DnsRecordType, DnsZone
from lab.kube.manifests import Service, ServicePort
from lab.kube.resolv_conf import CLUSTER_DOMAIN
from lab.kube.services import Pods, ServiceKey, key_of

TTL = 30
"""Seconds, as AKS configures it."""

IMAGE = "coredns"
"""Last part of the name of the image that answers."""


def runs_coredns(images: Iterable[str]) -> bool:
    """Whether one of the images is CoreDNS, whatever its registry, tag or digest."""
    return any(_last_part(image) == IMAGE for image in images)


def zones_of(
    services: Iterable[Service], *, addresses: Mapping[ServiceKey, IPv4Address], pods: Pods
) -> tuple[DnsZone, ...]:
    """What CoreDNS knows; `addresses` are the ClusterIPs."""
    records: list[DnsRecordSet] = []
    reverse: dict[IPv4Address, str] = {}
    for service in services:
        name = _name(service)
        address = addresses.get(key_of(service))
        if address is not None:
            reverse.setdefault(address, name)
            records.append(_record(name, DnsRecordType.A, str(address)))
            for port in service.ports:
                records += _srv(name, port, [(name, port.port)])
        elif service.headless:
            records += _headless(service, name, pods, reverse)
    return (
        DnsZone(name=CLUSTER_DOMAIN, record_sets=tuple(records)),
        *(_reverse_zone(address, name) for address, name in reverse.items()),
    )


def _headless(
    service: Service, name: str, pods: Pods, reverse: dict[IPv4Address, str]
) -> Iterator[DnsRecordSet]:
    """The pods' own addresses under the Service's name, and each under one of its own.

    Without pods the name doesn't exist, as the specification has it.
    """
    found = list(dict.fromkeys(address for _, address in pods.addresses(service)))
    if not found:
        return
    yield _record(name, DnsRecordType.A, *map(str, found))
    for address in found:
        own = _endpoint_name(address, name)
        reverse.setdefault(address, own)
        yield _record(own, DnsRecordType.A, str(address))
    for port in service.ports:
        targets = [
            (_endpoint_name(each.address, name), each.port)
            for each in pods.endpoints(service, port)
        ]
        yield from _srv(name, port, targets)


def _srv(name: str, port: ServicePort, targets: list[tuple[str, int]]) -> Iterator[DnsRecordSet]:
    """Of ports with a name only."""
    if port.name and targets:
        weight = 100 // len(targets)
        yield _record(
            f"_{port.name}._{port.protocol.value.lower()}.{name}",
            DnsRecordType.SRV,
            *(f"0 {weight} {number} {target}" for target, number in targets),
        )


def _record(name: str, kind: DnsRecordType, *data: str) -> DnsRecordSet:
    return DnsRecordSet(name=name, type=kind, ttl=TTL, data=data)


def _reverse_zone(address: IPv4Address, name: str) -> DnsZone:
    pointer = address.reverse_pointer
    return DnsZone(name=pointer, record_sets=(_record(pointer, DnsRecordType.PTR, name),))


def _name(service: Service) -> str:
    return f"{service.metadata.name}.{service.metadata.namespace}.svc.{CLUSTER_DOMAIN}"


def _endpoint_name(address: IPv4Address, name: str) -> str:
    return f"{str(address).replace('.', '-')}.{name}"


def _last_part(image: str) -> str:
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]
