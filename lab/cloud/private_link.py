"""How networks get at a service by private addresses: service and private endpoints.

A service endpoint is a route of the subnet that has it, and lets the service see
the subnet's own addresses. A private endpoint is an address in a network, with a
route of its own there and in direct peers; the names of the service lead to it
where a private zone says so (semantics 2.7).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.dns_zone import PUBLIC_TTL
from lab.cloud.peering import peers_of
from lab.cloud.route_table import EffectiveRoute, RouteSource, RouteState
from lab.contract.platform import DnsRecordSet, DnsRecordType
from lab.topology.model import Cloud
from lab.topology.private_link import STORAGE, PrivateEndpoint, StorageAccount
from lab.topology.route_table import NextHopType, Route
from lab.topology.virtual_network import Subnet, SubnetReference, VirtualNetwork

GROUPS = ("blob", "file", "queue", "table", "dfs")
"""The parts of a storage account, each with a name of its own."""


def service_routes(cloud: Cloud, subnet: Subnet) -> tuple[Route, ...]:
    """The routes of a subnet's service endpoints: one for each address of the services."""
    if STORAGE not in subnet.service_endpoints:
        return ()
    return tuple(
        _route(account.address, NextHopType.VIRTUAL_NETWORK_SERVICE_ENDPOINT)
        for account in cloud.storage_accounts
    )


def endpoint_routes(
    cloud: Cloud, network: VirtualNetwork, addresses: Mapping[str, IPv4Address]
) -> tuple[Route, ...]:
    """The routes of private endpoints in `network` and its direct peers; `addresses` by name."""
    near = {network.name, *(peer.network.name for peer in peers_of(cloud, network) if peer.passes)}
    return tuple(
        _route(addresses[endpoint.name], NextHopType.INTERFACE_ENDPOINT)
        for endpoint in cloud.private_endpoints
        if endpoint.subnet.virtual_network in near
    )


def with_services(
    routes: Iterable[EffectiveRoute], *services: Iterable[Route]
) -> tuple[EffectiveRoute, ...]:
    """The effective routes of a subnet with those of `services` beside them.

    As system routes they yield to a user's with the same prefix, and to nobody else's.
    `routes` has a user's last.
    """
    routes, services = tuple(routes), tuple(map(tuple, services))
    if not any(services):
        return routes
    user = {each.address_prefix for each in routes if each.source is RouteSource.USER}
    added = tuple(
        EffectiveRoute(
            source=RouteSource.DEFAULT,
            state=RouteState.INVALID if each.address_prefix in user else RouteState.ACTIVE,
            address_prefix=each.address_prefix,
            next_hop_type=each.next_hop_type,
        )
        for several in services
        for each in several
    )
    prefixes = {each.address_prefix for each in added} - user
    return (
        *(
            replace(each, state=RouteState.INVALID) if each.address_prefix in prefixes else each
            for each in routes
            if each.source is not RouteSource.USER
        ),
        *added,
        *(each for each in routes if each.source is RouteSource.USER),
    )


def private_ways(cloud: Cloud) -> Iterator[VirtualNetwork]:
    """The virtual networks whose addresses a service sees, in the order of the lab file."""
    reaching = {endpoint.subnet.virtual_network for endpoint in cloud.private_endpoints}
    for network in cloud.virtual_networks:
        peers = {peer.network.name for peer in peers_of(cloud, network) if peer.passes}
        enabled = any(STORAGE in subnet.service_endpoints for subnet in network.subnets)
        if enabled or network.name in reaching or peers & reaching:
            yield network


def enabled_subnets(cloud: Cloud) -> Iterator[tuple[SubnetReference, IPv4Network]]:
    """The subnets that storage accounts know by their service endpoint."""
    for network in cloud.virtual_networks:
        for subnet in network.subnets:
            if STORAGE in subnet.service_endpoints:
                reference = SubnetReference(virtual_network=network.name, subnet=subnet.name)
                yield reference, subnet.address_prefix


def public_names(cloud: Cloud) -> Iterator[DnsRecordSet]:
    """What the public DNS says of storage accounts.

    The name of a part with a private endpoint is an alias, so that a private zone can
    answer for it; without such a zone the alias has the public address.
    """
    for account in cloud.storage_accounts:
        linked = {each.group for each in endpoints_of(cloud, account) if each.passes}
        for group in GROUPS:
            name = f"{account.name}.{group}.core.windows.net"
            if group in linked:
                alias = f"{account.name}.{private_zone(group)}"
                yield _record(name, DnsRecordType.CNAME, alias)
                name = alias
            yield _record(name, DnsRecordType.A, str(account.address))


def private_zone(group: str) -> str:
    """The private DNS zone of a part of storage accounts."""
    return f"privatelink.{group}.core.windows.net"


def endpoints_of(cloud: Cloud, account: StorageAccount) -> Iterable[PrivateEndpoint]:
    """The private endpoints that lead to `account`."""
    return (each for each in cloud.private_endpoints if each.storage_account == account.name)


def registered_endpoints(
    cloud: Cloud, addresses: Mapping[str, IPv4Address]
) -> dict[str, dict[str, IPv4Address]]:
    """The names that private endpoints have in private zones by themselves, by zone."""
    found: dict[str, dict[str, IPv4Address]] = {}
    for endpoint in cloud.private_endpoints:
        for zone in endpoint.private_dns_zones:
            if endpoint.passes and zone == private_zone(endpoint.group):
                address = addresses[endpoint.name]
                found.setdefault(zone, {})[endpoint.storage_account] = address
    return found


def _record(name: str, kind: DnsRecordType, data: str) -> DnsRecordSet:
    return DnsRecordSet(name=name, type=kind, ttl=PUBLIC_TTL, data=(data,))


def _route(address: IPv4Address, kind: NextHopType) -> Route:
    return Route(name="", address_prefix=IPv4Network(address), next_hop_type=kind)
