"""Labs of the model, built in one line each for the tests of this folder."""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from lab.compile import Compilation, Ledger, compile_lab
from lab.kube.manifests import (
    ClusterManifests,
    Container,
    Deployment,
    KubernetesObject,
    LabelSelector,
    Manifests,
    ObjectMeta,
    Pod,
    PodSpec,
    PodTemplate,
)
from lab.topology.cluster import Cluster, NetworkPlugin, NodePool
from lab.topology.model import Cloud, InternetHost, Lab, VirtualMachine
from lab.topology.route_table import NextHopType, Route, RouteTable
from lab.topology.virtual_network import Subnet, SubnetReference, VirtualNetwork

SCALE_SET = "aks-nodepool1-52243381-vmss"
NODE0, NODE1, NODE2 = (f"{SCALE_SET}00000{number}" for number in range(3))
INTERNET = InternetHost(name="internet", address=IPv4Address("203.0.113.10"))


def subnet(reference: str) -> SubnetReference:
    network, _, name = reference.partition("/")
    return SubnetReference(virtual_network=network, subnet=name)


def network(
    name: str = "vnet01", prefix: str = "10.0.0.0/16", **subnets: str | tuple[str, str]
) -> VirtualNetwork:
    """Subnets as name=prefix or name=(prefix, route table)."""
    found = []
    for key, value in (subnets or {"vlan01": "10.0.0.0/22", "vlan02": "10.0.4.0/24"}).items():
        text, table = value if isinstance(value, tuple) else (value, None)
        found.append(Subnet(name=key, address_prefix=IPv4Network(text), route_table=table))
    return VirtualNetwork(name=name, address_prefixes=(IPv4Network(prefix),), subnets=tuple(found))


def route(name: str, prefix: str, next_hop: str) -> Route:
    """`next_hop` is an address, or a next hop type."""
    if next_hop[0].isdigit():
        kind, address = NextHopType.VIRTUAL_APPLIANCE, IPv4Address(next_hop)
    else:
        kind, address = NextHopType(next_hop), None
    return Route(
        name=name,
        address_prefix=IPv4Network(prefix),
        next_hop_type=kind,
        next_hop_ip_address=address,
    )


def pool(
    count: int = 2, *, name: str = "nodepool1", at: str = "vnet01/vlan01", **values: object
) -> NodePool:
    made = NodePool(name=name, count=count, subnet=subnet(at), scale_set=SCALE_SET)
    return replace(made, **values)  # type: ignore[arg-type]


def cluster(*pools: NodePool, **values: object) -> Cluster:
    made = Cluster(
        name="aks01",
        network_plugin=NetworkPlugin.KUBENET,
        pod_cidr=IPv4Network("10.244.0.0/16"),
        service_cidr=IPv4Network("172.16.1.0/24"),
        dns_service_ip=IPv4Address("172.16.1.10"),
        node_pools=pools or (pool(),),
    )
    return replace(made, **values)  # type: ignore[arg-type]


def machine(name: str, at: str = "vnet01/vlan02", **values: object) -> VirtualMachine:
    return replace(VirtualMachine(name=name, subnet=subnet(at)), **values)  # type: ignore[arg-type]


def lab(
    *parts: Cluster | VirtualMachine | InternetHost,
    networks: tuple[VirtualNetwork, ...] = (),
    tables: Mapping[str, tuple[Route, ...]] | None = None,
    **cloud: object,
) -> Lab:
    """`cloud`: further values of the cloud."""
    made = Cloud(
        provider="azure",
        virtual_networks=networks or (network(),),
        route_tables=tuple(
            RouteTable(name=name, routes=routes) for name, routes in (tables or {}).items()
        ),
    )
    return Lab(
        name="lab",
        cloud=replace(made, **cloud),  # type: ignore[arg-type]
        clusters=tuple(each for each in parts if isinstance(each, Cluster)),
        virtual_machines=tuple(each for each in parts if isinstance(each, VirtualMachine)),
        internet=tuple(each for each in parts if isinstance(each, InternetHost)),
    )


def template(name: str, **values: object) -> PodTemplate:
    spec = PodSpec(containers=(Container(name=name, image=name),))
    return PodTemplate(
        metadata=ObjectMeta(name="", labels={"app": name}),
        spec=replace(spec, **values),  # type: ignore[arg-type]
    )


def deployment(name: str = "nginx", replicas: int = 3, **values: object) -> Deployment:
    return Deployment(
        metadata=ObjectMeta(name=name),
        replicas=replicas,
        selector=LabelSelector(match_labels={"app": name}),
        template=template(name, **values),
    )


def pod(name: str, namespace: str = "default", **values: object) -> Pod:
    return Pod(
        metadata=ObjectMeta(name=name, namespace=namespace), spec=template(name, **values).spec
    )


def manifests(*objects: KubernetesObject, cluster: str = "aks01") -> Manifests:
    return Manifests(clusters=(ClusterManifests(cluster=cluster, objects=objects),))


def compiled(made: Lab, *objects: KubernetesObject, previous: Ledger | None = None) -> Compilation:
    return compile_lab(made, manifests(*objects), previous or Ledger())


def documented() -> Lab:
    """The deployment of the published captures: the second node registered first."""
    return lab(cluster(pool(registration_order=(1, 0))), machine("vm1"), INTERNET)


def routes(found: Compilation, host: str) -> dict[str, str]:
    """Where packets of `host` go, by prefix: a host's name, drop, or out:NAME to the Internet."""
    by_underlay = {state.vswitch.underlay_address: name for name, state in found.nodes.items()}
    out = {}
    for each in found.nodes[host].vswitch.node.routes:
        if each.underlay_address is None:
            out[str(each.prefix)] = each.delivery.value
        else:
            name = by_underlay[each.underlay_address]
            prefix = "out:" if each.delivery.value == "internet" else ""
            out[str(each.prefix)] = f"{prefix}{name}"
    return out
