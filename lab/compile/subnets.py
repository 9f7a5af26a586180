"""The routes of every subnet: effective ones for people, resolved ones for virtual switches.

Subnets of one virtual network with the same route table have the same routes, so
these are computed and encoded once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from lab.cloud.cluster_routes import Association
from lab.cloud.peering import one_sided, peered_prefixes, peers_of
from lab.cloud.route_table import EffectiveRoute, effective_routes, tag_prefixes
from lab.cloud.virtual_network import network_of
from lab.compile.hosts import Addresses, Host
from lab.compile.routes import Reachable, fabric_routes, internet_routes, unreachable_appliances
from lab.contract.codec import encode_shared
from lab.contract.node_state import FabricRoute
from lab.topology.model import Cloud, SubnetReference
from lab.topology.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRoutes:
    """Routes that many hosts have in common."""

    routes: tuple[FabricRoute, ...]
    encoded: bytes
    """The same for the wire (`lab.contract.codec.encode_shared`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """All routes of a lab, by the subnet that sends."""

    effective: Mapping[SubnetReference, tuple[EffectiveRoute, ...]]
    shared: Mapping[SubnetReference | None, SharedRoutes]
    """Under None those of Internet hosts."""
    warnings: tuple[Problem, ...]


def routing_of(
    cloud: Cloud,
    tables: Sequence[Association],
    *,
    hosts: Sequence[Host],
    addresses: Addresses,
) -> Routing:
    """The routes of every subnet of `cloud` and of the Internet."""
    internet = {
        addresses.public[host.name]: addresses.underlay[host.name]
        for host in hosts
        if host.subnet is None or host.public_ip_address is not None
    }
    effective: dict[SubnetReference, tuple[EffectiveRoute, ...]] = {}
    shared: dict[SubnetReference | None, SharedRoutes] = {}
    warnings: list[Problem] = [*one_sided(cloud)]
    networks = {
        network.name: _interfaces(network.name, hosts) for network in cloud.virtual_networks
    }
    reachable = {
        name: Reachable(
            vni=addresses.networks[name],
            interfaces={
                address: addresses.underlay[host.name]
                for host in members
                for address in addresses.of_interface(host.name)
            },
            internet=internet,
        )
        for name, members in networks.items()
    }
    tags = tag_prefixes(cloud)
    for association in tables:
        for name, group in _by_network(association.subnets).items():
            network = network_of(cloud, group[0])
            peers = [peer.network.name for peer in peers_of(cloud, network) if peer.passes]
            members = [host for each in (name, *peers) for host in networks[each]]
            found = effective_routes(
                network,
                association.table,
                peered=peered_prefixes(cloud, network),
                service_tags=tags,
            )
            routes = _shared(
                fabric_routes(
                    found,
                    replace(reachable[name], peers=tuple(reachable[each] for each in peers)),
                )
            )
            for reference in group:
                effective[reference] = found
                shared[reference] = routes
            if association.table is not None:
                warnings += unreachable_appliances(
                    association.table,
                    name,
                    {addresses.primary[host.name]: host.enable_ip_forwarding for host in members},
                )
    shared[None] = _shared(internet_routes(_public(addresses)))
    return Routing(effective=effective, shared=shared, warnings=tuple(warnings))


def _interfaces(network: str, hosts: Sequence[Host]) -> list[Host]:
    """The hosts with a network interface in `network`."""
    return [host for host in hosts if host.subnet and host.subnet.virtual_network == network]


def _by_network(subnets: Sequence[SubnetReference]) -> dict[str, list[SubnetReference]]:
    found: dict[str, list[SubnetReference]] = {}
    for reference in subnets:
        found.setdefault(reference.virtual_network, []).append(reference)
    return found


def _public(addresses: Addresses) -> dict[IPv4Address, IPv4Address]:
    return {public: addresses.underlay[host] for host, public in addresses.public.items()}


def _shared(routes: tuple[FabricRoute, ...]) -> SharedRoutes:
    return SharedRoutes(routes=routes, encoded=encode_shared(routes))
