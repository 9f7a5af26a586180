"""Desired states to bytes and back.

Encoding is deterministic: equal states give equal bytes, so that comparing bytes
is comparing states. What many hosts have in common travels apart from what is theirs
(`lab.contract.state_parts`).

What is decoded again and again, each time with little that is new (routes, rules,
pods), is remembered by its bytes: equal bytes give the same frozen value.
"""

from google.protobuf.message import DecodeError

from lab.contract import wire
from lab.contract.firewall_codec import firewall_from_wire, firewall_to_wire
from lab.contract.load_balancing_codec import (
    health_probe_from_wire,
    health_probe_to_wire,
)
from lab.contract.node_state import (
    AzureCni,
    AzureCniMode,
    Container,
    ContainerPort,
    File,
    Kubenet,
    Masquerade,
    Nic,
    NodeKind,
    NodeState,
    Pod,
    PodInterface,
)
from lab.contract.platform_codec import platform_from_wire, platform_to_wire
from lab.contract.service_codec import (
    cluster_dns_from_wire,
    cluster_dns_to_wire,
    kube_proxy_from_wire,
    kube_proxy_to_wire,
)
from lab.contract.v1 import node_state_pb2 as pb
from lab.contract.vswitch_codec import (
    edge_from_wire,
    edge_to_wire,
    vswitch_from_wire,
    vswitch_to_wire,
)
from lab.contract.wire import CodecError

__all__ = ["CodecError", "decode", "encode"]

_KIND_TO_WIRE = {
    NodeKind.CLUSTER_NODE: pb.NODE_KIND_CLUSTER_NODE,
    NodeKind.VIRTUAL_MACHINE: pb.NODE_KIND_VIRTUAL_MACHINE,
    NodeKind.INTERNET_HOST: pb.NODE_KIND_INTERNET_HOST,
    NodeKind.NAT_GATEWAY: pb.NODE_KIND_NAT_GATEWAY,
    NodeKind.LOAD_BALANCER: pb.NODE_KIND_LOAD_BALANCER,
    NodeKind.VIRTUAL_NETWORK_GATEWAY: pb.NODE_KIND_VIRTUAL_NETWORK_GATEWAY,
    NodeKind.ON_PREMISES_HOST: pb.NODE_KIND_ON_PREMISES_HOST,
}
_KIND_FROM_WIRE: dict[int, NodeKind] = {number: kind for kind, number in _KIND_TO_WIRE.items()}
_CNI_MODE_TO_WIRE = {
    AzureCniMode.BRIDGE: pb.AZURE_CNI_MODE_BRIDGE,
    AzureCniMode.TUNNEL: pb.AZURE_CNI_MODE_TUNNEL,
    AzureCniMode.TRANSPARENT: pb.AZURE_CNI_MODE_TRANSPARENT,
}
_CNI_MODE_FROM_WIRE: dict[int, AzureCniMode] = {
    number: mode for mode, number in _CNI_MODE_TO_WIRE.items()
}


def encode(state: NodeState) -> bytes:
    """The whole state as bytes; equal states give equal bytes."""
    message = pb.NodeState(
        name=state.name,
        kind=_KIND_TO_WIRE[state.kind],
        nic=_nic_to_wire(state.nic),
        vswitch=vswitch_to_wire(state.vswitch),
        kubenet=_kubenet_to_wire(state.kubenet) if state.kubenet is not None else None,
        pods=map(_pod_to_wire, state.pods),
        files=[
            pb.File(path=file.path, content=file.content, mode=file.mode) for file in state.files
        ],
        sysctls=state.sysctls,
        containers=map(_container_to_wire, state.containers),
        azure_cni=_azure_cni_to_wire(state.azure_cni) if state.azure_cni is not None else None,
        masquerade=_masquerade_to_wire(state.masquerade) if state.masquerade is not None else None,
        edge=edge_to_wire(state.edge) if state.edge is not None else None,
        platform=platform_to_wire(state.platform) if state.platform is not None else None,
        restricts_metadata=state.restricts_metadata,
        firewall=firewall_to_wire(state.firewall) if state.firewall is not None else None,
        tls_certificate=state.tls_certificate,
        kube_proxy=kube_proxy_to_wire(state.kube_proxy) if state.kube_proxy is not None else None,
        cluster_dns=(
            cluster_dns_to_wire(state.cluster_dns) if state.cluster_dns is not None else None
        ),
        health_probes=map(health_probe_to_wire, state.health_probes),
    )
    return message.SerializeToString(deterministic=True)


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
        vswitch=vswitch_from_wire(message.vswitch),
        kubenet=_kubenet_from_wire(message.kubenet) if message.HasField("kubenet") else None,
        pods=tuple(map(_pod_from_wire, message.pods)),
        files=tuple(
            File(path=file.path, content=file.content, mode=file.mode) for file in message.files
        ),
        sysctls=dict(message.sysctls),
        containers=tuple(map(_container_from_wire, message.containers)),
        azure_cni=(
            _azure_cni_from_wire(message.azure_cni) if message.HasField("azure_cni") else None
        ),
        masquerade=(
            _masquerade_from_wire(message.masquerade) if message.HasField("masquerade") else None
        ),
        edge=edge_from_wire(message.edge) if message.HasField("edge") else None,
        platform=platform_from_wire(message.platform) if message.HasField("platform") else None,
        restricts_metadata=message.restricts_metadata,
        firewall=firewall_from_wire(message.firewall) if message.HasField("firewall") else None,
        tls_certificate=message.tls_certificate,
        kube_proxy=(
            kube_proxy_from_wire(message.kube_proxy) if message.HasField("kube_proxy") else None
        ),
        cluster_dns=(
            cluster_dns_from_wire(message.cluster_dns) if message.HasField("cluster_dns") else None
        ),
        health_probes=tuple(map(health_probe_from_wire, message.health_probes)),
    )


def _nic_to_wire(nic: Nic) -> pb.Nic:
    return pb.Nic(
        mac=wire.mac_to_wire(nic.mac),
        primary=wire.interface_to_wire(nic.primary),
        gateway=nic.gateway.packed,
        mtu=nic.mtu,
        enable_ip_forwarding=nic.enable_ip_forwarding,
        secondary=[each.packed for each in nic.secondary],
    )


@wire.remembered(of=pb.Nic, most=256)
def _nic_from_wire(message: pb.Nic) -> Nic:
    return Nic(
        mac=wire.mac_from_wire(message.mac),
        primary=wire.interface_from_wire(message.primary),
        gateway=wire.address_from_wire(message.gateway),
        mtu=message.mtu,
        enable_ip_forwarding=message.enable_ip_forwarding,
        secondary=tuple(map(wire.address_from_wire, message.secondary)),
    )


def _kubenet_to_wire(kubenet: Kubenet) -> pb.Kubenet:
    return pb.Kubenet(
        bridge=kubenet.bridge,
        pod_cidr=wire.prefix_to_wire(kubenet.pod_cidr),
        bridge_interface=wire.interface_to_wire(kubenet.bridge_interface),
        mtu=kubenet.mtu,
        promiscuous=kubenet.promiscuous,
        last_reserved_address=wire.optional_address_to_wire(kubenet.last_reserved_address),
    )


@wire.remembered(of=pb.Kubenet, most=256)
def _kubenet_from_wire(message: pb.Kubenet) -> Kubenet:
    return Kubenet(
        bridge=message.bridge,
        pod_cidr=wire.prefix_from_wire(message.pod_cidr),
        bridge_interface=wire.interface_from_wire(message.bridge_interface),
        mtu=message.mtu,
        promiscuous=message.promiscuous,
        last_reserved_address=wire.optional_address_from_wire(message.last_reserved_address),
    )


def _azure_cni_to_wire(azure_cni: AzureCni) -> pb.AzureCni:
    return pb.AzureCni(
        mode=_CNI_MODE_TO_WIRE[azure_cni.mode],
        bridge=azure_cni.bridge,
        routes_via_gateway=map(wire.prefix_to_wire, azure_cni.routes_via_gateway),
        ips_to_route_via_host=[each.packed for each in azure_cni.ips_to_route_via_host],
    )


@wire.remembered(of=pb.AzureCni, most=256)
def _azure_cni_from_wire(message: pb.AzureCni) -> AzureCni:
    return AzureCni(
        mode=wire.enum_from_wire(_CNI_MODE_FROM_WIRE, message.mode),
        bridge=message.bridge,
        routes_via_gateway=tuple(map(wire.prefix_from_wire, message.routes_via_gateway)),
        ips_to_route_via_host=tuple(map(wire.address_from_wire, message.ips_to_route_via_host)),
    )


def _masquerade_to_wire(masquerade: Masquerade) -> pb.Masquerade:
    return pb.Masquerade(
        agent=masquerade.agent,
        non_masquerade_cidrs=map(wire.prefix_to_wire, masquerade.non_masquerade_cidrs),
        masquerade_link_local=masquerade.masquerade_link_local,
        platform_sources=map(wire.prefix_to_wire, masquerade.platform_sources),
    )


@wire.remembered(of=pb.Masquerade, most=256)
def _masquerade_from_wire(message: pb.Masquerade) -> Masquerade:
    return Masquerade(
        agent=message.agent,
        non_masquerade_cidrs=tuple(map(wire.prefix_from_wire, message.non_masquerade_cidrs)),
        masquerade_link_local=message.masquerade_link_local,
        platform_sources=tuple(map(wire.prefix_from_wire, message.platform_sources)),
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


@wire.remembered(of=pb.Pod, most=4096)
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
                protocol=wire.PROTOCOL_TO_WIRE[port.protocol], port=port.port, name=port.name
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
                protocol=wire.enum_from_wire(wire.PROTOCOL_FROM_WIRE, port.protocol),
                port=port.port,
                name=port.name,
            )
            for port in message.ports
        ),
        environment=dict(message.environment),
    )
