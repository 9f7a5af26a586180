"""The hosts of a lab and the addresses that each has."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from lab.cloud import addressing, virtual_network
from lab.cloud.egress import Exit, exit_of
from lab.cloud.managed_egress import balanced
from lab.compile import public_addresses
from lab.compile.interfaces import Wanted, allocated, endpoint_owner, of_endpoint
from lab.compile.ledger import InterfaceAllocation, Ledger
from lab.contract.node_state import NO_ENTRIES, NodeKind, PortLease
from lab.topology import names
from lab.topology.cluster import Cluster, NetworkPlugin, NetworkPluginMode
from lab.topology.egress import OutboundType
from lab.topology.model import Cloud, Lab
from lab.topology.problems import LabFileError, Location, Problem
from lab.topology.virtual_network import SubnetReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A machine with one network interface, or a switch where virtual networks end."""

    name: str
    kind: NodeKind
    subnet: SubnetReference | None
    """None: on the Internet, on premises, or at the edge."""
    exit: Exit = Exit.NONE
    """The way of its network interface to the Internet."""
    cluster: str = ""
    wanted_address: IPv4Address | None = None
    """What the lab file asks for; None: whatever is free."""
    reserved_addresses: int = 0
    """How many addresses its network interface has beside the primary one, for pods."""
    enable_ip_forwarding: bool = False
    public_ip_address: str | None = None
    """Name of the public address of its network interface."""
    restricts_metadata: bool = False
    """Its pods may not ask the metadata service."""
    site: str = ""
    """The network on premises that it is in."""
    sysctls: Mapping[str, str] = field(default_factory=lambda: NO_ENTRIES)
    """What the lab file sets."""
    location: Location

    @property
    def translates(self) -> bool:
        """Whether its switch gives packets to the Internet an address that is its own."""
        outside = self.kind in {NodeKind.INTERNET_HOST, NodeKind.ON_PREMISES_HOST}
        return outside or self.exit in {Exit.INSTANCE, Exit.DEFAULT}


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
        pods = self.pod_containers.get(host)
        own = self.of_interface(host)
        return own if pods is None else (*own, pods.address, *pods.secondary)


def hosts_of(lab: Lab) -> tuple[Host, ...]:
    """Every host: nodes in the order of pools and instances, machines, Internet hosts, edges.

    In this order addresses are handed out.
    """
    members = balanced(lab)
    return (
        *(host for cluster in lab.clusters for host in _nodes(cluster, lab.cloud, members)),
        *(
            Host(
                name=machine.name,
                kind=NodeKind.VIRTUAL_MACHINE,
                subnet=machine.subnet,
                exit=exit_of(
                    virtual_network.subnet_of(lab.cloud, machine.subnet),
                    public_ip_address=machine.public_ip_address,
                    balanced=machine.name in members,
                ),
                wanted_address=machine.private_ip_address,
                enable_ip_forwarding=machine.enable_ip_forwarding,
                public_ip_address=machine.public_ip_address,
                sysctls=machine.sysctls,
                location=machine.location,
            )
            for machine in lab.virtual_machines
        ),
        *(
            Host(
                name=firewall.name,
                kind=NodeKind.VIRTUAL_MACHINE,
                subnet=firewall.subnet,
                exit=Exit.INSTANCE,
                wanted_address=firewall.private_ip_address,
                enable_ip_forwarding=True,
                public_ip_address=firewall.public_ip_address,
                sysctls={"net.ipv4.ip_forward": "1"},
                location=firewall.location,
            )
            for firewall in lab.cloud.azure_firewalls
        ),
        *(
            Host(
                name=host.name,
                kind=NodeKind.INTERNET_HOST,
                subnet=None,
                wanted_address=host.address,
                location=host.location,
            )
            for host in lab.internet
        ),
        *(
            Host(
                name=gateway.name,
                kind=NodeKind.NAT_GATEWAY,
                subnet=None,
                location=gateway.location,
            )
            for gateway in lab.cloud.nat_gateways
        ),
        *(
            Host(
                name=balancer.name,
                kind=NodeKind.LOAD_BALANCER,
                subnet=None,
                location=balancer.location,
            )
            for balancer in lab.cloud.load_balancers
        ),
        *_gateways(lab),
        *(
            Host(
                name=host.name,
                kind=NodeKind.ON_PREMISES_HOST,
                subnet=None,
                site=site.name,
                wanted_address=host.address,
                location=host.location,
            )
            for site in lab.on_premises
            for host in site.hosts
        ),
    )


def _gateways(lab: Lab) -> Iterator[Host]:
    """The hosts of virtual network gateways, which have an address in their GatewaySubnet."""
    for gateway in lab.cloud.virtual_network_gateways:
        yield Host(
            name=gateway.name,
            kind=NodeKind.VIRTUAL_NETWORK_GATEWAY,
            subnet=SubnetReference(virtual_network=gateway.virtual_network, subnet=gateway.subnet),
            location=gateway.location,
        )


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
    leases = public_addresses.leases_of(lab, edges=edges, underlay=underlay)
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


def _nodes(cluster: Cluster, cloud: Cloud, members: Collection[str]) -> list[Host]:
    blocked = cluster.egress.outbound_type is OutboundType.BLOCK
    return [
        Host(
            name=name,
            kind=NodeKind.CLUSTER_NODE,
            cluster=cluster.name,
            subnet=pool.subnet,
            exit=exit_of(
                virtual_network.subnet_of(cloud, pool.subnet),
                public_ip_address=None,
                balanced=name in members,
                blocked=blocked,
            ),
            # kubenet: pods' packets pass (semantics 4.1); Azure CNI's have addresses of the NIC.
            enable_ip_forwarding=cluster.network_plugin is NetworkPlugin.KUBENET,
            reserved_addresses=cluster.reserved_addresses(pool),
            restricts_metadata=cluster.restricts_metadata,
            location=pool.location,
        )
        for pool in cluster.node_pools
        for instance in range(pool.count)
        for name in [
            names.node(pool.scale_set or names.scale_set(cluster.name, pool.name), instance)
        ]
    ]
