"""What kube-proxy and CoreDNS know to messages and back."""

from lab.contract import wire
from lab.contract.platform_codec import zone_from_wire, zone_to_wire
from lab.contract.service import ClusterDns, Endpoint, KubeProxy, Service, ServicePort
from lab.contract.v1 import node_state_pb2 as pb


def kube_proxy_to_wire(proxy: KubeProxy) -> pb.KubeProxy:
    """The message of a node's kube-proxy."""
    return pb.KubeProxy(
        cluster_cidr=(
            wire.prefix_to_wire(proxy.cluster_cidr) if proxy.cluster_cidr is not None else None
        ),
        services=map(_service_to_wire, proxy.services),
    )


@wire.remembered(of=pb.KubeProxy, most=256)
def kube_proxy_from_wire(message: pb.KubeProxy) -> KubeProxy:
    """The kube-proxy of a message."""
    return KubeProxy(
        cluster_cidr=(
            wire.prefix_from_wire(message.cluster_cidr)
            if message.HasField("cluster_cidr")
            else None
        ),
        services=tuple(map(_service_from_wire, message.services)),
    )


def cluster_dns_to_wire(dns: ClusterDns) -> pb.ClusterDns:
    """The message of what CoreDNS knows."""
    return pb.ClusterDns(zones=map(zone_to_wire, dns.zones))


@wire.remembered(of=pb.ClusterDns, most=64)
def cluster_dns_from_wire(message: pb.ClusterDns) -> ClusterDns:
    """What CoreDNS knows; raises `CodecError` for a record type that there isn't."""
    return ClusterDns(zones=tuple(map(zone_from_wire, message.zones)))


def _service_to_wire(service: Service) -> pb.Service:
    return pb.Service(
        namespace=service.namespace,
        name=service.name,
        cluster_ip=service.cluster_ip.packed,
        affinity_seconds=service.affinity_seconds,
        load_balancer_ingress=wire.optional_address_to_wire(service.load_balancer_ingress),
        load_balancer_source_ranges=map(wire.prefix_to_wire, service.load_balancer_source_ranges),
        external_policy_local=service.external_policy_local,
        health_check_node_port=service.health_check_node_port,
        ports=[
            pb.ServicePort(
                name=port.name,
                protocol=wire.PROTOCOL_TO_WIRE[port.protocol],
                port=port.port,
                endpoints=[
                    pb.Endpoint(address=each.address.packed, port=each.port)
                    for each in port.endpoints
                ],
                node_port=port.node_port,
            )
            for port in service.ports
        ],
    )


@wire.remembered(of=pb.Service, most=4096)
def _service_from_wire(message: pb.Service) -> Service:
    return Service(
        namespace=message.namespace,
        name=message.name,
        cluster_ip=wire.address_from_wire(message.cluster_ip),
        affinity_seconds=message.affinity_seconds,
        load_balancer_ingress=wire.optional_address_from_wire(message.load_balancer_ingress),
        load_balancer_source_ranges=tuple(
            map(wire.prefix_from_wire, message.load_balancer_source_ranges)
        ),
        external_policy_local=message.external_policy_local,
        health_check_node_port=message.health_check_node_port,
        ports=tuple(
            ServicePort(
                name=port.name,
                protocol=wire.enum_from_wire(wire.PROTOCOL_FROM_WIRE, port.protocol),
                port=port.port,
                endpoints=tuple(
                    Endpoint(address=wire.address_from_wire(each.address), port=each.port)
                    for each in port.endpoints
                ),
                node_port=port.node_port,
            )
            for port in message.ports
        ),
    )
