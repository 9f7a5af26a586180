"""What stands at the edge of virtual networks: hosts without a guest."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Interface

from lab.cloud.addressing import nic_mac
from lab.compile.addresses import Addresses
from lab.compile.gateways import premises_routes
from lab.compile.hosts import Host
from lab.compile.load_balancing import Balancing
from lab.compile.routes import interface_routes, internet_routes
from lab.compile.subnets import Routing
from lab.contract.node_state import (
    Delivery,
    Edge,
    Nic,
    NodeState,
    SourceTranslation,
    Vswitch,
)
from lab.topology.egress import NatGateway
from lab.topology.gateway import VirtualNetworkGateway
from lab.topology.load_balancer import LoadBalancer
from lab.topology.model import Lab
from lab.topology.virtual_network import SubnetReference


def edges_of(
    lab: Lab,
    *,
    addresses: Addresses,
    routing: Routing,
    balancing: Balancing,
) -> Mapping[str, Edge]:
    """What each of the hosts at the edge does, by host."""
    return (
        {
            gateway.name: _nat_gateway(gateway, lab, addresses=addresses, routing=routing)
            for gateway in lab.cloud.nat_gateways
        }
        | {
            balancer.name: _load_balancer(balancer, addresses, balancing)
            for balancer in lab.cloud.load_balancers
        }
        | {
            gateway.name: _gateway(gateway, lab, addresses=addresses, routing=routing)
            for gateway in lab.cloud.virtual_network_gateways
        }
    )


def edge_state(host: Host, edge: Edge, *, addresses: Addresses, lab: str) -> NodeState:
    """The desired state of a host at the edge."""
    primary = IPv4Interface(addresses.primary[host.name])
    return NodeState(
        name=host.name,
        kind=host.kind,
        nic=Nic(mac=nic_mac(lab, host.name), primary=primary, gateway=primary.ip),
        vswitch=Vswitch(underlay_address=addresses.underlay[host.name]),
        edge=edge,
    )


def _gateway(
    gateway: VirtualNetworkGateway, lab: Lab, *, addresses: Addresses, routing: Routing
) -> Edge:
    """Out to hosts on premises; in by the routes of its own subnet, but never to the Internet."""
    own = SubnetReference(virtual_network=gateway.virtual_network, subnet=gateway.subnet)
    inward = routing.direct[own]().routes
    return Edge(
        outward=premises_routes(gateway, lab, addresses),
        inward=tuple(each for each in inward if each.delivery is not Delivery.INTERNET),
    )


def _load_balancer(balancer: LoadBalancer, addresses: Addresses, balancing: Balancing) -> Edge:
    """Answers to each address, to the hosts whose ports they are for; flows, to members."""
    own = set(addresses.edges[balancer.name])
    held = {
        host: [lease for lease in several if lease.public_address in own]
        for host, several in addresses.leases.items()
    }
    rules = balancing.rules.get(balancer.name, ())
    backends = [backend for rule in rules for backend in rule.backends]
    found = [
        *((lease.locator, host) for host, several in held.items() for lease in several),
        *((backend.locator, backend.host) for backend in backends),
    ]
    return Edge(
        inward=internet_routes(
            {
                locator: addresses.underlay[host]
                for locator, host in found
                if isinstance(locator, IPv4Address)
            }
        ),
        leases=tuple(lease for several in held.values() for lease in several),
        rules=rules,
    )


def _nat_gateway(gateway: NatGateway, lab: Lab, *, addresses: Addresses, routing: Routing) -> Edge:
    """Out to every Internet host; back to the interfaces of the virtual network it serves."""
    served = next(
        (
            network.name
            for network in lab.cloud.virtual_networks
            if any(subnet.nat_gateway == gateway.name for subnet in network.subnets)
        ),
        None,
    )
    return Edge(
        outward=routing.internet().routes,
        inward=interface_routes(routing.reachable[served]) if served is not None else (),
        translation=SourceTranslation(
            public_addresses=addresses.edges[gateway.name],
            tcp_idle_seconds=60 * gateway.idle_timeout_in_minutes,
        ),
    )
