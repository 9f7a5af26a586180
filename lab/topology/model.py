"""The lab as it was written, parsed and defaulted: frozen values, ARM and Kubernetes words.

Property names are the lab file's in snake_case. Every object knows the line it
came from (`location`) and those of its properties (`at`), which take no part in
comparison.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from types import MappingProxyType
from typing import Any, ClassVar

from lab.topology.egress import ClusterEgress, LoadBalancer, NatGateway, PublicIPAddress
from lab.topology.firewall import AzureFirewall
from lab.topology.gateway import (
    Connection,
    LocalNetworkGateway,
    OnPremisesNetwork,
    VirtualNetworkGateway,
)
from lab.topology.limits import DEFAULT_LIMITS, Limits
from lab.topology.private_dns import PrivateDnsZone
from lab.topology.private_link import PrivateEndpoint, StorageAccount
from lab.topology.problems import Problem
from lab.topology.security import ApplicationSecurityGroup, NetworkSecurityGroup, ServiceTag
from lab.topology.written import Written

BLOCK_SIZE = 16
"""Addresses of a /28, which is what nodes get of a pod subnet at a time (semantics 4.4)."""

DEFAULT_DOCKER_BRIDGE = IPv4Interface("172.17.0.1/16")


class NetworkPlugin(Enum):
    """`networkPlugin` of a cluster."""

    KUBENET = "kubenet"
    AZURE = "azure"
    """Azure CNI; where its pods get addresses, `Cluster.ipam` says (semantics 4.3)."""
    NONE = "none"
    """None: pods wait for one to be installed, which labs do not do (claim D4)."""


class NetworkPluginMode(Enum):
    """`networkPluginMode` of a cluster."""

    OVERLAY = "overlay"


class PodIPAllocationMode(Enum):
    """`podIPAllocationMode` of a node pool with a pod subnet."""

    DYNAMIC_INDIVIDUAL = "DynamicIndividual"
    STATIC_BLOCK = "StaticBlock"


class Ipam(Enum):
    """Where the pods of a node get their addresses."""

    HOST_LOCAL = "host-local"
    """kubenet: a range of the pod CIDR for each node, behind its bridge."""
    NODE_SUBNET = "node subnet"
    """Each node keeps an address of its own subnet for every pod (claim B4)."""
    DYNAMIC = "dynamic"
    """Addresses of the pod subnet, in batches as pods come (semantics 4.4, claim C2)."""
    STATIC_BLOCK = "static block"
    """/28 blocks of the pod subnet for each node (semantics 4.4)."""
    OVERLAY = "overlay"
    """A range of the pod CIDR for each node, in a routing domain of its own (semantics 4.5)."""
    NONE = "none"
    """Nowhere: there is no plugin."""

    @property
    def has_pod_subnet(self) -> bool:
        """Whether pods have addresses of a subnet of their own."""
        return self in {Ipam.DYNAMIC, Ipam.STATIC_BLOCK}


class NetworkMode(Enum):
    """`networkMode` of a cluster: how Azure CNI attaches pods to their node."""

    TRANSPARENT = "transparent"
    """By a route each (semantics 4.3)."""
    BRIDGE = "bridge"
    """By a bridge that the network interface is a port of (semantics 4.2)."""
    TUNNEL = "tunnel"
    """As BRIDGE, but pods of a node meet by way of the fabric."""


class NetworkPolicy(Enum):
    """`networkPolicy` of a cluster: what enforces network policies."""

    NONE = "none"
    AZURE = "azure"
    """Azure Network Policy Manager."""
    CALICO = "calico"
    CILIUM = "cilium"


class NetworkDataplane(Enum):
    """`networkDataplane` of a cluster."""

    AZURE = "azure"
    CILIUM = "cilium"


class OsType(Enum):
    """`osType` of a node pool."""

    LINUX = "Linux"
    WINDOWS = "Windows"


class NextHopType(Enum):
    """`nextHopType` of a route (semantics 2.2)."""

    VNET_LOCAL = "VnetLocal"
    INTERNET = "Internet"
    VIRTUAL_APPLIANCE = "VirtualAppliance"
    NONE = "None"
    VIRTUAL_NETWORK_GATEWAY = "VirtualNetworkGateway"
    VNET_PEERING = "VNetPeering"
    """Of system routes only: a peering makes them."""
    VIRTUAL_NETWORK_SERVICE_ENDPOINT = "VirtualNetworkServiceEndpoint"
    """Of system routes only: a service endpoint of the subnet makes them."""
    INTERFACE_ENDPOINT = "InterfaceEndpoint"
    """Of system routes only: a private endpoint makes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet(Written):
    """A subnet of a virtual network."""

    name: str
    address_prefix: IPv4Network
    route_table: str | None = None
    """Name of the associated `RouteTable`; None: a cluster may bring its own."""
    network_security_group: str | None = None
    default_outbound_access: bool = True
    """Whether who has no other way to the Internet gets an address for it (semantics 2.6)."""
    nat_gateway: str | None = None
    """Name of the `NatGateway` that is associated."""
    service_endpoints: tuple[str, ...] = ()
    """Services that see the subnet's own addresses (semantics 2.7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualNetworkPeering(Written):
    """One network's half of a peering; the flags speak for this half alone."""

    name: str
    remote_virtual_network: str
    allow_virtual_network_access: bool = True
    allow_forwarded_traffic: bool = False
    """Lets packets in that don't originate in the remote network (semantics 2.5)."""
    allow_gateway_transit: bool = False
    use_remote_gateways: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualNetwork(Written):
    """A virtual network with its subnets."""

    name: str
    address_prefixes: tuple[IPv4Network, ...]
    subnets: tuple[Subnet, ...]
    virtual_network_peerings: tuple[VirtualNetworkPeering, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Written):
    """A user-defined route (UDR)."""

    name: str
    address_prefix: IPv4Network
    next_hop_type: NextHopType
    next_hop_ip_address: IPv4Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedRoute(Written):
    """A user-defined route for every prefix of a service tag."""

    name: str
    service_tag: str
    next_hop_type: NextHopType
    next_hop_ip_address: IPv4Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable(Written):
    """A table of user-defined routes, associated with subnets."""

    name: str
    routes: tuple[Route, ...]
    tagged_routes: tuple[TaggedRoute, ...] = ()
    """Those of ``routes:`` whose addressPrefix is a service tag."""
    disable_bgp_route_propagation: bool = False
    """Keeps the routes of gateways out of the subnets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud(Written):
    """The virtual networks and what belongs to them."""

    provider: str
    virtual_networks: tuple[VirtualNetwork, ...]
    route_tables: tuple[RouteTable, ...] = ()
    network_security_groups: tuple[NetworkSecurityGroup, ...] = ()
    application_security_groups: tuple[ApplicationSecurityGroup, ...] = ()
    service_tags: tuple[ServiceTag, ...] = ()
    public_ip_addresses: tuple[PublicIPAddress, ...] = ()
    nat_gateways: tuple[NatGateway, ...] = ()
    load_balancers: tuple[LoadBalancer, ...] = ()
    private_dns_zones: tuple[PrivateDnsZone, ...] = ()
    virtual_network_gateways: tuple[VirtualNetworkGateway, ...] = ()
    local_network_gateways: tuple[LocalNetworkGateway, ...] = ()
    connections: tuple[Connection, ...] = ()
    azure_firewalls: tuple[AzureFirewall, ...] = ()
    storage_accounts: tuple[StorageAccount, ...] = ()
    private_endpoints: tuple[PrivateEndpoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetReference:
    """``VNET/SUBNET`` as nodes and machines name where they are."""

    virtual_network: str
    subnet: str

    def __str__(self) -> str:
        return f"{self.virtual_network}/{self.subnet}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePool(Written):
    """An agent pool: a scale set of equal nodes."""

    name: str
    count: int
    subnet: SubnetReference
    os_type: OsType = OsType.LINUX
    max_pods: int = 110
    scale_set: str | None = None
    """Name of the scale set, for example ``aks-nodepool1-52243381-vmss``; None: derived.

    A parsed lab file has it filled in (`lab.topology.defaults.scale_set`)."""
    registration_order: tuple[int, ...] = ()
    """Instance numbers in the order in which they registered; empty: ascending (claim A15).

    A parsed lab file has it filled in."""
    pod_subnet: SubnetReference | None = None
    """Where pods get their addresses, apart from the nodes' subnet (claim C1)."""
    pod_ip_allocation_mode: PodIPAllocationMode = PodIPAllocationMode.DYNAMIC_INDIVIDUAL
    """How; it counts with a pod subnet only."""

    @property
    def blocks(self) -> int:
        """How many /28 each node gets with `PodIPAllocationMode.STATIC_BLOCK` (semantics 4.4).

        The first address is the node's own: 30 pods need two blocks, 32 pods three.
        """
        return -(-(self.max_pods + 1) // BLOCK_SIZE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster(Written):
    """A Kubernetes cluster: network model, node pools, manifests."""

    name: str
    network_plugin: NetworkPlugin
    pod_cidr: IPv4Network | None
    """None where pods have addresses of a subnet."""
    service_cidr: IPv4Network
    dns_service_ip: IPv4Address
    docker_bridge_cidr: IPv4Interface = DEFAULT_DOCKER_BRIDGE
    """Address of docker0 on the nodes (claim A7)."""
    node_pools: tuple[NodePool, ...]
    manifests: tuple[str, ...] = ()
    """Paths as written, relative to the lab file."""
    restricts_metadata: bool = False
    """``podLinkLocalAccess: None``: pods with a network of their own don't reach the metadata
    service (semantics 2.4)."""
    system_pods: bool = True
    """Whether kube-system holds what AKS puts there (claim A11)."""
    network_policy: NetworkPolicy = NetworkPolicy.NONE
    network_dataplane: NetworkDataplane = NetworkDataplane.AZURE
    virtual_nodes: bool = False
    """Whether the add-on ``aciConnectorLinux`` is enabled (claim B27)."""
    network_mode: NetworkMode | None = None
    """Of Azure CNI: a parsed lab file has it filled in, from the plugin's version if need be."""
    azure_cni_version: str | None = None
    """As written; it has done its part in `network_mode` (claim B1)."""
    network_plugin_mode: NetworkPluginMode | None = None
    egress: ClusterEgress = field(default_factory=ClusterEgress)

    @property
    def has_pod_cidr(self) -> bool:
        """Whether nodes get ranges of a pod CIDR, whatever their pools."""
        return (
            self.network_plugin is NetworkPlugin.KUBENET
            or self.network_plugin_mode is NetworkPluginMode.OVERLAY
        )

    def ipam(self, pool: NodePool) -> Ipam:
        """Where the pods of `pool`, one of this cluster's, get their addresses."""
        if self.network_plugin is NetworkPlugin.KUBENET:
            return Ipam.HOST_LOCAL
        if self.network_plugin is NetworkPlugin.NONE:
            return Ipam.NONE
        if self.network_plugin_mode is NetworkPluginMode.OVERLAY:
            return Ipam.OVERLAY
        if pool.pod_subnet is None:
            return Ipam.NODE_SUBNET
        if pool.pod_ip_allocation_mode is PodIPAllocationMode.STATIC_BLOCK:
            return Ipam.STATIC_BLOCK
        return Ipam.DYNAMIC

    def reserved_addresses(self, pool: NodePool) -> int:
        """How many addresses of its own subnet each node of `pool` keeps for pods (claim B4)."""
        return pool.max_pods if self.ipam(pool) is Ipam.NODE_SUBNET else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMachine(Written):
    """A plain virtual machine."""

    name: str
    subnet: SubnetReference
    private_ip_address: IPv4Address | None = None
    """None: the next free address."""
    enable_ip_forwarding: bool = False
    sysctls: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    network_security_group: str | None = None
    """Of its network interface."""
    application_security_groups: tuple[str, ...] = ()
    """To which its network interface belongs."""
    public_ip_address: str | None = None
    """Name of that of its network interface."""
    load_balancer_backend_address_pools: tuple[str, ...] = ()
    """``LOADBALANCER/POOL`` of each pool that its network interface is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InternetHost(Written):
    """A host of the emulated Internet."""

    name: str
    address: IPv4Address
    names: tuple[str, ...] = ()
    """In the public DNS, lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation(Written):
    """What a test expects.

    The values are those of the lab file's ``expect:`` mapping, checked by the
    schema (``$defs/expect``, which describes each); `lab.checks` gives them
    meaning. Mappings and tuples all the way down; defaults are not filled in.
    """

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Test(Written):
    """One entry of ``tests:``."""

    __test__: ClassVar[bool] = False

    name: str
    source: str
    """``from:``, a target such as ``pod/nginx-0``."""
    destination: str | None
    """``to:``, a target or an address."""
    expect: Expectation
    within: float = 10.0
    """Seconds in which the expectation has to come true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab(Written):
    """A whole lab file."""

    name: str
    cloud: Cloud
    clusters: tuple[Cluster, ...] = ()
    virtual_machines: tuple[VirtualMachine, ...] = ()
    internet: tuple[InternetHost, ...] = ()
    on_premises: tuple[OnPremisesNetwork, ...] = ()
    tests: tuple[Test, ...] = ()
    limits: Limits = DEFAULT_LIMITS
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    """What works, but not as one may think (`lab.topology.load`)."""
