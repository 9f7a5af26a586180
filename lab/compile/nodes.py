"""One host's whole desired state, put together from what the other modules decided."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from lab.cloud.addressing import gateway
from lab.compile.azure_cni import AZURE_BRIDGE, NODE_LOCAL_DNS
from lab.compile.files import host_files, kubenet_files
from lab.compile.hosts import Host
from lab.compile.platform import SharedPlatform
from lab.compile.pods import POD_MTU
from lab.contract.load_balancing import HealthProbe
from lab.contract.node_state import (
    AzureCni,
    AzureCniMode,
    File,
    Kubenet,
    Masquerade,
    NetworkContainer,
    Nic,
    NodeState,
    Pod,
    Vswitch,
)
from lab.contract.service import ClusterDns, KubeProxy
from lab.kube.ipam import bridge_interface
from lab.remembering import remembering

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


_NOT_ATTACHED = Vswitch(underlay_address=IPv4Address(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """How a host is attached to the fabric."""

    nic: Nic
    underlay: IPv4Address
    node: NetworkContainer
    """The host's own addresses."""
    pods: NetworkContainer | None = None
    """Those of its pods, where they are apart from the host's."""
    health_probes: tuple[HealthProbe, ...] = ()
    platform: SharedPlatform | None = None
    """None on the Internet."""
    kube_proxy: KubeProxy | None = None
    cluster_dns: ClusterDns | None = None


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


def in_subnet(address: IPv4Address, subnet: IPv4Network) -> tuple[IPv4Interface, IPv4Address]:
    """(address with the mask of its subnet, gateway)."""
    return IPv4Interface((int(address), subnet.prefixlen)), gateway(subnet)


def on_internet(
    address: IPv4Address, taken: Container[IPv4Address]
) -> tuple[IPv4Interface, IPv4Address]:
    """(address with mask, gateway) of an Internet host.

    The gateway answers ARP and nothing else, so it is the first address of the range
    that nobody has: `taken` are those that somebody has, the host's own among them.
    """
    primary = IPv4Interface((int(address), INTERNET_PREFIX_LENGTH))
    free = (each for each in primary.network.hosts() if each not in taken)
    return primary, next(free, primary.network.broadcast_address - 1)


def node_state(host: Host, attachment: Attachment, *, lab: str, member: Member | None) -> NodeState:
    """The desired state of `host`."""
    platform = attachment.platform
    own = _own(
        host, attachment.nic, member=member, dns_suffix=platform.dns_suffix if platform else ""
    )
    return replace(
        own,
        vswitch=Vswitch(
            underlay_address=attachment.underlay, node=attachment.node, pods=attachment.pods
        ),
        platform=platform.platform if platform else None,
        kube_proxy=attachment.kube_proxy,
        cluster_dns=attachment.cluster_dns,
        health_probes=attachment.health_probes,
    )


@remembering(by=lambda host, *_, **__: host.name, maxsize=1024)
def _own(host: Host, nic: Nic, *, member: Member | None, dns_suffix: str) -> NodeState:
    """The state of `host` but for what it shares with others, or knows of them."""
    settings = _kubenet(member) if isinstance(member, NodeKubenet) else None
    pods = member.pods if member is not None else ()
    files = host_files(host.name, nic.primary.ip, dns_suffix=dns_suffix)
    if settings is not None:
        files += kubenet_files(settings, pods)
    if isinstance(member, NodeAzureCni):
        files += member.files
    return NodeState(
        name=host.name,
        kind=host.kind,
        nic=nic,
        vswitch=_NOT_ATTACHED,
        kubenet=settings,
        pods=pods,
        files=tuple(sorted(files, key=lambda file: file.path)),
        sysctls=_sysctls(host, in_cluster=member is not None),
        masquerade=_masquerade(member),
        azure_cni=_azure_cni(member) if isinstance(member, NodeAzureCni) else None,
        restricts_metadata=host.restricts_metadata,
    )


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
