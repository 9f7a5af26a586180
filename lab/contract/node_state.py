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

Address = IPv4Address | IPv6Address
Interface = IPv4Interface | IPv6Interface
Prefix = IPv4Network | IPv6Network

NO_ENTRIES: Mapping[str, str] = MappingProxyType({})


class NodeKind(Enum):
    """What a host stands for."""

    CLUSTER_NODE = "cluster-node"
    VIRTUAL_MACHINE = "virtual-machine"
    INTERNET_HOST = "internet-host"


class Delivery(Enum):
    """What the virtual switch does with a packet that matches a route."""

    FABRIC = "fabric"
    """Encapsulated to the receiving host, addresses untouched."""

    INTERNET = "internet"
    """Encapsulated to the receiving host, source translated to the public address."""

    DROP = "drop"
    """Silently discarded: next hop None, or nobody owns the address."""


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
    public_address: Address | None = None
    """Source of what leaves for the Internet; None: it may not leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FabricRoute:
    """An effective route of the sending subnet, resolved to the receiving host."""

    prefix: Prefix
    delivery: Delivery
    underlay_address: Address | None = None
    """Underlay address of the receiving host; None for `Delivery.DROP`."""
    vni: int = 0
    """Virtual network identifier of the encapsulation, 24 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vswitch:
    """The hypervisor's switch in front of the NIC (Azure: VFP)."""

    underlay_address: Address
    routes: tuple[FabricRoute, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubenet:
    """What kubenet configures on a node (semantics 4.1, claims A1, A9, A10)."""

    bridge: str
    pod_cidr: Prefix
    bridge_interface: Interface
    mtu: int
    promiscuous: bool
    non_masquerade_cidrs: tuple[Prefix, ...]
    """ip-masq-agent's nonMasqueradeCIDRs."""
    masquerade_link_local: bool
    last_reserved_address: Address | None = None
    """Last address that host-local handed out."""


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
