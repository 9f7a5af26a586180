"""What the outboundType of a cluster asks of the subnets of its nodes (semantics 2.6)."""

from collections.abc import Iterator

from lab.topology.cluster import Cluster, NodePool
from lab.topology.egress import OutboundType
from lab.topology.model import Lab
from lab.topology.problems import Problem
from lab.topology.route_table import NextHopType, RouteTable
from lab.topology.usable import Usable
from lab.topology.validate.load_balancers import BLOCK, LARGEST_POOL, PORTS
from lab.topology.validate.places import subnet_of

_PROFILES = {
    "loadBalancerProfile": OutboundType.LOAD_BALANCER,
    "natGatewayProfile": OutboundType.MANAGED_NAT_GATEWAY,
}
_LEADS_OUT = {NextHopType.VIRTUAL_APPLIANCE, NextHopType.VIRTUAL_NETWORK_GATEWAY}


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of the clusters' ways to the Internet."""
    for cluster in lab.clusters:
        kind = cluster.egress.outbound_type
        yield from _profiles(cluster)
        if kind is OutboundType.LOAD_BALANCER:
            yield from _ports(cluster)
        for pool in cluster.node_pools:
            match kind:
                case OutboundType.USER_ASSIGNED_NAT_GATEWAY | OutboundType.MANAGED_NAT_GATEWAY:
                    yield from _nat_gateway(pool, cluster, lab)
                case OutboundType.USER_DEFINED_ROUTING:
                    yield from _default_route(pool, cluster, lab, usable)


def _profiles(cluster: Cluster) -> Iterator[Problem]:
    for profile, kind in _PROFILES.items():
        if profile in cluster.places and cluster.egress.outbound_type is not kind:
            yield Problem(
                cluster.at(profile),
                f"cluster '{cluster.name}' has a {profile}, and outboundType "
                f"{cluster.egress.outbound_type.value}",
                f"write outboundType: {kind.value}, or take {profile} out",
            )


def _ports(cluster: Cluster) -> Iterator[Problem]:
    ports, addresses = cluster.egress.allocated_outbound_ports, cluster.egress.managed_outbound_ips
    nodes = sum(pool.count for pool in cluster.node_pools)
    place = cluster.at("loadBalancerProfile")
    if ports % BLOCK:
        yield Problem(
            place,
            f"allocatedOutboundPorts {ports} of cluster '{cluster.name}' is no multiple of {BLOCK}",
            f"write {ports // BLOCK * BLOCK} or {(ports // BLOCK + 1) * BLOCK}",
        )
        return
    room = PORTS // ports * addresses if ports else LARGEST_POOL
    if nodes > room:
        yield Problem(
            place,
            f"cluster '{cluster.name}' has {nodes} nodes and outbound ports for {room}: "
            f"{addresses} public addresses with {PORTS} ports each, {ports or 32} for a node",
            "lower allocatedOutboundPorts, or raise managedOutboundIPs.count",
        )


def _nat_gateway(pool: NodePool, cluster: Cluster, lab: Lab) -> Iterator[Problem]:
    subnet = subnet_of(lab, pool.subnet)
    if subnet is None:
        return
    own = cluster.egress.outbound_type is OutboundType.MANAGED_NAT_GATEWAY
    where = f"subnet '{pool.subnet}' of node pool '{pool.name}'"
    if own and subnet.nat_gateway is not None:
        yield Problem(
            cluster.at("outboundType"),
            f"cluster '{cluster.name}' brings a NAT gateway, and {where} has one already",
            "write outboundType: userAssignedNATGateway",
        )
    elif not own and subnet.nat_gateway is None:
        yield Problem(
            cluster.at("outboundType"),
            f"cluster '{cluster.name}' has outboundType userAssignedNATGateway, and {where} has "
            "no NAT gateway",
            "give the subnet a natGateway",
        )


def _default_route(pool: NodePool, cluster: Cluster, lab: Lab, usable: Usable) -> Iterator[Problem]:
    subnet = subnet_of(lab, pool.subnet)
    if subnet is None or usable.lacks("routes"):
        return
    place, where = cluster.at("outboundType"), f"subnet '{pool.subnet}' of node pool '{pool.name}'"
    if subnet.route_table is None:
        yield Problem(
            place,
            f"cluster '{cluster.name}' has outboundType userDefinedRouting, and {where} has no "
            "route table (ExistingRouteTableNotAssociatedWithSubnet)",
            "give the subnet a routeTable with a route for 0.0.0.0/0 to an appliance",
        )
        return
    table = next((each for each in lab.cloud.route_tables if each.name == subnet.route_table), None)
    if table is not None:
        yield from _leads_out(table, cluster, where)


def _leads_out(table: RouteTable, cluster: Cluster, where: str) -> Iterator[Problem]:
    default = next((each for each in table.routes if each.address_prefix.prefixlen == 0), None)
    if default is None:
        yield Problem(
            table.at("routes"),
            f"cluster '{cluster.name}' has outboundType userDefinedRouting, and route table "
            f"'{table.name}' of {where} has no route for 0.0.0.0/0 "
            "(RouteTableMissingDefaultRouteError)",
            "add one to an appliance, or write outboundType: none",
        )
    elif default.next_hop_type not in _LEADS_OUT:
        yield Problem(
            default.at("nextHopType"),
            f"default route 0.0.0.0/0 of route table '{table.name}' has a next hop of "
            f"{default.next_hop_type.value}, but cluster '{cluster.name}' has outboundType "
            "userDefinedRouting, with which only VirtualAppliance and VirtualNetworkGateway are "
            "allowed (RouteTableInvalidNextHop)",
            "let it lead to an appliance, or write outboundType: none",
        )
