"""How every host is attached to the fabric: its network containers, their routes and gates.

Where pods have addresses apart from their node's, one port carries two network
containers, each with routes and security groups of its own (semantics 1.10, claim
C4). Hosts of one subnet have the same routes, which are kept and encoded once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, collapse_addresses
from typing import NamedTuple

from lab.cloud.addressing import nic_mac
from lab.cloud.egress import Exit, accepts_inbound, exit_of
from lab.cloud.virtual_network import subnet_of
from lab.compile.addresses import Addresses
from lab.compile.hosts import Host
from lab.compile.load_balancing import Balancing
from lab.compile.nodes import Attachment, in_subnet, on_internet
from lab.compile.overlays import Overlay
from lab.compile.placement import Placement
from lab.compile.security import Gates, Security
from lab.compile.subnets import Routing, SharedRoutes, shared_routes
from lab.contract.node_state import FabricRoute, NetworkContainer, Nic, NodeKind
from lab.remembering import remembering
from lab.topology.model import Lab
from lab.topology.virtual_network import SubnetReference


@dataclass(frozen=True, slots=True, kw_only=True)
class PortRoutes:
    """The routes of one port's containers."""

    node: SharedRoutes
    pods: SharedRoutes | None = None
    """None: there is no container of pods."""

    @property
    def encoded(self) -> tuple[bytes, ...]:
        """Both for the wire (`lab.contract.state_parts`)."""
        return (self.node.encoded,) if self.pods is None else (self.node.encoded, self.pods.encoded)


def routes_of_ports(
    hosts: Sequence[Host],
    routing: Routing,
    *,
    addresses: Addresses,
    overlays: Mapping[str, Overlay],
) -> dict[str, PortRoutes]:
    """The routes of every host; `overlays` by cluster."""
    pod_subnets: dict[SubnetReference, SharedRoutes] = {}
    of_pods = {
        name: shared_routes(each.routes_of_pods, pods=True) for name, each in overlays.items()
    }
    of_nodes: dict[tuple[str, SubnetReference | None], SharedRoutes] = {}
    found = {}
    for host in hosts:
        node = routing.of(host)
        if host.name in addresses.pod_containers:
            reference = addresses.pod_containers[host.name].subnet
            if reference not in pod_subnets:
                pod_subnets[reference] = shared_routes(routing.of_pods(reference), pods=True)
            found[host.name] = PortRoutes(node=node, pods=pod_subnets[reference])
        elif host.cluster in overlays:
            key = host.cluster, host.subnet
            if key not in of_nodes:
                own = overlays[host.cluster].routes_of_nodes(node.routes)
                of_nodes[key] = shared_routes(own)
            found[host.name] = PortRoutes(node=of_nodes[key], pods=of_pods[host.cluster])
        else:
            found[host.name] = PortRoutes(node=node)
    return found


def routes_of_answers(
    hosts: Sequence[Host], routing: Routing, balancing: Balancing
) -> dict[str, tuple[FabricRoute, ...]]:
    """What members of load balancers' pools answer by, behind a NAT gateway.

    It is for what begins inside (semantics 2.6): a flow that came in by a load balancer is
    answered by it.
    """
    return {
        host.name: routing.direct[host.subnet].routes
        for host in hosts
        if host.name in balancing.ports and host.subnet and host.exit is Exit.NAT_GATEWAY
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Fabric:
    """What attaching a host takes."""

    lab: Lab
    placement: Placement
    security: Security
    ports: Mapping[str, PortRoutes]
    balancing: Balancing
    answers: Mapping[str, tuple[FabricRoute, ...]]
    """Of members of load balancers' pools, whose answers leave otherwise than all else."""


def attachment(host: Host, fabric: Fabric) -> Attachment:
    """How `host` is attached."""
    name, placement = host.name, fabric.placement
    addresses = placement.addresses
    port, gates = _port_of(host, fabric), Gates()
    if host.subnet is not None:
        gates = fabric.security.gates(host.subnet, name, forwards=host.enable_ip_forwarding)
    node = NetworkContainer(
        subnet=str(host.subnet or ""),
        addresses=port.addresses,
        routes=fabric.ports[name].node.routes,
        public_address=addresses.public.get(name) if host.translates else None,
        leases=addresses.leases.get(name, ()) if host.exit is Exit.LOAD_BALANCER else (),
        inbound=gates.inbound,
        outbound=gates.outbound,
        accepts_inbound=accepts_inbound(fabric.lab.cloud, host.public_ip_address, gates.inbound),
        balanced=fabric.balancing.ports.get(name, ()),
        answers=fabric.answers.get(name, ()),
    )
    return Attachment(
        nic=port.nic,
        underlay=addresses.underlay[name],
        node=node,
        health_probes=fabric.balancing.probes.get(name, ()),
        pods=_pods(host, node, fabric),
        platform=placement.platforms.get(name),
        kube_proxy=placement.kube_proxies.get(name),
        cluster_dns=placement.names[name].dns if name in placement.names else None,
    )


class _Port(NamedTuple):
    nic: Nic
    addresses: tuple[IPv4Network, ...]
    """What the switch knows behind it."""


def _port_of(host: Host, fabric: Fabric) -> _Port:
    addresses, lab = fabric.placement.addresses, fabric.lab
    address = addresses.primary[host.name]
    if host.subnet is None:
        taken = {*addresses.public.values(), *addresses.named.values()}
        found = on_internet(address, taken)
        return _Port(_nic(host, lab.name, found, ()), (IPv4Network(address),))
    subnet = subnet_of(lab.cloud, host.subnet).address_prefix
    kept = addresses.of_interface(host.name) if host.reserved_addresses else (address,)
    return _port(host, lab.name, kept, subnet, _further(host, fabric.balancing))


@remembering(by=lambda host, *_, **__: host.name, maxsize=1024)
def _port(
    host: Host,
    lab: str,
    kept: tuple[IPv4Address, ...],
    subnet: IPv4Network,
    further: tuple[IPv4Address, ...],
) -> _Port:
    """Of `host`, which has the first of the addresses `kept`, those for pods after it."""
    nic = _nic(host, lab, in_subnet(kept[0], subnet), further)
    return _Port(nic, tuple(collapse_addresses(map(IPv4Network, kept))))


def _nic(
    host: Host,
    lab: str,
    found: tuple[IPv4Interface, IPv4Address],
    further: tuple[IPv4Address, ...],
) -> Nic:
    primary, gateway = found
    return Nic(
        mac=nic_mac(lab, host.name),
        primary=primary,
        gateway=gateway,
        enable_ip_forwarding=host.enable_ip_forwarding,
        secondary=further,
    )


def _further(host: Host, balancing: Balancing) -> tuple[IPv4Address, ...]:
    """A machine behind floating IP has the frontend's address; on nodes kube-proxy translates."""
    return balancing.frontends(host.name) if host.kind is NodeKind.VIRTUAL_MACHINE else ()


def _pods(host: Host, node: NetworkContainer, fabric: Fabric) -> NetworkContainer | None:
    """The container of the pods of `host`, whose own is `node`."""
    routes = fabric.ports[host.name].pods
    if routes is None:
        return None
    container = fabric.placement.addresses.pod_containers.get(host.name)
    if container is None:
        # In an overlay the groups of the nodes' subnet count (semantics 4.5), and only what
        # has the node's address leaves.
        return replace(
            node,
            addresses=(fabric.placement.cidrs[host.name],),
            routes=routes.routes,
            public_address=None,
            leases=(),
            accepts_inbound=False,
            balanced=(),
            answers=(),
        )
    way = exit_of(subnet_of(fabric.lab.cloud, container.subnet), public_ip_address=None)
    gates = fabric.security.gates(container.subnet, None)
    everything = (container.address, *container.secondary)
    return NetworkContainer(
        subnet=str(container.subnet),
        addresses=tuple(collapse_addresses(map(IPv4Network, everything))),
        routes=routes.routes,
        public_address=node.public_address if way is Exit.DEFAULT else None,
        leases=node.leases if way is Exit.DEFAULT else (),
        inbound=gates.inbound,
        outbound=gates.outbound,
    )
