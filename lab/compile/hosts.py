"""The hosts of a lab, in the order in which addresses are handed out."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from lab.cloud import virtual_network
from lab.cloud.egress import Exit, exit_of
from lab.cloud.managed_egress import balanced
from lab.contract.node_state import NO_ENTRIES, NodeKind
from lab.remembering import remembering_each
from lab.topology import names
from lab.topology.cluster import Cluster, NetworkPlugin
from lab.topology.egress import OutboundType
from lab.topology.model import Cloud, Lab
from lab.topology.problems import Location
from lab.topology.virtual_network import SubnetReference

_OUTSIDE = (NodeKind.INTERNET_HOST, NodeKind.ON_PREMISES_HOST)
_OWN_ADDRESS = (Exit.INSTANCE, Exit.DEFAULT)


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
        return self.kind in _OUTSIDE or self.exit in _OWN_ADDRESS


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


def _nodes(cluster: Cluster, cloud: Cloud, members: Collection[str]) -> Iterator[Host]:
    blocked = cluster.egress.outbound_type is OutboundType.BLOCK
    for pool in cluster.node_pools:
        subnet = virtual_network.subnet_of(cloud, pool.subnet)
        alone = Host(
            name="",
            kind=NodeKind.CLUSTER_NODE,
            cluster=cluster.name,
            subnet=pool.subnet,
            exit=exit_of(subnet, public_ip_address=None, blocked=blocked),
            # kubenet: pods' packets pass (semantics 4.1); Azure CNI's have addresses of the NIC.
            enable_ip_forwarding=cluster.network_plugin is NetworkPlugin.KUBENET,
            reserved_addresses=cluster.reserved_addresses(pool),
            restricts_metadata=cluster.restricts_metadata,
            location=pool.location,
        )
        way = exit_of(subnet, public_ip_address=None, balanced=True, blocked=blocked)
        of_pool = cluster.name, pool.name
        likes = _like(of_pool, {"alone": alone, "balanced": replace(alone, exit=way)})
        apart, together = likes["alone"], likes["balanced"]
        nodes = {
            name: (name, together if name in members else apart)
            for name in names.nodes_of_pool(cluster, pool)
        }
        yield from _node(of_pool, nodes).values()


@remembering_each(maxsize=64)
def _like(host: Host) -> Host:
    """One object for as long as nothing changes, which is compared at no cost."""
    return host


@remembering_each(maxsize=64)
def _node(node: tuple[str, Host]) -> Host:
    """A node that is `like` another host but for its name."""
    name, like = node
    return replace(like, name=name)
