"""Labs whose pods have addresses apart from the nodes' subnet, for the tests of this folder."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from lab.compile import Compilation
from lab.contract.node_state import Delivery, FabricRoute
from lab.topology.cluster import (
    Cluster,
    NetworkPlugin,
    NetworkPluginMode,
    NodePool,
    PodIPAllocationMode,
)
from lab.topology.model import Lab, VirtualMachine
from tests.unit.lab.compile.labs import cluster, lab, machine, network, pool, subnet

NODES = ("aks-nodepool1-52243381-vmss000000", "aks-nodepool1-52243381-vmss000001")
NEW = "aks-newnodepool-52243381-vmss000000"
WHKUBENET = network(
    "whkubenet",
    "10.1.0.0/16",
    podvlan="10.1.0.0/22",
    nodevlan="10.1.4.0/24",
    vms="10.1.5.0/24",
    podvlan2="10.1.8.0/22",
)
VNET = network("whkubenet", "10.1.0.0/16", nodevlan="10.1.4.0/24", vms="10.1.5.0/24")
VM = machine("vm1", "whkubenet/vms")


def dynamic_pool(count: int = 2, *, pods: str = "podvlan", **values: object) -> NodePool:
    return pool(
        count,
        at="whkubenet/nodevlan",
        pod_subnet=subnet(f"whkubenet/{pods}"),
        max_pods=values.pop("max_pods", 250),
        registration_order=tuple(range(count)),
        **values,
    )


def new_pool(count: int = 1, **values: object) -> NodePool:
    scale_set = "aks-newnodepool-52243381-vmss"
    return dynamic_pool(count, pods="podvlan2", name="newnodepool", scale_set=scale_set, **values)


def block_pool(count: int = 2, **values: object) -> NodePool:
    mode = PodIPAllocationMode.STATIC_BLOCK
    return dynamic_pool(count, pod_ip_allocation_mode=mode, **values)


def azure(*pools: NodePool, **values: object) -> Cluster:
    made = cluster(*pools, network_plugin=NetworkPlugin.AZURE, pod_cidr=None, system_pods=False)
    return replace(made, **values)  # type: ignore[arg-type]


def overlay(name: str = "aks01", count: int = 2, **values: object) -> Cluster:
    made = pool(
        count,
        at="whkubenet/nodevlan",
        scale_set=f"aks-nodepool1-{name}-vmss",
        registration_order=tuple(range(count)),
    )
    return azure(
        made,
        name=name,
        network_plugin_mode=NetworkPluginMode.OVERLAY,
        pod_cidr=IPv4Network("10.244.0.0/16"),
        **values,
    )


def pod_subnet_lab(
    *pools: NodePool, machines: tuple[VirtualMachine, ...] = (VM,), podvlan: str = "10.1.0.0/22"
) -> Lab:
    space = tuple(
        replace(each, address_prefix=IPv4Network(podvlan)) if each.name == "podvlan" else each
        for each in WHKUBENET.subnets
    )
    networks = (replace(WHKUBENET, subnets=space),)
    return lab(azure(*(pools or (dynamic_pool(),))), *machines, networks=networks)


def overlay_lab(*clusters: Cluster) -> Lab:
    return lab(*(clusters or (overlay(),)), VM, networks=(VNET,))


def receiver(found: Compilation, routes: tuple[FabricRoute, ...], address: str) -> str:
    """The host that gets a packet for `address`, or ``drop``."""
    matching = [each for each in routes if IPv4Address(address) in each.prefix]
    chosen = max(matching, key=lambda each: each.prefix.prefixlen)
    if chosen.delivery is Delivery.DROP:
        return "drop"
    by_underlay = {state.vswitch.underlay_address: name for name, state in found.nodes.items()}
    return by_underlay[chosen.underlay_address]
