"""What compiling a lab handed out, so that the next compilation hands out the same.

The only memory between two compilations. Control keeps it with the revision;
`ledger_json` is its written form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from lab.contract.underlay import UNDERLAY
from lab.remembering import remembering
from lab.topology.virtual_network import SubnetReference


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceAllocation:
    """The address of a network interface in its subnet."""

    subnet: SubnetReference
    address: IPv4Address
    secondary: tuple[IPv4Address, ...] = ()
    """Kept for the pods of the node, in the order in which they were handed out (claim B4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRegistration:
    """A node of a cluster and the range of its pods."""

    cluster: str
    node: str
    pod_cidr: IPv4Network | None
    """None: its pods have addresses of a subnet."""
    last_reserved: IPv4Address | None = None
    """Last pod address that host-local handed out on the node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodAllocation:
    """Where a pod runs."""

    node: str
    address: IPv4Address | None = None
    """None on the host network, and while its node has none left for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Everything that stays with its owner from one compilation to the next."""

    underlay: IPv4Network = UNDERLAY
    """Hosts get their underlay addresses out of it; a lab keeps the one of its first ledger."""
    networks: Mapping[str, int] = field(default_factory=dict)
    """VNI of each virtual network."""
    interfaces: Mapping[str, InterfaceAllocation] = field(default_factory=dict)
    """By host."""
    pod_containers: Mapping[str, InterfaceAllocation] = field(default_factory=dict)
    """What nodes have of pod subnets, by node: an address of their own, the others for pods."""
    public_addresses: Mapping[str, IPv4Address] = field(default_factory=dict)
    """By host."""
    underlay_addresses: Mapping[str, IPv4Address] = field(default_factory=dict)
    """By host."""
    frontends: Mapping[str, int] = field(default_factory=dict)
    """Numbers of load balancers' frontends, which locators are made of."""
    nodes: tuple[NodeRegistration, ...] = ()
    """Clusters in the order of the lab file, nodes in the order of registration."""
    pods: Mapping[str, PodAllocation] = field(default_factory=dict)
    """By uid."""
    service_addresses: Mapping[str, Mapping[tuple[str, str], IPv4Address]] = field(
        default_factory=dict
    )
    """ClusterIPs: by cluster, then by namespace and name of the Service."""
    service_node_ports: Mapping[str, Mapping[tuple[str, str, str], int]] = field(
        default_factory=dict
    )
    """By cluster, then as `lab.kube.node_ports.NodePortKey` has it."""

    def cluster_ips(self, cluster: str) -> Mapping[tuple[str, str], IPv4Address]:
        """The addresses of the Services of `cluster`, by namespace and name."""
        return self.service_addresses.get(cluster, {})

    def node_ports(self, cluster: str) -> Mapping[tuple[str, str, str], int]:
        """The node ports of the Services of `cluster`."""
        return self.service_node_ports.get(cluster, {})

    def registered(self, cluster: str) -> tuple[NodeRegistration, ...]:
        """The nodes of `cluster`, oldest first."""
        return _of_cluster(cluster, self.nodes)


@remembering(by=lambda cluster, nodes: cluster, maxsize=16)
def _of_cluster(cluster: str, nodes: tuple[NodeRegistration, ...]) -> tuple[NodeRegistration, ...]:
    """Those of `nodes` in `cluster`: asked for several times in a compilation."""
    return tuple([each for each in nodes if each.cluster == cluster])
