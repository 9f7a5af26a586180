"""How every host is attached to the fabric: its network containers, their routes and gates.

Where pods have addresses apart from their node's, one port carries two network
containers, each with routes and security groups of its own (semantics 1.10, claim
C4). Hosts of one subnet have the same routes, which are kept and encoded once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import NamedTuple

from lab.cloud.egress import Exit, accepts_inbound, exit_of
from lab.cloud.virtual_network import subnet_of, subnets
from lab.compile.addresses import Addresses
from lab.compile.hosts import Host
from lab.compile.load_balancing import Balancing
from lab.compile.nodes import Attachment, PodAttachment, in_subnet, on_internet
from lab.compile.overlays import Overlay
from lab.compile.placement import Placement
from lab.compile.security import NO_GATES, Gates, Security
from lab.compile.subnets import Routing, SharedRoutes, shared_routes
from lab.contract.node_state import FabricRoute, NodeKind, PortLease
from lab.topology.model import Cloud, Lab
from lab.topology.virtual_network import SubnetReference


class Port(NamedTuple):
    """What the containers of one port share with those of others."""

    routes: SharedRoutes
    gates: Gates
    pod_routes: SharedRoutes | None = None
    """None: there is no container of pods."""
    pod_gates: Gates | None = None


def ports_of(
    hosts: Sequence[Host],
    routing: Routing,
    security: Security,
    *,
    addresses: Addresses,
    overlays: Mapping[str, Overlay],
) -> dict[str, Port]:
    """The routes and gates of every host; `overlays` by cluster."""
    pod_subnets: dict[SubnetReference, tuple[SharedRoutes, Gates]] = {}
    of_pods = {
        name: shared_routes(each.routes_of_pods, pods=True) for name, each in overlays.items()
    }
    of_nodes: dict[tuple[str, SubnetReference | None], SharedRoutes] = {}
    # What no host has of its own, asked for once and not for each node of a pool.
    alike: dict[tuple[SubnetReference, NodeKind, Exit, bool], Port] = {}
    found = {}
    for host in hosts:
        name, subnet = host.name, host.subnet
        if subnet is None:
            port = Port(routing.of(host), NO_GATES)
        else:
            forwards = host.enable_ip_forwarding
            seat = subnet, host.kind, host.exit, forwards
            known = alike.get(seat)
            if known is None:
                gates = security.gates(subnet, None, forwards=forwards)
                known = alike[seat] = Port(routing.of(host), gates)
            port = known
            if security.in_place:
                gates = security.gates(subnet, name, forwards=forwards)
                port = Port(port.routes, gates)
        if name in addresses.pod_containers:
            reference = addresses.pod_containers[name].subnet
            if reference not in pod_subnets:
                own = shared_routes(routing.of_pods(reference), pods=True)
                pod_subnets[reference] = own, security.gates(reference, None)
            found[name] = Port(port.routes, port.gates, *pod_subnets[reference])
        elif host.cluster in overlays:
            key = host.cluster, subnet
            if key not in of_nodes:
                own_routes = overlays[host.cluster].routes_of_nodes(port.routes.routes)
                of_nodes[key] = shared_routes(own_routes)
            # The groups of the nodes' subnet count for pods as well (semantics 4.5).
            found[name] = Port(of_nodes[key], port.gates, of_pods[host.cluster], port.gates)
        else:
            found[name] = port
    return found


def routes_of_answers(
    hosts: Sequence[Host], routing: Routing, balancing: Balancing
) -> dict[str, tuple[FabricRoute, ...]]:
    """What members of load balancers' pools answer by, behind a NAT gateway.

    It is for what begins inside (semantics 2.6): a flow that came in by a load balancer is
    answered by it.
    """
    return {
        host.name: routing.direct[host.subnet]().routes
        for host in hosts
        if host.name in balancing.ports and host.subnet and host.exit is Exit.NAT_GATEWAY
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Fabric:
    """What attaching a host takes."""

    lab: Lab
    placement: Placement
    ports: Mapping[str, Port]
    balancing: Balancing
    answers: Mapping[str, tuple[FabricRoute, ...]]
    """Of members of load balancers' pools, whose answers leave otherwise than all else."""
    places: Mapping[SubnetReference, tuple[int, IPv4Address]]
    """(prefix length, gateway) of each subnet."""


def places_of(cloud: Cloud) -> dict[SubnetReference, tuple[int, IPv4Address]]:
    """(prefix length, gateway) of each subnet."""
    prefixes = {each: subnet_of(cloud, each).address_prefix for each in subnets(cloud)}
    return {each: in_subnet(prefix) for each, prefix in prefixes.items()}


def attachment(host: Host, fabric: Fabric) -> Attachment:
    """How `host` is attached."""
    name, subnet = host.name, host.subnet
    addresses, balancing = fabric.placement.addresses, fabric.balancing
    primary = addresses.primary[name]
    if subnet is not None:
        prefix_length, gateway = fabric.places[subnet]
    else:
        taken = {*addresses.public.values(), *addresses.named.values()}
        prefix_length, gateway = on_internet(primary, taken)
    public = addresses.public.get(name) if host.translates else None
    leases = addresses.leases.get(name, ()) if host.exit is Exit.LOAD_BALANCER else ()
    cloud, port = fabric.lab.cloud, fabric.ports[name]
    # On nodes kube-proxy translates; any other machine behind floating IP has the frontend's.
    is_machine = host.kind is NodeKind.VIRTUAL_MACHINE
    return Attachment(
        addresses.of_interface(name) if host.reserved_addresses else (primary,),
        prefix_length,
        gateway,
        addresses.underlay[name],
        secondary=balancing.frontends(name) if is_machine else (),
        public_address=public,
        leases=leases,
        accepts_inbound=accepts_inbound(cloud, host.public_ip_address, port.gates.inbound),
        balanced=balancing.ports.get(name, ()),
        answers=fabric.answers.get(name, ()),
        health_probes=balancing.probes.get(name, ()),
        pods=None if port.pod_routes is None else _pods(host, public, leases, fabric),
    )


def _pods(
    host: Host, public: IPv4Address | None, leases: tuple[PortLease, ...], fabric: Fabric
) -> PodAttachment:
    """The container of the pods of `host`, which leaves with `public` or `leases`."""
    addresses = fabric.placement.addresses
    container = addresses.pod_containers.get(host.name)
    if container is None:
        # In an overlay only what has the node's address leaves.
        return PodAttachment(host.subnet, (fabric.placement.cidrs[host.name],))
    everything = (container.address, *container.secondary)
    way = exit_of(subnet_of(fabric.lab.cloud, container.subnet), public_ip_address=None)
    if way is not Exit.DEFAULT:
        return PodAttachment(container.subnet, everything)
    return PodAttachment(container.subnet, everything, public, leases)
