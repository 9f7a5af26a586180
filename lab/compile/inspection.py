"""What is shown of a compiled lab: nodes, pods, effective routes, addresses handed out.

Rows of values in the order in which they are shown. What a row says of now, such as
whether a node is ready, only the hosts know.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.addressing import reserved
from lab.cloud.virtual_network import subnet_of, subnets
from lab.compile.addresses import Addresses
from lab.compile.hosts import Host
from lab.compile.pods import ClusterPods, PlacedPod
from lab.contract.node_state import NodeKind
from lab.kube.ipam import bridge_interface
from lab.topology.cluster import Cluster, NetworkPlugin
from lab.topology.model import Cloud
from lab.topology.virtual_network import SubnetReference


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRow:
    """A host."""

    name: str
    kind: NodeKind
    cluster: str
    """Empty outside of clusters."""
    subnet: SubnetReference | None
    """None on the Internet."""
    address: IPv4Address
    pod_cidr: IPv4Network | None
    public_address: IPv4Address | None
    underlay_address: IPv4Address


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingReason:
    """Why a pod cannot run."""

    word: str
    """As the events of Kubernetes call it."""
    message: str
    remedy: str


NO_PLUGIN = PendingReason(
    word="NetworkPluginNotReady",
    message="no network plugin is installed on its node (networkPlugin none)",
    remedy="choose networkPlugin azure or kubenet: labs install no plugins",
)
UNSCHEDULABLE = PendingReason(
    word="FailedScheduling",
    message="no node that they may run on has room",
    remedy="add nodes, raise maxPods, or look at nodeName and nodeSelector",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PodRow:
    """A pod."""

    cluster: str
    namespace: str
    name: str
    node: str
    """Empty: Pending, no node has room."""
    address: IPv4Address | None
    """The node's on the host network; None while Pending."""
    owner: str
    """Name of its Deployment or DaemonSet; empty for a pod of its own."""
    ordinal: int
    uid: str
    host_network: bool
    reason: PendingReason | None = None
    """None: it can run."""


class AllocationState(Enum):
    """Whether an address is somebody's or kept back."""

    USED = "used"
    RESERVED = "reserved"


_Entry = tuple[IPv4Address, str, AllocationState]
"""Address, owner, state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRow:
    """An address, or a range of pod addresses, and whose it is."""

    pool: str
    """``vnet01/vlan01``, the name of a cluster, ``cluster/node`` or ``internet``."""
    prefix: IPv4Network | None
    """The pool's; for a cluster the range that a node got of it."""
    address: IPv4Address | None
    """None for a range."""
    owner: str
    state: AllocationState


def node_rows(
    hosts: Sequence[Host], addresses: Addresses, cidrs: Mapping[str, IPv4Network]
) -> Iterator[NodeRow]:
    """A row for each of `hosts`."""
    for host in hosts:
        yield NodeRow(
            name=host.name,
            kind=host.kind,
            cluster=host.cluster,
            subnet=host.subnet,
            address=addresses.primary[host.name],
            pod_cidr=cidrs.get(host.name),
            public_address=addresses.public.get(host.name),
            underlay_address=addresses.underlay[host.name],
        )


def pod_rows(cluster: Cluster, pods: Sequence[PlacedPod], addresses: Addresses) -> Iterator[PodRow]:
    """A row for each of `pods`, which are those of `cluster`."""
    for pod in pods:
        address = pod.address
        if pod.host_network and pod.node is not None:
            address = addresses.primary[pod.node]
        instance = pod.instance
        yield PodRow(
            cluster=instance.cluster,
            namespace=instance.namespace,
            name=instance.name,
            node=pod.node or "",
            address=address,
            owner=instance.owner,
            ordinal=instance.ordinal,
            uid=instance.uid,
            host_network=pod.host_network,
            reason=None if pod.runs else _reason(cluster, pod.node, addresses),
        )


def _reason(cluster: Cluster, node: str | None, addresses: Addresses) -> PendingReason:
    """Why a pod on `node`, if any took it, cannot run."""
    if node is None:
        return UNSCHEDULABLE
    if cluster.network_plugin is NetworkPlugin.NONE:
        return NO_PLUGIN
    container = addresses.pod_containers.get(node)
    subnet = f"pod subnet {container.subnet}" if container is not None else "its node"
    return PendingReason(
        word="FailedCreatePodSandBox",
        message=f"{subnet} has no free address",
        remedy="add a node pool with a podSubnet of its own, or run fewer pods",
    )


def subnet_allocations(
    cloud: Cloud, addresses: Addresses, pods: Sequence[PlacedPod]
) -> Iterator[AllocationRow]:
    """What is reserved and what is used in every subnet, and on the Internet.

    What a node keeps for pods is reserved by the node until a pod has it (claim B17), and
    what it has for itself in a pod subnet always.
    """
    users = {
        (pod.node, pod.address): f"{pod.instance.namespace}/{pod.instance.name}"
        for pod in pods
        if pod.node is not None and pod.address is not None
    }
    members: dict[SubnetReference, list[_Entry]] = {}
    interfaces = (
        *((*entry, AllocationState.USED) for entry in addresses.interfaces.items()),
        *((*entry, AllocationState.RESERVED) for entry in addresses.pod_containers.items()),
    )
    for owner, interface, own in interfaces:
        rows = members.setdefault(interface.subnet, [])
        rows.append((interface.address, owner, own))
        for address in interface.secondary:
            user = users.get((owner, address))
            state = AllocationState.RESERVED if user is None else AllocationState.USED
            rows.append((address, user or owner, state))
    for reference in subnets(cloud):
        prefix = subnet_of(cloud, reference).address_prefix
        entries: list[_Entry] = [(*each, AllocationState.RESERVED) for each in reserved(prefix)]
        entries += members.get(reference, ())
        for address, owner, state in sorted(entries, key=lambda entry: entry[0]):
            yield AllocationRow(
                pool=str(reference), prefix=prefix, address=address, owner=owner, state=state
            )
    free = {
        name: address
        for name, address in addresses.named.items()
        if address not in addresses.public.values()
    }
    for owner, address in (
        *addresses.public.items(),
        *free.items(),
        *addresses.services.items(),
    ):
        yield AllocationRow(
            pool="internet",
            prefix=None,
            address=address,
            owner=owner,
            state=AllocationState.USED,
        )


def pod_allocations(
    cluster: Cluster, cidrs: Mapping[str, IPv4Network], pods: ClusterPods
) -> Iterator[AllocationRow]:
    """The range of each node of `cluster`, in the order of registration, and what is used of it."""
    members: dict[str, list[tuple[IPv4Address, str]]] = {}
    for pod in pods.pods:
        if pod.node is not None and pod.address is not None:
            owner = f"{pod.instance.namespace}/{pod.instance.name}"
            members.setdefault(pod.node, []).append((pod.address, owner))
    for node, cidr in cidrs.items():
        yield AllocationRow(
            pool=cluster.name, prefix=cidr, address=None, owner=node, state=AllocationState.USED
        )
        pool = f"{cluster.name}/{node}"
        if cluster.network_plugin is NetworkPlugin.KUBENET:
            yield AllocationRow(
                pool=pool,
                prefix=cidr,
                address=bridge_interface(cidr).ip,
                owner="cbr0",
                state=AllocationState.RESERVED,
            )
        for address, owner in sorted(members.get(node, ())):
            yield AllocationRow(
                pool=pool, prefix=cidr, address=address, owner=owner, state=AllocationState.USED
            )
