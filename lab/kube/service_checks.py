"""What Kubernetes would refuse of a Service, although it is well formed."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address

from lab.kube.manifests import HEADLESS, Service, ServicePort, Transport
from lab.kube.service_type_checks import check_types
from lab.kube.services import API_SERVER, KUBE_DNS, first_address, key_of
from lab.topology.cluster import Cluster
from lab.topology.problems import Problem


def check_services(services: Sequence[Service], cluster: Cluster) -> Iterator[Problem]:
    """Problems of the Services that manifests of `cluster` create."""
    for each in services:
        if key_of(each) in {API_SERVER, KUBE_DNS}:
            yield Problem(
                each.metadata.at("name"),
                f"every cluster brings Service '{each.metadata.name}' in namespace "
                f"'{each.metadata.namespace}' itself",
                "take it out, or rename it",
            )
        yield from _ports(each)
    yield from check_types(services)
    yield from _addresses(services, cluster)


def _ports(service: Service) -> Iterator[Problem]:
    who = f"Service '{service.metadata.name}'"
    if not service.ports and not service.headless:
        yield Problem(
            service.at("ports"),
            f"{who} has no ports",
            "add ports, or write clusterIP: None for a name alone",
        )
    names: set[str] = set()
    numbers: dict[tuple[int, Transport], ServicePort] = {}
    for port in service.ports:
        if not port.name and len(service.ports) > 1:
            yield Problem(
                port.location,
                f"port {port.port} of {who} has no name, which it needs beside other ports",
                "give every port a name",
            )
        if port.name and port.name in names:
            yield Problem(
                port.at("name"),
                f"two ports of {who} are called '{port.name}'",
                "rename one of them",
            )
        names.add(port.name)
        before = numbers.setdefault((port.port, port.protocol), port)
        if before is not port:
            yield Problem(
                port.at("port"),
                f"{who} has {port.protocol.value} port {port.port} twice",
                "take one of them out, or give it another port",
            )


def _addresses(services: Sequence[Service], cluster: Cluster) -> Iterator[Problem]:
    prefix = cluster.service_cidr
    taken: dict[IPv4Address, str] = {
        first_address(prefix): "Service 'kubernetes', which has the first one",
        cluster.dns_service_ip: "Service 'kube-dns' (dnsServiceIP)",
    }
    for service in services:
        address = service.cluster_ip
        written = HEADLESS if service.headless else str(address)
        if service.cluster_ips and service.cluster_ips[0] != written:
            yield Problem(
                service.at("clusterIPs"),
                f"the first of clusterIPs of Service '{service.metadata.name}', "
                f"{service.cluster_ips[0]}, is not its clusterIP {written}",
                "write the same address in both, or take clusterIPs out",
            )
        if address is None:
            continue
        who = f"clusterIP {address} of Service '{service.metadata.name}'"
        remedy = f"choose another address of {prefix}, or take clusterIP out"
        unusable = address in {prefix.network_address, prefix.broadcast_address}
        if address not in prefix or unusable:
            yield Problem(
                service.at("clusterIP"),
                f"{who} is no address of serviceCidr {prefix} that a Service can have",
                remedy,
            )
        elif address in taken:
            yield Problem(service.at("clusterIP"), f"{who} is that of {taken[address]}", remedy)
        taken.setdefault(address, f"Service '{service.metadata.name}'")
