"""The hosts of a lab and the addresses that each has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from lab.cloud import addressing, virtual_network
from lab.compile.ledger import InterfaceAllocation, Ledger
from lab.contract.node_state import NO_ENTRIES, NodeKind
from lab.topology import names
from lab.topology.model import Cloud, Cluster, Lab, SubnetReference
from lab.topology.problems import LabFileError, Location, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A machine with one network interface: a node, a virtual machine, an Internet host."""

    name: str
    kind: NodeKind
    subnet: SubnetReference | None
    """None: on the Internet."""
    cluster: str = ""
    wanted_address: IPv4Address | None = None
    """What the lab file asks for; None: whatever is free."""
    enable_ip_forwarding: bool = False
    sysctls: Mapping[str, str] = field(default_factory=lambda: NO_ENTRIES)
    """What the lab file sets."""
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """What every host is reached at, by host, in the order of the hosts."""

    primary: Mapping[str, IPv4Address]
    """Of eth0, on every host."""
    interfaces: Mapping[str, InterfaceAllocation]
    """Of hosts in a subnet: where that address was handed out."""
    public: Mapping[str, IPv4Address]
    """How the Internet sees a host; one that is missing may not go there. An Internet host's
    is its own."""
    underlay: Mapping[str, IPv4Address]
    networks: Mapping[str, int]
    """VNI of each virtual network."""


def hosts_of(lab: Lab) -> tuple[Host, ...]:
    """Every host: nodes in the order of pools and instances, machines, Internet hosts.

    In this order addresses are handed out.
    """
    return (
        *(host for cluster in lab.clusters for host in _nodes(cluster)),
        *(
            Host(
                name=machine.name,
                kind=NodeKind.VIRTUAL_MACHINE,
                subnet=machine.subnet,
                wanted_address=machine.private_ip_address,
                enable_ip_forwarding=machine.enable_ip_forwarding,
                sysctls=machine.sysctls,
                location=machine.location,
            )
            for machine in lab.virtual_machines
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
    )


def addresses_of(lab: Lab, hosts: Sequence[Host], previous: Ledger) -> Addresses:
    """The addresses of `hosts`, those of `previous` kept.

    Raises `LabFileError` when a subnet or the underlay has too few.
    """
    problems: list[Problem] = []
    interfaces = _interfaces(lab.cloud, hosts, previous=previous, problems=problems)
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
    return Addresses(
        primary={name: each.address for name, each in interfaces.items()} | internet,
        interfaces=interfaces,
        public=addressing.allocate(
            (*interfaces, *internet),
            pool=addressing.PUBLIC_POOL,
            fixed=internet,
            previous=previous.public_addresses,
        ),
        underlay=underlay,
        networks=virtual_network.identifiers(
            (network.name for network in lab.cloud.virtual_networks), previous.networks
        ),
    )


def _nodes(cluster: Cluster) -> list[Host]:
    return [
        Host(
            name=names.node(pool.scale_set or names.scale_set(cluster.name, pool.name), instance),
            kind=NodeKind.CLUSTER_NODE,
            cluster=cluster.name,
            subnet=pool.subnet,
            enable_ip_forwarding=True,  # kubenet: pods' packets pass (semantics 4.1)
            location=pool.location,
        )
        for pool in cluster.node_pools
        for instance in range(pool.count)
    ]


def _interfaces(
    cloud: Cloud, hosts: Sequence[Host], *, previous: Ledger, problems: list[Problem]
) -> dict[str, InterfaceAllocation]:
    """The network interfaces of `hosts`; who finds no address goes to `problems`."""
    by_subnet: dict[SubnetReference, list[Host]] = {}
    for host in hosts:
        if host.subnet is not None:
            by_subnet.setdefault(host.subnet, []).append(host)
    held: dict[str, InterfaceAllocation] = {}
    for reference, group in by_subnet.items():
        prefix = virtual_network.subnet_of(cloud, reference).address_prefix
        found = addressing.allocate(
            [host.name for host in group],
            pool=addressing.subnet_pool(prefix),
            fixed={host.name: host.wanted_address for host in group if host.wanted_address},
            previous={
                name: before.address
                for name, before in previous.interfaces.items()
                if before.subnet == reference
            },
        )
        missing = [host for host in group if host.name not in found]
        if missing:
            problems.append(
                Problem(
                    missing[0].location,
                    f"subnet {reference} ({prefix}) has {len(found)} addresses for the network "
                    f"interfaces in it, which are {len(group)}",
                    "choose a larger prefix for the subnet, or put fewer machines into it",
                )
            )
        held |= {
            name: InterfaceAllocation(subnet=reference, address=address)
            for name, address in found.items()
        }
    return {host.name: held[host.name] for host in hosts if host.name in held}
