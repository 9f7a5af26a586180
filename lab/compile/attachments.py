"""How every host is attached to the fabric: its network containers, their routes and gates.

Where pods have addresses apart from their node's, one port carries two network
containers, each with routes and security groups of its own (semantics 1.10, claim
C4). Hosts of one subnet have the same routes, which are kept and encoded once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, collapse_addresses

from lab.cloud.egress import Exit, accepts_inbound, exit_of
from lab.cloud.virtual_network import subnet_of
from lab.compile.addresses import Addresses
from lab.compile.hosts import Host
from lab.compile.load_balancing import Balancing
from lab.compile.nodes import Attachment, in_subnet, on_internet
from lab.compile.overlays import Overlay
from lab.compile.security import Gates, Security
from lab.compile.subnets import Routing, SharedRoutes, shared_routes
from lab.contract.node_state import FabricRoute, NetworkContainer
from lab.topology.model import Cloud
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

    cloud: Cloud
    addresses: Addresses
    security: Security
    ports: Mapping[str, PortRoutes]
    balancing: Balancing
    answers: Mapping[str, tuple[FabricRoute, ...]]
    """Of members of load balancers' pools, whose answers leave otherwise than all else."""
    cidrs: Mapping[str, IPv4Network]
    """The range of pod addresses of each node that has one."""


def attachment(host: Host, fabric: Fabric) -> Attachment:
    """How `host` is attached."""
    addresses = fabric.addresses
    address = addresses.primary[host.name]
    own: tuple[IPv4Network, ...] = (IPv4Network(address),)
    if host.subnet is None:
        primary, gateway = on_internet(
            address, {*addresses.public.values(), *addresses.named.values()}
        )
    else:
        primary, gateway = in_subnet(address, subnet_of(fabric.cloud, host.subnet).address_prefix)
    if host.reserved_addresses:
        own = tuple(collapse_addresses(map(IPv4Network, addresses.of_interface(host.name))))
    gates = (
        fabric.security.gates(host.subnet, host.name, forwards=host.enable_ip_forwarding)
        if host.subnet is not None
        else Gates()
    )
    node = NetworkContainer(
        subnet=str(host.subnet or ""),
        addresses=own,
        routes=fabric.ports[host.name].node.routes,
        public_address=addresses.public.get(host.name) if host.translates else None,
        leases=addresses.leases.get(host.name, ()) if host.exit is Exit.LOAD_BALANCER else (),
        inbound=gates.inbound,
        outbound=gates.outbound,
        accepts_inbound=accepts_inbound(fabric.cloud, host.public_ip_address, gates.inbound),
        balanced=fabric.balancing.ports.get(host.name, ()),
        answers=fabric.answers.get(host.name, ()),
    )
    return Attachment(
        primary=primary,
        gateway=gateway,
        underlay=addresses.underlay[host.name],
        node=node,
        frontends=fabric.balancing.frontends(host.name),
        health_probes=fabric.balancing.probes.get(host.name, ()),
        pods=_pods(host, node, fabric),
    )


def _pods(host: Host, node: NetworkContainer, fabric: Fabric) -> NetworkContainer | None:
    """The container of the pods of `host`, whose own is `node`."""
    routes = fabric.ports[host.name].pods
    if routes is None:
        return None
    container = fabric.addresses.pod_containers.get(host.name)
    if container is None:
        # In an overlay the groups of the nodes' subnet count (semantics 4.5), and only what
        # has the node's address leaves.
        return replace(
            node,
            addresses=(fabric.cidrs[host.name],),
            routes=routes.routes,
            public_address=None,
            leases=(),
            accepts_inbound=False,
            balanced=(),
            answers=(),
        )
    way = exit_of(subnet_of(fabric.cloud, container.subnet), public_ip_address=None)
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
