"""Desired states to bytes and back.

Encoding is deterministic: equal states give equal bytes, so that comparing bytes
is comparing states. What hosts share is encoded once (`encode_shared`) and put in
front of what is theirs: concatenated protobuf messages merge, repeated fields by
appending.
"""

from collections.abc import Iterable

from google.protobuf.message import DecodeError

from lab.contract import wire
from lab.contract.node_state import (
    Address,
    Container,
    ContainerPort,
    Delivery,
    FabricRoute,
    File,
    Kubenet,
    Nic,
    NodeKind,
    NodeState,
    Pod,
    PodInterface,
    Protocol,
    Vswitch,
)
from lab.contract.v1 import node_state_pb2 as pb
from lab.contract.wire import CodecError

__all__ = ["CodecError", "decode", "encode", "encode_shared"]

_KIND_TO_WIRE = {
    NodeKind.CLUSTER_NODE: pb.NODE_KIND_CLUSTER_NODE,
    NodeKind.VIRTUAL_MACHINE: pb.NODE_KIND_VIRTUAL_MACHINE,
    NodeKind.INTERNET_HOST: pb.NODE_KIND_INTERNET_HOST,
}
_KIND_FROM_WIRE: dict[int, NodeKind] = {number: kind for kind, number in _KIND_TO_WIRE.items()}
_DELIVERY_TO_WIRE = {
    Delivery.FABRIC: pb.DELIVERY_FABRIC,
    Delivery.INTERNET: pb.DELIVERY_INTERNET,
    Delivery.DROP: pb.DELIVERY_DROP,
}
_DELIVERY_FROM_WIRE: dict[int, Delivery] = {
    number: delivery for delivery, number in _DELIVERY_TO_WIRE.items()
}
_PROTOCOL_TO_WIRE = {Protocol.TCP: pb.PROTOCOL_TCP, Protocol.UDP: pb.PROTOCOL_UDP}
_PROTOCOL_FROM_WIRE: dict[int, Protocol] = {
    number: protocol for protocol, number in _PROTOCOL_TO_WIRE.items()
}


def encode(state: NodeState) -> bytes:
    """The whole state as bytes; equal states give equal bytes."""
    message = pb.NodeState(
        name=state.name,
        kind=_KIND_TO_WIRE[state.kind],
        nic=_nic_to_wire(state.nic),
        vswitch=pb.Vswitch(
            underlay_address=state.vswitch.underlay_address.packed,
            routes=map(_route_to_wire, state.vswitch.routes),
        ),
        kubenet=_kubenet_to_wire(state.kubenet) if state.kubenet is not None else None,
        pods=map(_pod_to_wire, state.pods),
        files=[
            pb.File(path=file.path, content=file.content, mode=file.mode) for file in state.files
        ],
        sysctls=state.sysctls,
        containers=map(_container_to_wire, state.containers),
    )
    return message.SerializeToString(deterministic=True)


def encode_shared(routes: Iterable[FabricRoute]) -> bytes:
    """The part of a state that all hosts of a subnet share.

    `encode_shared(routes) + encode(state)` decodes to `state` with `routes` in
    front of its own, so `state` has to come without them.
    """
    shared = pb.NodeState(vswitch=pb.Vswitch(routes=map(_route_to_wire, routes)))
    return shared.SerializeToString(deterministic=True)


def decode(data: bytes) -> NodeState:
    """The state that `data` holds; raises `CodecError` when it holds none."""
    try:
        message = pb.NodeState.FromString(data)
    except DecodeError as error:
        raise CodecError(f"these bytes are no node state: {error}") from error
    return NodeState(
        name=message.name,
        kind=wire.enum_from_wire(_KIND_FROM_WIRE, message.kind),
        nic=_nic_from_wire(message.nic),
        vswitch=_vswitch_from_wire(message.vswitch),
        kubenet=_kubenet_from_wire(message.kubenet) if message.HasField("kubenet") else None,
        pods=tuple(map(_pod_from_wire, message.pods)),
        files=tuple(
            File(path=file.path, content=file.content, mode=file.mode) for file in message.files
        ),
        sysctls=dict(message.sysctls),
        containers=tuple(map(_container_from_wire, message.containers)),
    )


def _nic_to_wire(nic: Nic) -> pb.Nic:
    return pb.Nic(
        mac=wire.mac_to_wire(nic.mac),
        primary=wire.interface_to_wire(nic.primary),
        gateway=nic.gateway.packed,
        mtu=nic.mtu,
        enable_ip_forwarding=nic.enable_ip_forwarding,
        public_address=wire.optional_address_to_wire(nic.public_address),
    )


def _nic_from_wire(message: pb.Nic) -> Nic:
    return Nic(
        mac=wire.mac_from_wire(message.mac),
        primary=wire.interface_from_wire(message.primary),
        gateway=wire.address_from_wire(message.gateway),
        mtu=message.mtu,
        enable_ip_forwarding=message.enable_ip_forwarding,
        public_address=wire.optional_address_from_wire(message.public_address),
    )


def _route_to_wire(route: FabricRoute) -> pb.FabricRoute:
    return pb.FabricRoute(
        prefix=wire.prefix_to_wire(route.prefix),
        delivery=_DELIVERY_TO_WIRE[route.delivery],
        underlay_address=wire.optional_address_to_wire(route.underlay_address),
        vni=route.vni,
    )


def _vswitch_from_wire(message: pb.Vswitch) -> Vswitch:
    hosts: dict[bytes, Address | None] = {}  # one object per peer, however many routes it has
    routes = []
    for route in message.routes:
        packed = route.underlay_address
        if packed not in hosts:
            hosts[packed] = wire.optional_address_from_wire(packed)
        routes.append(
            FabricRoute(
                prefix=wire.prefix_from_wire(route.prefix),
                delivery=wire.enum_from_wire(_DELIVERY_FROM_WIRE, route.delivery),
                underlay_address=hosts[packed],
                vni=route.vni,
            )
        )
    return Vswitch(
        underlay_address=wire.address_from_wire(message.underlay_address), routes=tuple(routes)
    )


def _kubenet_to_wire(kubenet: Kubenet) -> pb.Kubenet:
    return pb.Kubenet(
        bridge=kubenet.bridge,
        pod_cidr=wire.prefix_to_wire(kubenet.pod_cidr),
        bridge_interface=wire.interface_to_wire(kubenet.bridge_interface),
        mtu=kubenet.mtu,
        promiscuous=kubenet.promiscuous,
        non_masquerade_cidrs=map(wire.prefix_to_wire, kubenet.non_masquerade_cidrs),
        masquerade_link_local=kubenet.masquerade_link_local,
        last_reserved_address=wire.optional_address_to_wire(kubenet.last_reserved_address),
    )


def _kubenet_from_wire(message: pb.Kubenet) -> Kubenet:
    return Kubenet(
        bridge=message.bridge,
        pod_cidr=wire.prefix_from_wire(message.pod_cidr),
        bridge_interface=wire.interface_from_wire(message.bridge_interface),
        mtu=message.mtu,
        promiscuous=message.promiscuous,
        non_masquerade_cidrs=tuple(map(wire.prefix_from_wire, message.non_masquerade_cidrs)),
        masquerade_link_local=message.masquerade_link_local,
        last_reserved_address=wire.optional_address_from_wire(message.last_reserved_address),
    )


def _pod_to_wire(pod: Pod) -> pb.Pod:
    return pb.Pod(
        namespace=pod.namespace,
        name=pod.name,
        uid=pod.uid,
        labels=pod.labels,
        host_network=pod.host_network,
        interface=(_pod_interface_to_wire(pod.interface) if pod.interface is not None else None),
        containers=map(_container_to_wire, pod.containers),
        resolv_conf=pod.resolv_conf,
    )


def _pod_from_wire(message: pb.Pod) -> Pod:
    return Pod(
        namespace=message.namespace,
        name=message.name,
        uid=message.uid,
        labels=dict(message.labels),
        host_network=message.host_network,
        interface=(
            _pod_interface_from_wire(message.interface) if message.HasField("interface") else None
        ),
        containers=tuple(map(_container_from_wire, message.containers)),
        resolv_conf=message.resolv_conf,
    )


def _pod_interface_to_wire(interface: PodInterface) -> pb.PodInterface:
    return pb.PodInterface(
        address=wire.interface_to_wire(interface.address),
        gateway=interface.gateway.packed,
        mac=wire.mac_to_wire(interface.mac),
        mtu=interface.mtu,
        host_interface=interface.host_interface,
    )


def _pod_interface_from_wire(message: pb.PodInterface) -> PodInterface:
    return PodInterface(
        address=wire.interface_from_wire(message.address),
        gateway=wire.address_from_wire(message.gateway),
        mac=wire.mac_from_wire(message.mac),
        mtu=message.mtu,
        host_interface=message.host_interface,
    )


def _container_to_wire(container: Container) -> pb.Container:
    return pb.Container(
        name=container.name,
        image=container.image,
        command=container.command,
        ports=[
            pb.ContainerPort(
                protocol=_PROTOCOL_TO_WIRE[port.protocol], port=port.port, name=port.name
            )
            for port in container.ports
        ],
        environment=container.environment,
    )


def _container_from_wire(message: pb.Container) -> Container:
    return Container(
        name=message.name,
        image=message.image,
        command=tuple(message.command),
        ports=tuple(
            ContainerPort(
                protocol=wire.enum_from_wire(_PROTOCOL_FROM_WIRE, port.protocol),
                port=port.port,
                name=port.name,
            )
            for port in message.ports
        ),
        environment=dict(message.environment),
    )
