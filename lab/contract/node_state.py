"""The whole desired state of one host, as a frozen value.

Mirrors ``proto/lab/contract/v1/node_state.proto`` with `ipaddress` objects in
place of bytes; `lab.contract.codec` translates. IPv4 and IPv6 share the types.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from types import MappingProxyType

from lab.contract.firewall import Firewall
from lab.contract.load_balancing import BalancedPort, BalancingRule, HealthProbe, ProbedBackend
from lab.contract.platform import Platform
from lab.contract.service import ClusterDns, KubeProxy

Address = IPv4Address | IPv6Address
Interface = IPv4Interface | IPv6Interface
Prefix = IPv4Network | IPv6Network

NO_ENTRIES: Mapping[str, str] = MappingProxyType({})


class NodeKind(Enum):
    """What a host stands for."""

    CLUSTER_NODE = "cluster-node"
    VIRTUAL_MACHINE = "virtual-machine"
    INTERNET_HOST = "internet-host"
    NAT_GATEWAY = "nat-gateway"
    LOAD_BALANCER = "load-balancer"
    VIRTUAL_NETWORK_GATEWAY = "virtual-network-gateway"
    ON_PREMISES_HOST = "on-premises-host"

    # By identity, as it is compared: Enum hashes the name, by a call for each host.
    __hash__ = object.__hash__

    @property
    def has_guest(self) -> bool:
        """Whether there is a machine, or only a switch at the edge of virtual networks."""
        return self not in _GUESTLESS


_GUESTLESS = (NodeKind.NAT_GATEWAY, NodeKind.LOAD_BALANCER, NodeKind.VIRTUAL_NETWORK_GATEWAY)


class Delivery(Enum):
    """What the virtual switch does with a packet that matches a route."""

    FABRIC = "fabric"
    """Encapsulated to the receiving host, addresses untouched."""

    INTERNET = "internet"
    """Encapsulated to the receiving host, source translated to the public address."""

    DROP = "drop"
    """Silently discarded: next hop None, or nobody owns the address."""

    # By identity, as it is compared: Enum hashes the name, by a call for each route.
    __hash__ = object.__hash__


class Protocol(Enum):
    """Transport protocol of a declared port."""

    TCP = "TCP"
    UDP = "UDP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """The network interface card as the guest sees it: eth0."""

    mac: str
    """Lower-case, colon separated."""
    primary: Interface
    """Address with the prefix length of its subnet."""
    gateway: Address
    """First address of the subnet; answers ARP, never ping (semantics 1.3, 1.4)."""
    mtu: int = 1500
    enable_ip_forwarding: bool = False
    """Lifts anti-spoofing (semantics 1.7); the guest's own sysctl is separate."""
    secondary: tuple[Address, ...] = ()
    """Further addresses that the guest's operating system has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FabricRoute:
    """An effective route of the sending subnet, resolved to the receiving host."""

    prefix: Prefix
    delivery: Delivery
    underlay_address: Address | None = None
    """Underlay address of the receiving host; None for `Delivery.DROP`."""
    vni: int = 0
    """Virtual network identifier of the encapsulation, 24 bits."""

    def __hash__(self) -> int:
        # Cheap: what follows from hundreds of routes is remembered by them.
        return hash((int(self.prefix.network_address), self.vni))


class SecurityProtocol(Enum):
    """`protocol` of a security rule, in Azure's words; `ANY` is ``*``."""

    ANY = "*"
    TCP = "Tcp"
    UDP = "Udp"
    ICMP = "Icmp"
    ESP = "Esp"
    AH = "Ah"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortRange:
    """Ports from `first` to `last`, both included."""

    first: int = 0
    last: int = 65535

    @property
    def is_any(self) -> bool:
        """Whether every port matches, and every protocol without ports."""
        return self.first == 0 and self.last == 65535


ANY_PORT = (PortRange(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityRule:
    """A rule of a network security group, tags and groups resolved to prefixes."""

    name: str
    priority: int
    allow: bool
    protocol: SecurityProtocol
    sources: tuple[Prefix, ...]
    """Empty: matches nothing, as a tag that nobody carries."""
    destinations: tuple[Prefix, ...]
    source_ports: tuple[PortRange, ...] = ANY_PORT
    destination_ports: tuple[PortRange, ...] = ANY_PORT
    platform: bool = False
    """Names the tag of a service of the platform: asked about packets to that service and no
    others, while other rules are never asked about them (semantics 2.3)."""

    def __hash__(self) -> int:
        # Cheap: rules are looked up by the thousand, and hashing prefixes is slow.
        return hash((self.name, self.priority))


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGate:
    """A network security group where it is associated: the first match decides."""

    name: str
    """For example ``subnet vnet01/vlan01`` or ``nic vm1``."""
    network_security_group: str
    rules: tuple[SecurityRule, ...]
    """By rising priority, the default rules last."""

    def __hash__(self) -> int:
        # Cheap, as that of its rules: there may be thousands of them.
        return hash((self.name, self.network_security_group, len(self.rules)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PortLease:
    """Ports of a public address that hosts share, as one of them has them (semantics 2.6)."""

    public_address: Address
    ports: PortRange
    protocol: Protocol | None = None
    """None: both TCP and UDP."""
    locator: Address
    """In place of the public address between its edge and the host, so that a route can tell
    hosts apart. Nobody else ever sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkContainer:
    """Addresses behind one port that share routes and rules (semantics 1.10)."""

    subnet: str = ""
    """For messages, for example ``vnet01/vlan01``."""
    addresses: tuple[Prefix, ...] = ()
    """What belongs to it; the port's own address to the node's."""
    routes: tuple[FabricRoute, ...] = ()
    public_address: Address | None = None
    """Source of what leaves for the Internet; None: it may not leave."""
    inbound: tuple[SecurityGate, ...] = ()
    """In the order in which a packet meets them: subnet, then NIC (semantics 2.3)."""
    outbound: tuple[SecurityGate, ...] = ()
    """In the order in which a packet meets them: NIC, then subnet."""
    accepts_inbound: bool = False
    """The public address is the container's own: flows may begin outside."""
    leases: tuple[PortLease, ...] = ()
    """In place of a public address of its own: what it has of shared ones."""
    balanced: tuple[BalancedPort, ...] = ()
    """Ports of load balancers' frontends whose flows come here."""
    answers: tuple[FabricRoute, ...] = ()
    """Where their answers go, if not the way of what the container sends by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vswitch:
    """The hypervisor's switch in front of the NIC (Azure: VFP)."""

    underlay_address: Address
    node: NetworkContainer = NetworkContainer()
    pods: NetworkContainer | None = None
    """None: pods belong to the node's container, or the fabric doesn't know them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTranslation:
    """What a NAT gateway does to TCP and UDP; all else it drops (semantics 2.6)."""

    public_addresses: tuple[Address, ...]
    tcp_idle_seconds: int
    """After how long without a packet a connection is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What the switch of a host without a guest does, where virtual networks end."""

    outward: tuple[FabricRoute, ...] = ()
    """For what comes from virtual networks."""
    inward: tuple[FabricRoute, ...] = ()
    """For what comes from outside: the Internet, networks on premises."""
    translation: SourceTranslation | None = None
    """None: addresses stay as they are."""
    leases: tuple[PortLease, ...] = ()
    """Of a load balancer's outbound rules: whose answers a port's are."""
    rules: tuple[BalancingRule, ...] = ()
    """A load balancer's: who gets flows from outside."""
    up: tuple[ProbedBackend, ...] = ()
    """Who of those that probes ask is up: observed, not compiled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubenet:
    """What kubenet configures on a node (semantics 4.1, claims A1, A9, A10)."""

    bridge: str
    pod_cidr: Prefix
    bridge_interface: Interface
    mtu: int
    promiscuous: bool
    last_reserved_address: Address | None = None
    """Last address that host-local handed out."""


class AzureCniMode(Enum):
    """How Azure CNI wires pods to their node."""

    BRIDGE = "bridge"
    TUNNEL = "tunnel"
    """As bridge, but traffic between pods of a node goes out to the fabric and back."""
    TRANSPARENT = "transparent"


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureCni:
    """What Azure CNI configures on a node (semantics 4.2, 4.3)."""

    mode: AzureCniMode
    bridge: str = ""
    """Bridge and tunnel mode: azure0."""
    routes_via_gateway: tuple[Prefix, ...] = ()
    """Transparent mode: what the node reaches over its gateway, as the dynamic pod subnet."""
    ips_to_route_via_host: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Masquerade:
    """Which packets of pods leave a node as the node itself (semantics 4)."""

    agent: bool = True
    """The ip-masq-agent is there."""
    non_masquerade_cidrs: tuple[Prefix, ...] = ()
    """Its nonMasqueradeCIDRs: what isn't listed leaves as the node."""
    masquerade_link_local: bool = True
    platform_sources: tuple[Prefix, ...] = ()
    """Azure CNS' own chain: these leave as the node towards DNS and metadata only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPort:
    """A port that a container declares."""

    protocol: Protocol
    port: int
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container of a pod, or a workload of a virtual machine."""

    name: str
    image: str
    command: tuple[str, ...] = ()
    """Empty: the built-in workload that the image name maps to."""
    ports: tuple[ContainerPort, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: NO_ENTRIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class PodInterface:
    """eth0 of a pod and the veth end that stays in the node."""

    address: Interface
    gateway: Address
    mac: str
    mtu: int
    host_interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod as its node sees it."""

    namespace: str
    name: str
    uid: str
    labels: Mapping[str, str] = field(default_factory=lambda: NO_ENTRIES)
    host_network: bool = False
    interface: PodInterface | None = None
    """None for pods on the host network."""
    containers: tuple[Container, ...] = ()
    resolv_conf: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of the node's operating system."""

    path: str
    """Absolute."""
    content: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """Everything that one host has to be."""

    name: str
    """Unique in the lab; also the hostname."""
    kind: NodeKind
    nic: Nic
    vswitch: Vswitch
    kubenet: Kubenet | None = None
    pods: tuple[Pod, ...] = ()
    files: tuple[File, ...] = ()
    sysctls: Mapping[str, str] = field(default_factory=lambda: NO_ENTRIES)
    """Dotted names below ``net.``, for the node's operating system."""
    containers: tuple[Container, ...] = ()
    """Workloads of a plain virtual machine or an Internet host."""
    azure_cni: AzureCni | None = None
    masquerade: Masquerade | None = None
    """None: pods keep their addresses."""
    edge: Edge | None = None
    """None unless the host has no guest; then it has nothing else, and of the NIC only the
    address counts, by which the edge is known."""
    platform: Platform | None = None
    """What the hypervisor answers its guest by itself; None: nothing."""
    restricts_metadata: bool = False
    """Pods with a network of their own may not ask the metadata service."""
    firewall: Firewall | None = None
    """None unless the host is an Azure firewall."""
    tls_certificate: str = ""
    """Key and certificate with which the machine answers over TLS as well, in PEM; empty: it
    doesn't."""
    kube_proxy: KubeProxy | None = None
    """None: there are no Services."""
    cluster_dns: ClusterDns | None = None
    """None: CoreDNS doesn't run here."""
    health_probes: tuple[HealthProbe, ...] = ()
    """How load balancers ask whether the host is up."""

    @property
    def served_addresses(self) -> frozenset[Address]:
        """What endpoints of Services on this host have: its own address, and its pods'."""
        pods = (pod.interface.address.ip for pod in self.pods if pod.interface is not None)
        return frozenset([self.nic.primary.ip, *pods])
