"""Gateways, connections and networks on premises (semantics 2.2, 2.5)."""

from collections.abc import Iterator
from ipaddress import IPv4Address

from lab.topology.cluster import NodePool
from lab.topology.gateway import (
    GATEWAY_SUBNET,
    Connection,
    ConnectionType,
    GatewayType,
    VirtualNetworkGateway,
)
from lab.topology.model import Lab, VirtualMachine
from lab.topology.problems import Problem
from lab.topology.route_table import NextHopType, RouteTable
from lab.topology.usable import Usable
from lab.topology.validate.duplicates import duplicates
from lab.topology.virtual_network import Subnet, VirtualNetwork
from lab.topology.words import nearest


def check(lab: Lab, usable: Usable) -> Iterator[Problem]:
    """Problems of everything around gateways."""
    cloud = lab.cloud
    yield from duplicates(cloud.virtual_network_gateways, "gateway")
    yield from duplicates(cloud.local_network_gateways, "local network gateway")
    yield from duplicates(cloud.connections, "connection")
    yield from duplicates(lab.on_premises, "network on premises")
    owner: dict[str, VirtualNetworkGateway] = {}
    for gateway in cloud.virtual_network_gateways:
        yield from _place(gateway, lab, usable)
        before = owner.setdefault(gateway.virtual_network, gateway)
        if before is not gateway:
            yield Problem(
                gateway.at("ipConfigurations"),
                f"gateways '{before.name}' and '{gateway.name}' are both in virtual network "
                f"'{gateway.virtual_network}'; networks of a lab have one",
                "take one of them out",
            )
    for connection in cloud.connections:
        yield from _ends(connection, lab, usable)
    for network in cloud.virtual_networks:
        for subnet in network.subnets:
            if subnet.name == GATEWAY_SUBNET:
                yield from _gateway_subnet(network, subnet, lab)
    yield from _routes(lab)
    yield from _hosts(lab)


def _place(gateway: VirtualNetworkGateway, lab: Lab, usable: Usable) -> Iterator[Problem]:
    where, place = f"{gateway.virtual_network}/{gateway.subnet}", gateway.at("ipConfigurations")
    network = next(
        (each for each in lab.cloud.virtual_networks if each.name == gateway.virtual_network), None
    )
    if gateway.subnet != GATEWAY_SUBNET:
        yield Problem(
            place,
            f"gateway '{gateway.name}' is in subnet '{where}', which isn't called {GATEWAY_SUBNET}",
            f"write subnet: {gateway.virtual_network}/{GATEWAY_SUBNET}: a gateway's subnet has no "
            "other name",
        )
    elif usable.lacks("subnets"):
        return
    elif network is None or all(subnet.name != GATEWAY_SUBNET for subnet in network.subnets):
        yield Problem(
            place,
            f"gateway '{gateway.name}' is in subnet '{where}', which does not exist",
            f"add a subnet called {GATEWAY_SUBNET} to the virtual network, /27 by custom",
        )


def _ends(connection: Connection, lab: Lab, usable: Usable) -> Iterator[Problem]:
    gateways = {each.name: each for each in lab.cloud.virtual_network_gateways}
    locals_ = [each.name for each in lab.cloud.local_network_gateways]
    sites = [each.name for each in lab.on_premises]
    wanted, unwanted = ("localNetworkGateway2", "peer")
    known, names = locals_, (connection.local_network_gateway, connection.peer)
    kind = GatewayType.VPN
    if connection.connection_type is ConnectionType.EXPRESS_ROUTE:
        wanted, unwanted, known, names = unwanted, wanted, sites, names[::-1]
        kind = GatewayType.EXPRESS_ROUTE
    who = f"connection '{connection.name}' ({connection.connection_type.value})"
    gateway = gateways.get(connection.virtual_network_gateway)
    if gateway is None:
        if not usable.lacks("virtualNetworkGateways"):
            yield _unknown(connection, "virtualNetworkGateway1", who, list(gateways))
    elif gateway.gateway_type is not kind:
        yield Problem(
            connection.at("virtualNetworkGateway1"),
            f"{who} belongs to gateway '{gateway.name}', which has gatewayType "
            f"{gateway.gateway_type.value}",
            f"name a gateway with gatewayType: {kind.value}",
        )
    if names[1] is not None:
        yield Problem(connection.at(unwanted), f"{who} has a {unwanted}", f"write {wanted} instead")
    if names[0] is None:
        yield Problem(connection.location, f"{who} has no {wanted}", f"add {wanted}")
    elif names[0] not in known and not usable.lacks("localNetworkGateways"):
        yield _unknown(connection, wanted, who, known)


def _unknown(connection: Connection, key: str, who: str, known: list[str]) -> Problem:
    name = {
        "virtualNetworkGateway1": connection.virtual_network_gateway,
        "localNetworkGateway2": connection.local_network_gateway or "",
        "peer": connection.peer or "",
    }[key]
    guess = nearest(name, known)
    return Problem(
        connection.at(key),
        f"{key} of {who} is '{name}', which does not exist",
        f"did you mean '{guess}'?" if guess else "define it",
    )


def _gateway_subnet(network: VirtualNetwork, subnet: Subnet, lab: Lab) -> Iterator[Problem]:
    """Nothing but gateways is in it, and neither group nor NAT gateway at it."""
    where = f"subnet '{network.name}/{GATEWAY_SUBNET}'"
    inside: list[tuple[VirtualMachine | NodePool, str]] = [
        *((machine, f"virtual machine '{machine.name}'") for machine in lab.virtual_machines),
        *(
            (pool, f"node pool '{pool.name}'")
            for cluster in lab.clusters
            for pool in cluster.node_pools
        ),
    ]
    for written, who in inside:
        if (written.subnet.virtual_network, written.subnet.subnet) == (network.name, subnet.name):
            yield Problem(
                written.at("subnet"),
                f"{who} is in {where}, where only gateways may be",
                "choose another subnet",
            )
    for key, value in (
        ("networkSecurityGroup", subnet.network_security_group),
        ("natGateway", subnet.nat_gateway),
    ):
        if value is not None:
            yield Problem(
                subnet.at(key), f"{where} has a {key}, which a gateway can't have", "take it out"
            )
    table = next((each for each in lab.cloud.route_tables if each.name == subnet.route_table), None)
    if table is not None:
        yield from _gateway_table(table, where)


def _gateway_table(table: RouteTable, where: str) -> Iterator[Problem]:
    if table.disable_bgp_route_propagation:
        yield Problem(
            table.at("disableBgpRoutePropagation"),
            f"route table '{table.name}' of {where} keeps the gateway's routes out, and the "
            "gateway itself would not work",
            "write disableBgpRoutePropagation: false, or give the subnet another table",
        )
    for route in table.routes:
        if route.address_prefix.prefixlen == 0:
            yield Problem(
                route.at("addressPrefix"),
                f"route '{route.name}' of route table '{table.name}' is for 0.0.0.0/0, and {where} "
                "has that table: the gateway could not be managed any more",
                "give the subnet another table",
            )


def _routes(lab: Lab) -> Iterator[Problem]:
    """User-defined routes lead to VPN gateways only (semantics 2.2)."""
    express = {
        each.virtual_network: each
        for each in lab.cloud.virtual_network_gateways
        if each.gateway_type is GatewayType.EXPRESS_ROUTE
    }
    for network in lab.cloud.virtual_networks:
        if network.name not in express:
            continue
        used = {subnet.route_table for subnet in network.subnets}
        for table in lab.cloud.route_tables:
            for route in table.routes if table.name in used else ():
                if route.next_hop_type is NextHopType.VIRTUAL_NETWORK_GATEWAY:
                    yield Problem(
                        route.at("nextHopType"),
                        f"route '{route.name}' leads to the gateway of '{network.name}', which "
                        "has gatewayType ExpressRoute: routes lead to VPN gateways only",
                        "take the route out: an ExpressRoute gateway brings its own",
                    )


def _hosts(lab: Lab) -> Iterator[Problem]:
    for site in lab.on_premises:
        taken: dict[IPv4Address, str] = {}
        for host in site.hosts:
            if not any(host.address in prefix for prefix in site.address_prefixes):
                yield Problem(
                    host.at("address"),
                    f"address {host.address} of host '{host.name}' is outside of its network "
                    f"'{site.name}'",
                    "choose an address within its addressPrefixes",
                )
            before = taken.setdefault(host.address, host.name)
            if before != host.name:
                yield Problem(
                    host.at("address"),
                    f"hosts '{before}' and '{host.name}' of network '{site.name}' have the same "
                    f"address {host.address}",
                    "choose another address for one of them",
                )
