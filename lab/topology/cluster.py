"""Clusters as they were written: the network model, node pools, and what follows from them."""

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from lab.topology.egress import ClusterEgress
from lab.topology.virtual_network import SubnetReference
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
    network_security_group: str | None = None
    """Of its nodes' network interfaces: nobody writes it, compiling adds it (claim E27)."""

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
