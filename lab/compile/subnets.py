"""The routes of every subnet: effective ones for people, resolved ones for virtual switches.

Subnets of one virtual network with the same route table and service endpoints have
the same routes, so these are computed and encoded once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from ipaddress import IPv4Address, IPv4Network
from typing import ParamSpec

from lab.cloud.cluster_routes import Association
from lab.cloud.egress import Exit
from lab.cloud.gateway import gateway_of, gateway_prefixes
from lab.cloud.peering import one_sided, peered_prefixes, peers_of
from lab.cloud.private_link import (
    endpoint_routes,
    private_ways,
    service_routes,
    with_services,
)
from lab.cloud.route_table import EffectiveRoute, effective_routes, tag_prefixes
from lab.cloud.virtual_network import network_of, subnet_of
from lab.compile.addresses import Addresses
from lab.compile.gateways import site_routes, without_gateway
from lab.compile.hosts import Host
from lab.compile.routes import (
    Reachable,
    fabric_routes,
    internet_routes,
    routes_of_service,
    unreachable_appliances,
)
from lab.contract.node_state import FabricRoute, NodeKind
from lab.contract.state_parts import encode_routes
from lab.remembering import remembering
from lab.topology.model import Cloud, Lab
from lab.topology.problems import Problem
from lab.topology.virtual_network import SubnetReference, VirtualNetwork

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRoutes:
    """Routes that many hosts have in common."""

    routes: tuple[FabricRoute, ...]
    encoded: bytes
    """The same for the wire (`lab.contract.state_parts.encode_routes`)."""


Asked = Callable[[], SharedRoutes]
"""Worked out when somebody sends by them, once: in many a subnet is nobody."""

NO_ROUTES = SharedRoutes(routes=(), encoded=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """All routes of a lab, by the subnet that sends."""

    effective: Mapping[SubnetReference, tuple[EffectiveRoute, ...]]
    direct: Mapping[SubnetReference, Asked]
    """Of network interfaces that send to Internet hosts themselves."""
    translated: Mapping[SubnetReference, Asked]
    """Of network interfaces that send there by way of their subnet's NAT gateway."""
    internet: Asked
    """Of Internet hosts."""
    on_premises: Mapping[str, SharedRoutes]
    """Of hosts on premises, by their network."""
    services: Mapping[str, SharedRoutes]
    """Of those of them that virtual networks reach by private addresses."""
    reachable: Mapping[str, Reachable]
    """By virtual network."""

    def of(self, host: Host) -> SharedRoutes:
        """What `host` sends by, if it has a guest that sends."""
        if not host.kind.has_guest:
            return NO_ROUTES
        if host.site:
            return self.on_premises[host.site]
        if host.subnet is None:
            return self.services.get(host.name) or self.internet()
        return (self.translated if host.exit is Exit.NAT_GATEWAY else self.direct)[host.subnet]()

    def of_pods(self, subnet: SubnetReference) -> tuple[FabricRoute, ...]:
        """What pods with addresses of `subnet` send by."""
        return self.translated.get(subnet, self.direct[subnet])().routes


def routing_of(
    lab: Lab,
    tables: Sequence[Association],
    *,
    hosts: Sequence[Host],
    addresses: Addresses,
) -> Routing:
    """The routes of every subnet of `lab`, of the Internet, and of networks on premises."""
    # None follows from a security group.
    cloud = replace(lab.cloud, network_security_groups=(), application_security_groups=())
    return _routing(
        replace(lab, cloud=cloud, tests=(), warnings=()), tables, hosts=hosts, addresses=addresses
    )


def routing_warnings(
    cloud: Cloud,
    tables: Sequence[Association],
    *,
    hosts: Sequence[Host],
    addresses: Addresses,
) -> Iterator[Problem]:
    """What of routes and peerings will not work as the user may think."""
    yield from one_sided(cloud)
    for association in tables:
        if association.table is None:
            continue
        for group in _alike(cloud, association.subnets):
            network = network_of(cloud, group[0])
            around = [network, *(peer.network for peer in peers_of(cloud, network) if peer.passes)]
            forwarding = {
                addresses.primary[host.name]: host.enable_ip_forwarding
                for each in around
                for host in _interfaces(each.name, hosts)
            }
            yield from unreachable_appliances(association.table, network.name, forwarding)
            yield from without_gateway(association.table, network, cloud)


@remembering(by=lambda lab, *_, **__: lab.name, maxsize=4)
def _routing(
    lab: Lab,
    tables: Sequence[Association],
    *,
    hosts: Sequence[Host],
    addresses: Addresses,
) -> Routing:
    cloud = lab.cloud
    public = _public(addresses, hosts)
    internet = {
        addresses.public[host.name]: addresses.underlay[host.name]
        for host in hosts
        if host.kind is NodeKind.INTERNET_HOST or host.exit is Exit.INSTANCE
    }
    if any(each.load_balancing_rules for each in cloud.load_balancers):
        # Frontends, and whatever their clients may leave with.
        internet = public
    effective: dict[SubnetReference, tuple[EffectiveRoute, ...]] = {}
    direct: dict[SubnetReference, Asked] = {}
    translated: dict[SubnetReference, Asked] = {}
    networks = {
        network.name: _interfaces(network.name, hosts) for network in cloud.virtual_networks
    }
    reachable = {
        name: Reachable(
            vni=addresses.networks[name],
            interfaces={
                address: addresses.underlay[host.name]
                for host in members
                for address in addresses.of_port(host.name)
            },
            internet=internet,
            services={
                account.address: addresses.underlay[account.name]
                for account in cloud.storage_accounts
            },
            private_endpoints={
                addresses.private_endpoints[each.name]: addresses.underlay[each.storage_account]
                for each in cloud.private_endpoints
                if each.passes and each.subnet.virtual_network == name
            },
        )
        for name, members in networks.items()
    }
    tags = tag_prefixes(cloud)
    for association in tables:
        for group in _alike(cloud, association.subnets):
            network, name = network_of(cloud, group[0]), group[0].virtual_network
            peers = [peer.network.name for peer in peers_of(cloud, network) if peer.passes]
            found = with_services(
                effective_routes(
                    network,
                    association.table,
                    peered=peered_prefixes(cloud, network),
                    gateway=gateway_prefixes(lab, network),
                    service_tags=tags,
                ),
                service_routes(cloud, subnet_of(cloud, group[0])),
                endpoint_routes(cloud, network, addresses.private_endpoints),
            )
            around = replace(
                reachable[name],
                peers=tuple(reachable[each] for each in peers),
                gateway=_gateway(cloud, network, addresses),
            )
            routes = _once(_resolved, lab.name, group[0], around, found)
            behind = {
                gateway: _once(
                    _resolved,
                    lab.name,
                    group[0],
                    replace(around, nat_gateway=addresses.underlay[gateway]),
                    found,
                )
                for gateway in _nat_gateways(cloud, group)
            }
            for reference in group:
                effective[reference] = found
                direct[reference] = routes
                if gateway := subnet_of(cloud, reference).nat_gateway:
                    translated[reference] = behind[gateway]
    private = list(private_ways(cloud))
    seeing = None
    if private:
        ways = [reachable[network.name] for network in private]
        premises = _premises(lab, private, addresses)
        seeing = shared_routes(routes_of_service(public, ways, premises))
    return Routing(
        effective=effective,
        direct=direct,
        translated=translated,
        on_premises={
            site.name: shared_routes(site_routes(site, lab, addresses)) for site in lab.on_premises
        },
        internet=_once(_to_internet, lab.name, public),
        services={account.name: seeing for account in cloud.storage_accounts if seeing},
        reachable=reachable,
    )


def _once(routes: Callable[P, SharedRoutes], *args: P.args, **kwargs: P.kwargs) -> Asked:
    return cache(partial(routes, *args, **kwargs))


def _gateway(
    cloud: Cloud, network: VirtualNetwork, addresses: Addresses
) -> tuple[IPv4Address, int] | None:
    """Where `network` sends what is for a gateway."""
    gateway = gateway_of(cloud, network)
    if gateway is None:
        return None
    return addresses.underlay[gateway.name], addresses.networks[gateway.virtual_network]


def _premises(
    lab: Lab, networks: Iterable[VirtualNetwork], addresses: Addresses
) -> dict[IPv4Network, tuple[IPv4Address, int]]:
    """The gateway by which `networks` reach each network on premises, the first one's."""
    found: dict[IPv4Network, tuple[IPv4Address, int]] = {}
    for network in networks:
        if gateway := _gateway(lab.cloud, network, addresses):
            for prefix in gateway_prefixes(lab, network):
                found.setdefault(prefix, gateway)
    return found


def _nat_gateways(cloud: Cloud, subnets: Iterable[SubnetReference]) -> list[str]:
    """The NAT gateways of `subnets`, each once."""
    named = (subnet_of(cloud, reference).nat_gateway for reference in subnets)
    return list(dict.fromkeys(name for name in named if name is not None))


@remembering(
    by=lambda lab, subnet, around, *_, **__: (lab, subnet, around.nat_gateway is None),
    maxsize=1024,
)
def _resolved(
    lab: str, subnet: SubnetReference, around: Reachable, effective: tuple[EffectiveRoute, ...]
) -> SharedRoutes:
    """The routes of `subnet`, and of those like it, to who is `around`."""
    return shared_routes(fabric_routes(effective, around))


@remembering(by=lambda lab, *_, **__: lab, maxsize=4)
def _to_internet(lab: str, public: Mapping[IPv4Address, IPv4Address]) -> SharedRoutes:
    return shared_routes(internet_routes(public))


def shared_routes(routes: tuple[FabricRoute, ...], *, pods: bool = False) -> SharedRoutes:
    """`routes`, encoded; with `pods` as those of the pods' container."""
    return SharedRoutes(routes=routes, encoded=encode_routes(routes, pods=pods))


def _interfaces(network: str, hosts: Sequence[Host]) -> list[Host]:
    """The hosts with a network interface in `network`."""
    return [host for host in hosts if host.subnet and host.subnet.virtual_network == network]


def _alike(cloud: Cloud, subnets: Sequence[SubnetReference]) -> Iterable[Sequence[SubnetReference]]:
    """Subnets of one route table that have the same routes: by network and service endpoints."""
    found: dict[tuple[str, tuple[str, ...]], list[SubnetReference]] = {}
    for reference in subnets:
        services = subnet_of(cloud, reference).service_endpoints
        found.setdefault((reference.virtual_network, services), []).append(reference)
    return found.values()


def _public(addresses: Addresses, hosts: Sequence[Host]) -> dict[IPv4Address, IPv4Address]:
    """The underlay address of the host that has each public address."""
    return {
        **{
            addresses.public[host.name]: addresses.underlay[host.name]
            for host in hosts
            if host.translates and not host.site
        },
        **{
            public: addresses.underlay[host]
            for host, several in addresses.edges.items()
            for public in several
        },
    }
