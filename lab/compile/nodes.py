"""One host's whole desired state, put together from what the other modules decided."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, collapse_addresses
from typing import NamedTuple

from lab.cloud.addressing import gateway, nic_mac
from lab.compile.azure_cni import AZURE_BRIDGE, NODE_LOCAL_DNS
from lab.compile.files import host_files, kubenet_files
from lab.compile.hosts import Host
from lab.compile.pods import POD_MTU
from lab.contract.load_balancing import BalancedPort, HealthProbe
from lab.contract.node_state import (
    AzureCni,
    AzureCniMode,
    FabricRoute,
    File,
    Kubenet,
    Masquerade,
    NetworkContainer,
    Nic,
    NodeState,
    Pod,
    PortLease,
    Vswitch,
)
from lab.contract.platform import Platform
from lab.contract.service import ClusterDns, KubeProxy
from lab.kube.ipam import bridge_interface
from lab.remembering import remembering_each
from lab.topology.virtual_network import SubnetReference

BRIDGE = "cbr0"
INTERNET_PREFIX_LENGTH = 24
"""Internet hosts find themselves in a /24 with a gateway, as in many a data centre."""

_SYSCTLS = {
    "net.ipv4.ip_forward": "0",
    "net.ipv4.conf.all.rp_filter": "2",
    "net.ipv4.conf.default.rp_filter": "2",
}
"""Ubuntu's. A namespace may inherit the machine's, so what matters is always written."""

_NODE_SYSCTLS = {"net.ipv4.ip_forward": "1"}
"""What the bridge plugin sets for a gateway (semantics 4.1)."""


class PodAttachment(NamedTuple):
    """The network container of a host's pods, apart from its own."""

    subnet: SubnetReference | None
    addresses: tuple[IPv4Address, ...] | tuple[IPv4Network, ...]
    public_address: IPv4Address | None = None
    leases: tuple[PortLease, ...] = ()


class Attachment(NamedTuple):
    """How a host is attached to the fabric, but for routes and gates, which it shares."""

    addresses: tuple[IPv4Address, ...]
    """Of eth0: the primary one, then those kept for pods."""
    prefix_length: int
    gateway: IPv4Address
    underlay: IPv4Address
    secondary: tuple[IPv4Address, ...] = ()
    """What eth0 has beside them (`lab.contract.node_state.Nic`)."""
    public_address: IPv4Address | None = None
    leases: tuple[PortLease, ...] = ()
    accepts_inbound: bool = False
    balanced: tuple[BalancedPort, ...] = ()
    answers: tuple[FabricRoute, ...] = ()
    health_probes: tuple[HealthProbe, ...] = ()
    pods: PodAttachment | None = None
    """None: the host's pods are not apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKubenet:
    """What kubenet knows on a node."""

    cluster_cidr: IPv4Network
    node_cidr: IPv4Network
    last_reserved: IPv4Address | None
    pods: tuple[Pod, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAzureCni:
    """What Azure CNI knows on a node, wherever its pods get their addresses."""

    mode: AzureCniMode = AzureCniMode.TRANSPARENT
    routes_via_gateway: tuple[IPv4Network, ...] = ()
    """What the node reaches over its own gateway (semantics 4.3)."""
    masquerade: Masquerade
    """What leaves as the node (semantics 4)."""
    files: tuple[File, ...]
    pods: tuple[Pod, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeWithoutCni:
    """A node on which no plugin is installed: what runs is on the host network (claim D4)."""

    pods: tuple[Pod, ...]


Member = NodeKubenet | NodeAzureCni | NodeWithoutCni
"""What the network model of a cluster knows on a node."""


class Machine(NamedTuple):
    """All that the state of a host with a guest follows from, but for what it shares."""

    lab: str
    host: Host
    attachment: Attachment
    member: Member | None = None
    dns_suffix: str | None = None
    """None: no platform answers it."""
    kube_proxy: KubeProxy | None = None
    """Without its Services."""
    runs_dns: bool = False
    """CoreDNS."""


@lru_cache(maxsize=1024)
def in_subnet(subnet: IPv4Network) -> tuple[int, IPv4Address]:
    """(prefix length, gateway) of every network interface in `subnet`, the same objects always."""
    return subnet.prefixlen, gateway(subnet)


def on_internet(address: IPv4Address, taken: Container[IPv4Address]) -> tuple[int, IPv4Address]:
    """(prefix length, gateway) of an Internet host.

    The gateway answers ARP and nothing else, so it is the first address of the range
    that nobody has: `taken` are those that somebody has, the host's own among them.
    """
    around = IPv4Interface((int(address), INTERNET_PREFIX_LENGTH)).network
    free = (each for each in around.hosts() if each not in taken)
    return INTERNET_PREFIX_LENGTH, next(free, around.broadcast_address - 1)


@remembering_each(maxsize=4)
def own_states(machine: Machine) -> NodeState:
    """The state of each machine of a lab, but for what it shares (`lab.compile.encoding`)."""
    host, attachment, member = machine.host, machine.attachment, machine.member
    nic = _nic(machine)
    settings = _kubenet(member) if isinstance(member, NodeKubenet) else None
    pods = member.pods if member is not None else ()
    files = host_files(host.name, nic.primary.ip, dns_suffix=machine.dns_suffix or "")
    if settings is not None:
        files += kubenet_files(settings, pods)
    if isinstance(member, NodeAzureCni):
        files += member.files
    return NodeState(
        name=host.name,
        kind=host.kind,
        nic=nic,
        vswitch=_vswitch(host, attachment),
        kubenet=settings,
        pods=pods,
        files=tuple(sorted(files, key=lambda file: file.path)),
        sysctls=_sysctls(host, in_cluster=member is not None),
        masquerade=_masquerade(member),
        azure_cni=_azure_cni(member) if isinstance(member, NodeAzureCni) else None,
        restricts_metadata=host.restricts_metadata,
        platform=None if machine.dns_suffix is None else Platform(),
        kube_proxy=machine.kube_proxy,
        cluster_dns=ClusterDns() if machine.runs_dns else None,
        health_probes=attachment.health_probes,
    )


def _nic(machine: Machine) -> Nic:
    host, attachment = machine.host, machine.attachment
    return Nic(
        mac=nic_mac(machine.lab, host.name),
        primary=IPv4Interface((int(attachment.addresses[0]), attachment.prefix_length)),
        gateway=attachment.gateway,
        enable_ip_forwarding=host.enable_ip_forwarding,
        secondary=attachment.secondary,
    )


def _vswitch(host: Host, attachment: Attachment) -> Vswitch:
    """The switch of `host`, without routes and gates."""
    pods = attachment.pods
    return Vswitch(
        underlay_address=attachment.underlay,
        node=NetworkContainer(
            subnet=str(host.subnet or ""),
            addresses=_collapsed(attachment.addresses),
            public_address=attachment.public_address,
            leases=attachment.leases,
            accepts_inbound=attachment.accepts_inbound,
            balanced=attachment.balanced,
            answers=attachment.answers,
        ),
        pods=None
        if pods is None
        else NetworkContainer(
            subnet=str(pods.subnet or ""),
            addresses=_collapsed(pods.addresses),
            public_address=pods.public_address,
            leases=pods.leases,
        ),
    )


def _collapsed(addresses: Iterable[IPv4Address | IPv4Network]) -> tuple[IPv4Network, ...]:
    return tuple(collapse_addresses(map(IPv4Network, addresses)))


def _kubenet(kubenet: NodeKubenet) -> Kubenet:
    return Kubenet(
        bridge=BRIDGE,
        pod_cidr=kubenet.node_cidr,
        bridge_interface=bridge_interface(kubenet.node_cidr),
        mtu=POD_MTU,
        promiscuous=True,
        last_reserved_address=kubenet.last_reserved,
    )


def _azure_cni(member: NodeAzureCni) -> AzureCni:
    return AzureCni(
        mode=member.mode,
        bridge="" if member.mode is AzureCniMode.TRANSPARENT else AZURE_BRIDGE,
        routes_via_gateway=member.routes_via_gateway,
        ips_to_route_via_host=(NODE_LOCAL_DNS,),
    )


def _masquerade(member: Member | None) -> Masquerade | None:
    """As AKS ships it (semantics 4). kubenet: all but what goes to the cluster's pods."""
    if isinstance(member, NodeKubenet):
        return Masquerade(non_masquerade_cidrs=(member.cluster_cidr,))
    return member.masquerade if isinstance(member, NodeAzureCni) else None


def _sysctls(host: Host, *, in_cluster: bool) -> Mapping[str, str]:
    return _SYSCTLS | (_NODE_SYSCTLS if in_cluster else {}) | dict(host.sysctls)
