"""Desired states written by hand, small enough to read."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from lab.contract.node_state import (
    Delivery,
    FabricRoute,
    Kubenet,
    Masquerade,
    NetworkContainer,
    Nic,
    NodeKind,
    NodeState,
    Pod,
    PodInterface,
    Vswitch,
)

VNI = 42
SUBNET_LENGTH = 22
GATEWAY = IPv4Address("10.0.0.1")


def underlay_of(number: int) -> IPv4Address:
    """Underlay address of a host."""
    return IPv4Address("198.18.0.0") + number


def address_of(number: int) -> IPv4Address:
    """Address of a host's NIC in the subnet 10.0.0.0/22; .4 is the first that Azure gives out."""
    return IPv4Address("10.0.0.3") + number


def pod_range_of(number: int) -> IPv4Network:
    """Pods of a node."""
    return IPv4Network((IPv4Address("10.244.0.0") + 256 * number, 24))


def pod_address_of(number: int, ordinal: int) -> IPv4Address:
    """The first pod has .2."""
    return pod_range_of(number).network_address + 2 + ordinal


def fabric_route(
    prefix: str | IPv4Network, number: int, delivery: Delivery = Delivery.FABRIC
) -> FabricRoute:
    """A route to a host."""
    return FabricRoute(
        prefix=IPv4Network(prefix),
        delivery=delivery,
        underlay_address=underlay_of(number),
        vni=VNI,
    )


def routes_of(nodes: Iterable[int], machines: Iterable[int] = ()) -> tuple[FabricRoute, ...]:
    """Effective routes of a subnet: its hosts, a route per node's pods, nothing else."""
    nodes, machines = list(nodes), list(machines)
    return (
        FabricRoute(prefix=IPv4Network("10.0.0.0/16"), delivery=Delivery.DROP),
        *(fabric_route(IPv4Network(address_of(number)), number) for number in [*nodes, *machines]),
        *(fabric_route(pod_range_of(number), number) for number in nodes),
    )


def pod(number: int, ordinal: int, *, uid: str = "") -> Pod:
    """A pod of a node."""
    return Pod(
        namespace="default",
        name=f"web-{ordinal}",
        uid=uid or f"{number}-{ordinal}",
        resolv_conf="nameserver 172.16.1.10\n",
        interface=PodInterface(
            address=IPv4Interface(f"{pod_address_of(number, ordinal)}/24"),
            gateway=pod_range_of(number).network_address + 1,
            mac=f"d6:12:5a:78:{number:02x}:{ordinal:02x}",
            mtu=1500,
            host_interface=f"veth{uid or f'{number}{ordinal:07d}'}"[:15],
        ),
    )


def host_network_pod(uid: str) -> Pod:
    """A pod on its node's network."""
    return Pod(namespace="kube-system", name="agent-0", uid=uid, host_network=True)


def kubenet(number: int) -> Kubenet:
    """As AKS configures it."""
    return Kubenet(
        bridge="cbr0",
        pod_cidr=pod_range_of(number),
        bridge_interface=IPv4Interface(f"{pod_range_of(number).network_address + 1}/24"),
        mtu=1500,
        promiscuous=True,
    )


def masquerade() -> Masquerade:
    """As AKS configures its agent."""
    return Masquerade(non_masquerade_cidrs=(IPv4Network("10.244.0.0/16"),))


def nic(number: int, *, forwarding: bool = False) -> Nic:
    """A host's NIC."""
    return Nic(
        mac=f"00:0d:3a:00:00:{number:02x}",
        primary=IPv4Interface(f"{address_of(number)}/{SUBNET_LENGTH}"),
        gateway=GATEWAY,
        enable_ip_forwarding=forwarding,
    )


def vswitch(
    number: int, *, routes: Iterable[FabricRoute] = (), public: IPv4Address | None = None
) -> Vswitch:
    """The switch of a host whose NIC has one address."""
    return Vswitch(
        underlay_address=underlay_of(number),
        node=NetworkContainer(
            addresses=(IPv4Network(address_of(number)),),
            routes=tuple(routes),
            public_address=public,
        ),
    )


def node(
    number: int,
    *,
    routes: Iterable[FabricRoute] = (),
    pods: Iterable[Pod] = (),
    public: IPv4Address | None = None,
) -> NodeState:
    """A node of a kubenet cluster."""
    return NodeState(
        name=f"node{number}",
        kind=NodeKind.CLUSTER_NODE,
        nic=nic(number, forwarding=True),
        vswitch=vswitch(number, routes=routes, public=public),
        kubenet=kubenet(number),
        masquerade=masquerade(),
        pods=tuple(pods),
    )


def machine(
    number: int, *, routes: Iterable[FabricRoute] = (), forwarding: bool = False
) -> NodeState:
    """A plain virtual machine."""
    return NodeState(
        name=f"vm{number}",
        kind=NodeKind.VIRTUAL_MACHINE,
        nic=nic(number, forwarding=forwarding),
        vswitch=vswitch(number, routes=routes),
    )
