"""What a cluster makes in the cloud for its Services of type LoadBalancer (semantics 3.3).

As the cloud provider of AKS does: a load balancer of the cluster with a frontend for each
Service, a rule for each of its ports with the frontend's address left as it is (floating
IP), probes that ask nodes, and a security group on the nodes' network interfaces that lets
clients in (claims E3, E4, E27). From here on they are resources like those that a user
writes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from itertools import count

from lab.compile.ledger import Ledger
from lab.contract.node_state import PortRange, SecurityProtocol
from lab.kube.identity import service_uid
from lab.kube.manifests import Manifests, Service, ServicePort, ServiceType, Transport
from lab.kube.node_ports import NodePortKey, key_of_health_check, key_of_port, node_ports
from lab.kube.services import ServiceKey, key_of, services_of
from lab.topology import names
from lab.topology.cluster import Cluster
from lab.topology.egress import PublicIPAddress
from lab.topology.load_balancer import (
    BackendAddressPool,
    FrontendIPConfiguration,
    LoadBalancer,
    LoadBalancingRule,
    LoadDistribution,
    Probe,
    ProbeProtocol,
    TransportProtocol,
)
from lab.topology.model import Cloud, Lab
from lab.topology.security import (
    INTERNET,
    Access,
    Direction,
    NetworkSecurityGroup,
    Peers,
    SecurityRule,
)

NODES_POOL = "kubernetes"
"""All nodes of the cluster are in it."""

PROBE_INTERVAL, PROBE_THRESHOLD = 5, 2
"""Seconds, and failures that take a node out."""

FIRST_PRIORITY = 500
"""Of the rules that let clients in."""


def with_service_load_balancers(lab: Lab, manifests: Manifests, previous: Ledger) -> Lab:
    """`lab` with load balancers and public addresses for Services of type LoadBalancer.

    `previous` has the node ports that stay.
    """
    for cluster in lab.clusters:
        written = manifests.of(cluster.name).services
        if balanced := _balanced(written):
            numbers = node_ports(
                services_of(cluster, written), previous=previous.node_ports(cluster.name)
            )
            lab = replace(lab, cloud=_with_frontends(lab.cloud, cluster, balanced, numbers))
    return lab


def with_service_security(
    lab: Lab, manifests: Manifests, addresses: Mapping[str, IPv4Address]
) -> Lab:
    """`lab` with a security group for each cluster that has Services of type LoadBalancer.

    `addresses`: of each of the cloud's public addresses, by its name.
    """
    for cluster in lab.clusters:
        balanced = _balanced(manifests.of(cluster.name).services)
        if not balanced:
            continue
        own, groups = names.network_security_group(cluster), lab.cloud.network_security_groups
        there = next((each for each in groups if each.name == own), None)
        group = there or NetworkSecurityGroup(
            location=cluster.location, name=own, security_rules=()
        )
        rules = _security_rules(cluster, balanced, addresses, group)
        made = replace(group, security_rules=(*group.security_rules, *rules))
        guarded = replace(cluster, network_security_group=own)
        lab = replace(
            lab,
            cloud=replace(
                lab.cloud,
                network_security_groups=(*(each for each in groups if each is not there), made),
            ),
            clusters=tuple(guarded if each is cluster else each for each in lab.clusters),
        )
    return lab


def public_address(cluster: str, service: ServiceKey) -> str:
    """Name of the public address of a Service of type LoadBalancer."""
    return f"kubernetes-{_frontend(cluster, service)}"


def _balanced(services: Sequence[Service]) -> list[Service]:
    return [each for each in services if each.type is ServiceType.LOAD_BALANCER]


def _with_frontends(
    cloud: Cloud,
    cluster: Cluster,
    services: Sequence[Service],
    numbers: Mapping[NodePortKey, int],
) -> Cloud:
    own = names.load_balancer(cluster)
    there = next((each for each in cloud.load_balancers if each.name == own), None)
    balancer = there or LoadBalancer(
        location=cluster.location,
        name=own,
        frontend_ip_configurations=(),
        backend_address_pools=(),
    )
    pool = BackendAddressPool(
        location=cluster.location, name=NODES_POOL, members=names.nodes(cluster)
    )
    frontends = [
        FrontendIPConfiguration(
            location=each.location,
            name=_frontend(cluster.name, key_of(each)),
            public_ip_address=public_address(cluster.name, key_of(each)),
        )
        for each in services
    ]
    probes = {
        probe.name: probe
        for service in services
        for port in service.ports
        if (probe := _probe(cluster.name, service, port, numbers)) is not None
    }
    made = replace(
        balancer,
        frontend_ip_configurations=(*balancer.frontend_ip_configurations, *frontends),
        backend_address_pools=(*balancer.backend_address_pools, pool),
        load_balancing_rules=tuple(
            _rule(cluster.name, service, port, probes)
            for service in services
            for port in service.ports
        ),
        probes=tuple(probes.values()),
    )
    return replace(
        cloud,
        public_ip_addresses=(
            *cloud.public_ip_addresses,
            *(
                PublicIPAddress(location=each.location, name=each.public_ip_address)
                for each in frontends
            ),
        ),
        load_balancers=(*(each for each in cloud.load_balancers if each is not there), made),
    )


def _rule(
    cluster: str, service: Service, port: ServicePort, probes: Mapping[str, Probe]
) -> LoadBalancingRule:
    name = _name(cluster, service, port)
    sticky = service.affinity_seconds is not None
    return LoadBalancingRule(
        location=port.location,
        name=name,
        frontend_ip_configuration=_frontend(cluster, key_of(service)),
        backend_address_pool=NODES_POOL,
        protocol=_PROTOCOLS[port.protocol],
        frontend_port=port.port,
        backend_port=port.port,
        probe=name if name in probes else None,
        enable_floating_ip=True,
        load_distribution=LoadDistribution.SOURCE_IP if sticky else LoadDistribution.DEFAULT,
    )


def _probe(
    cluster: str, service: Service, port: ServicePort, numbers: Mapping[NodePortKey, int]
) -> Probe | None:
    """With the policy Local a node is asked for endpoints of its own, else at the node port.

    A UDP port whose node port any node answers has none: all nodes count as up.
    """
    number = numbers.get(key_of_port(service, port), 0)
    protocol, path = ProbeProtocol.TCP, ""
    if service.has_health_check:
        number = numbers.get(key_of_health_check(service), 0)
        protocol, path = ProbeProtocol.HTTP, "/healthz"
    elif port.protocol is Transport.UDP:
        return None
    return Probe(
        location=port.location,
        name=_name(cluster, service, port),
        protocol=protocol,
        port=number,
        request_path=path,
        interval_in_seconds=PROBE_INTERVAL,
        threshold=PROBE_THRESHOLD,
    )


def _security_rules(
    cluster: Cluster,
    services: Sequence[Service],
    addresses: Mapping[str, IPv4Address],
    group: NetworkSecurityGroup,
) -> Iterator[SecurityRule]:
    """The frontend's ports are open to the Internet, or to the ranges of the Service alone."""
    taken = {each.priority for each in group.security_rules}
    free = (each for each in count(FIRST_PRIORITY) if each not in taken)
    for service in services:
        address = addresses.get(public_address(cluster.name, key_of(service)))
        if address is None:
            continue
        ranges = service.load_balancer_source_ranges
        for transport in dict.fromkeys(port.protocol for port in service.ports):
            yield SecurityRule(
                location=service.location,
                name=f"k8s-azure-lb_allow_IPv4_{_hash(cluster.name, service, transport)}",
                priority=next(free),
                direction=Direction.INBOUND,
                access=Access.ALLOW,
                protocol=_SECURITY_PROTOCOLS[transport],
                source=Peers(prefixes=ranges) if ranges else Peers(tags=(INTERNET,)),
                destination=Peers(
                    prefixes=(IPv4Network(address),),
                    ports=tuple(
                        PortRange(first=port.port, last=port.port)
                        for port in service.ports
                        if port.protocol is transport
                    ),
                ),
            )


def _frontend(cluster: str, service: ServiceKey) -> str:
    """As the cloud provider calls what is a Service's: ``a`` and its uid, 32 letters of it."""
    return f"a{service_uid(cluster, *service).replace('-', '')}"[:32]


def _name(cluster: str, service: Service, port: ServicePort) -> str:
    """Of a rule and its probe."""
    return f"{_frontend(cluster, key_of(service))}-{port.protocol.value}-{port.port}"


def _hash(cluster: str, service: Service, transport: Transport) -> str:
    """The provider hashes what a rule says; ours is the Service's for good."""
    return f"{service_uid(cluster, *key_of(service)).replace('-', '')}_{transport.value.lower()}"


_PROTOCOLS = {Transport.TCP: TransportProtocol.TCP, Transport.UDP: TransportProtocol.UDP}
_SECURITY_PROTOCOLS = {Transport.TCP: SecurityProtocol.TCP, Transport.UDP: SecurityProtocol.UDP}
