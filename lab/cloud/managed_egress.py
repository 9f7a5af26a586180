"""What clusters make in the cloud for the egress of their nodes, by their outboundType.

A cluster's resource group gets a load balancer or a NAT gateway with public addresses
(semantics 2.6). From here on they are resources like those that a user writes.
"""

from dataclasses import replace

from lab.topology import names
from lab.topology.cluster import Cluster
from lab.topology.egress import NatGateway, OutboundType, PublicIPAddress
from lab.topology.load_balancer import (
    BackendAddressPool,
    FrontendIPConfiguration,
    LoadBalancer,
    OutboundRule,
)
from lab.topology.model import Cloud, Lab
from lab.topology.virtual_network import SubnetReference

NODES_POOL = "aksOutboundBackendPool"
"""All nodes of the cluster are in it."""


def with_managed_egress(lab: Lab) -> Lab:
    """`lab` with the resources that its clusters make."""
    for cluster in lab.clusters:
        match cluster.egress.outbound_type:
            case OutboundType.LOAD_BALANCER:
                lab = replace(lab, cloud=_with_load_balancer(lab.cloud, cluster))
            case OutboundType.MANAGED_NAT_GATEWAY:
                lab = replace(lab, cloud=_with_nat_gateway(lab.cloud, cluster))
    return lab


def pools(lab: Lab, load_balancer: str) -> dict[str, tuple[str, ...]]:
    """The members of each pool of a load balancer, by the pool's name."""
    members: dict[str, list[str]] = {}
    for balancer in lab.cloud.load_balancers:
        if balancer.name == load_balancer:
            for each in balancer.backend_address_pools:
                members.setdefault(each.name, []).extend(each.members)
    for machine in lab.virtual_machines:
        for reference in machine.load_balancer_backend_address_pools:
            named, _, pool = reference.partition("/")
            if named == load_balancer:
                members.setdefault(pool, []).append(machine.name)
    return {pool: tuple(found) for pool, found in members.items()}


def balanced(lab: Lab) -> frozenset[str]:
    """Who goes to the Internet by an outbound rule, if by nothing that comes first."""
    return frozenset(
        member
        for balancer in lab.cloud.load_balancers
        for pool, members in pools(lab, balancer.name).items()
        if any(rule.backend_address_pool == pool for rule in balancer.outbound_rules)
        for member in members
    )


def _with_load_balancer(cloud: Cloud, cluster: Cluster) -> Cloud:
    balancer = names.load_balancer(cluster)
    addresses = _addresses(balancer, cluster)
    frontends = tuple(
        FrontendIPConfiguration(
            location=cluster.location, name=each.name, public_ip_address=each.name
        )
        for each in addresses
    )
    rule = OutboundRule(
        location=cluster.location,
        name="aksOutboundRule",
        frontend_ip_configurations=tuple(each.name for each in frontends),
        backend_address_pool=NODES_POOL,
        allocated_outbound_ports=cluster.egress.allocated_outbound_ports,
    )
    pool = BackendAddressPool(
        location=cluster.location, name=NODES_POOL, members=names.nodes(cluster)
    )
    made = LoadBalancer(
        location=cluster.location,
        name=balancer,
        frontend_ip_configurations=frontends,
        backend_address_pools=(pool,),
        outbound_rules=(rule,),
    )
    return replace(
        cloud,
        public_ip_addresses=(*cloud.public_ip_addresses, *addresses),
        load_balancers=(*cloud.load_balancers, made),
    )


def _with_nat_gateway(cloud: Cloud, cluster: Cluster) -> Cloud:
    gateway = names.nat_gateway(cluster)
    addresses = _addresses(gateway, cluster)
    made = NatGateway(
        location=cluster.location,
        name=gateway,
        public_ip_addresses=tuple(each.name for each in addresses),
        idle_timeout_in_minutes=cluster.egress.idle_timeout_in_minutes,
    )
    served = {pool.subnet for pool in cluster.node_pools}
    networks = tuple(
        replace(
            network,
            subnets=tuple(
                replace(subnet, nat_gateway=gateway)
                if SubnetReference(virtual_network=network.name, subnet=subnet.name) in served
                else subnet
                for subnet in network.subnets
            ),
        )
        for network in cloud.virtual_networks
    )
    return replace(
        cloud,
        virtual_networks=networks,
        public_ip_addresses=(*cloud.public_ip_addresses, *addresses),
        nat_gateways=(*cloud.nat_gateways, made),
    )


def _addresses(owner: str, cluster: Cluster) -> tuple[PublicIPAddress, ...]:
    return tuple(
        PublicIPAddress(location=cluster.location, name=f"{owner}-ip{number + 1}")
        for number in range(cluster.egress.managed_outbound_ips)
    )
