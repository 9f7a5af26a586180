"""What every host of a lab is reached at: in its subnet, on the Internet, in the underlay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from lab.cloud import addressing, virtual_network
from lab.cloud.egress import Exit
from lab.compile import public_addresses
from lab.compile.hosts import Host
from lab.compile.interfaces import Wanted, allocated, endpoint_owner, of_endpoint
from lab.compile.ledger import InterfaceAllocation, Ledger
from lab.contract.node_state import PortLease
from lab.topology.cluster import Cluster, NetworkPluginMode
from lab.topology.model import Lab
from lab.topology.problems import LabFileError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """What every host is reached at, by host, in the order of the hosts."""

    primary: Mapping[str, IPv4Address]
    """Of eth0, on every host."""
    interfaces: Mapping[str, InterfaceAllocation]
    """Of hosts in a subnet: where that address was handed out."""
    public: Mapping[str, IPv4Address]
    """How the Internet sees a host: what is its own or, if there is one only, what it shares.
    An Internet host's is its own."""
    named: Mapping[str, IPv4Address]
    """Of each of the cloud's public addresses, by its name."""
    edges: Mapping[str, tuple[IPv4Address, ...]]
    """Public addresses of hosts at the edge, by host."""
    handed_out: Mapping[str, IPv4Address]
    """Public addresses by owner, a host or one of the cloud's: what stays with it."""
    underlay: Mapping[str, IPv4Address]
    networks: Mapping[str, int]
    """VNI of each virtual network, and of each routing domain of an overlay."""
    frontends: Mapping[str, int]
    """Numbers of load balancers' frontends."""
    leases: Mapping[str, tuple[PortLease, ...]]
    """What hosts have of public addresses that they share."""
    private_endpoints: Mapping[str, IPv4Address]
    """By name."""
    pod_containers: Mapping[str, InterfaceAllocation] = field(default_factory=dict)
    """What nodes have of pod subnets (`lab.compile.pod_subnets`)."""

    def of_interface(self, host: str) -> tuple[IPv4Address, ...]:
        """Of eth0 on a host in a subnet: the primary one, then those kept for pods."""
        interface = self.interfaces[host]
        return (interface.address, *interface.secondary)

    def of_port(self, host: str) -> tuple[IPv4Address, ...]:
        """Everything in the virtual network that leads to a host in a subnet."""
        interface, pods = self.interfaces[host], self.pod_containers.get(host)
        if pods is None:
            return (interface.address, *interface.secondary)
        return (interface.address, *interface.secondary, pods.address, *pods.secondary)


def addresses_of(lab: Lab, hosts: Sequence[Host], previous: Ledger) -> Addresses:
    """The addresses of `hosts`, those of `previous` kept.

    Raises `LabFileError` when a subnet or the underlay has too few.
    """
    problems: list[Problem] = []
    wanted = [
        Wanted(
            owner=host.name,
            subnet=host.subnet,
            address=host.wanted_address,
            reserved=host.reserved_addresses,
            location=host.location,
        )
        for host in hosts
        if host.subnet is not None
    ]
    interfaces = allocated(
        lab.cloud,
        [*wanted, *map(of_endpoint, lab.cloud.private_endpoints)],
        previous=previous,
        problems=problems,
    )
    underlay = addressing.allocate(
        [host.name for host in hosts],
        pool=addressing.underlay_pool(previous.underlay),
        fixed={},
        previous=previous.underlay_addresses,
    )
    if len(underlay) < len(hosts):
        problems.append(
            Problem(
                lab.location,
                f"the underlay {previous.underlay} has {len(underlay)} addresses, and the lab "
                f"{len(hosts)} hosts",
                "build a smaller lab",
            )
        )
    frontends = public_addresses.frontend_numbers(lab, previous)
    if len(frontends) > public_addresses.MOST_FRONTENDS:
        problems.append(
            Problem(
                lab.location,
                f"the load balancers of the lab have {len(frontends)} frontends, Services of type "
                f"LoadBalancer among them; {public_addresses.MOST_FRONTENDS} is the limit",
                "build a smaller lab",
            )
        )
    if problems:
        raise LabFileError(problems)
    internet = {each.name: each.address for each in lab.internet}
    handed_out = public_addresses.handed_out(
        lab,
        [host.name for host in hosts if host.exit is Exit.DEFAULT],
        internet=internet,
        previous=previous,
    )
    named = {
        each.name: handed_out[public_addresses.public_owner(each.name)]
        for each in lab.cloud.public_ip_addresses
        if public_addresses.public_owner(each.name) in handed_out
    }
    edges = {
        gateway.name: tuple(named[name] for name in gateway.public_ip_addresses)
        for gateway in lab.cloud.nat_gateways
    } | {
        balancer.name: tuple(
            named[each.public_ip_address] for each in balancer.frontend_ip_configurations
        )
        for balancer in lab.cloud.load_balancers
    }
    leases = public_addresses.leases_of(lab, edges=edges, underlay=underlay, frontends=frontends)
    on_premises = {each.name: each.address for site in lab.on_premises for each in site.hosts}
    own = {**handed_out, **on_premises}
    return Addresses(
        primary={
            **{name: each.address for name, each in interfaces.items()},
            **internet,
            **{name: addresses[0] for name, addresses in edges.items()},
            **on_premises,
        },
        interfaces=interfaces,
        public={
            host.name: seen[0]
            for host in hosts
            if len(seen := _seen(host, lab, own=own, edges=edges, leases=leases)) == 1
        },
        named=named,
        edges=edges,
        handed_out=handed_out,
        frontends=frontends,
        leases=leases,
        private_endpoints={
            endpoint.name: interfaces[endpoint_owner(endpoint)].address
            for endpoint in lab.cloud.private_endpoints
        },
        underlay=underlay,
        networks=virtual_network.identifiers(
            (
                *(network.name for network in lab.cloud.virtual_networks),
                *map(overlay_domain, filter(_is_overlay, lab.clusters)),
            ),
            previous.networks,
        ),
    )


def _seen(
    host: Host,
    lab: Lab,
    *,
    own: Mapping[str, IPv4Address],
    edges: Mapping[str, tuple[IPv4Address, ...]],
    leases: Mapping[str, tuple[PortLease, ...]],
) -> Sequence[IPv4Address]:
    """The addresses with which the Internet may see `host`; `own` by their owners."""
    match host.exit:
        case Exit.DEFAULT if host.name in own:  # as below, and first: most have this one
            return (own[host.name],)
        case Exit.INSTANCE:
            return [own[public_addresses.public_owner(host.public_ip_address or "")]]
        case Exit.NAT_GATEWAY if host.subnet is not None:
            return edges[virtual_network.subnet_of(lab.cloud, host.subnet).nat_gateway or ""]
        case Exit.LOAD_BALANCER:
            found = (each.public_address for each in leases.get(host.name, ()))
            return list(dict.fromkeys(each for each in found if isinstance(each, IPv4Address)))
        case _:
            return [own[host.name]] if host.name in own else []


def overlay_domain(cluster: Cluster) -> str:
    """The routing domain of an overlay's pods; no virtual network has such a name."""
    return f"overlay/{cluster.name}"


def _is_overlay(cluster: Cluster) -> bool:
    return cluster.network_plugin_mode is NetworkPluginMode.OVERLAY
