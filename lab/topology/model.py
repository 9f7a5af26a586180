"""The lab as it was written, parsed and defaulted: frozen values, ARM and Kubernetes words.

Property names are the lab file's in snake_case. Every object knows the line it
came from (`location`), which takes no part in comparison.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Network
from types import MappingProxyType
from typing import Any

from lab.topology.problems import Location

NOWHERE = Location("", 0)


class NetworkPlugin(Enum):
    """`networkPlugin` of a cluster."""

    KUBENET = "kubenet"


class NextHopType(Enum):
    """`nextHopType` of a route (semantics 2.2)."""

    VNET_LOCAL = "VnetLocal"
    INTERNET = "Internet"
    VIRTUAL_APPLIANCE = "VirtualAppliance"
    NONE = "None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """A subnet of a virtual network."""

    name: str
    address_prefix: IPv4Network
    route_table: str | None = None
    """Name of the associated `RouteTable`; None: a cluster may bring its own."""
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualNetwork:
    """A virtual network with its subnets."""

    name: str
    address_prefixes: tuple[IPv4Network, ...]
    subnets: tuple[Subnet, ...]
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A user-defined route (UDR)."""

    name: str
    address_prefix: IPv4Network
    next_hop_type: NextHopType
    next_hop_ip_address: IPv4Address | None = None
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable:
    """A table of user-defined routes, associated with subnets."""

    name: str
    routes: tuple[Route, ...]
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The virtual networks and what belongs to them."""

    provider: str
    virtual_networks: tuple[VirtualNetwork, ...]
    route_tables: tuple[RouteTable, ...] = ()
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetReference:
    """``VNET/SUBNET`` as nodes and machines name where they are."""

    virtual_network: str
    subnet: str

    def __str__(self) -> str:
        return f"{self.virtual_network}/{self.subnet}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePool:
    """An agent pool: a scale set of equal nodes."""

    name: str
    count: int
    subnet: SubnetReference
    os_type: str = "Linux"
    max_pods: int = 110
    scale_set: str | None = None
    """Name of the scale set, for example ``aks-nodepool1-52243381-vmss``; None: derived."""
    registration_order: tuple[int, ...] = ()
    """Instance numbers in the order in which they registered; empty: ascending (claim A15)."""
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A Kubernetes cluster: network model, node pools, manifests."""

    name: str
    network_plugin: NetworkPlugin
    pod_cidr: IPv4Network
    service_cidr: IPv4Network
    dns_service_ip: IPv4Address
    node_pools: tuple[NodePool, ...]
    manifests: tuple[str, ...] = ()
    """Paths as written, relative to the lab file."""
    system_pods: bool = True
    """Whether kube-system holds what AKS puts there (claim A11)."""
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMachine:
    """A plain virtual machine."""

    name: str
    subnet: SubnetReference
    private_ip_address: IPv4Address | None = None
    """None: the next free address."""
    enable_ip_forwarding: bool = False
    sysctls: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InternetHost:
    """A host of the emulated Internet."""

    name: str
    address: IPv4Address
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a test expects; exactly one field besides `location` is what it asks first.

    The values are those of the lab file's ``expect:`` mapping, checked by the
    schema; `lab.checks` gives them meaning.
    """

    values: Mapping[str, Any]
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One entry of ``tests:``."""

    name: str
    source: str
    """``from:``, a target such as ``pod/nginx-0``."""
    destination: str | None
    """``to:``, a target or an address."""
    expect: Expectation
    within: float = 10.0
    """Seconds in which the expectation has to come true."""
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A whole lab file."""

    name: str
    cloud: Cloud
    clusters: tuple[Cluster, ...] = ()
    virtual_machines: tuple[VirtualMachine, ...] = ()
    internet: tuple[InternetHost, ...] = ()
    tests: tuple[Test, ...] = ()
    location: Location = field(default=NOWHERE, compare=False)
