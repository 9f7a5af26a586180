"""A compilation as the rows that can be inspected. Pure.

What only the hosts know, such as whether a node is ready, `lab.control.inspection` adds.
"""

from collections.abc import Iterator
from itertools import chain

from lab.cloud.route_table import EffectiveRoute
from lab.compile import Compilation
from lab.compile.address_pools import PoolRow
from lab.compile.inspection import AllocationRow, NodeRow, PodRow
from lab.compile.load_balancing import BackendRow
from lab.compile.services import ServiceRow
from lab.contract.v1 import lab_pb2
from lab.control.security_inventory import security_paths, security_rules
from lab.topology.virtual_network import SubnetReference

CLOSED = "Closed"
"""Status of a member of a load balancer's pool that nobody has opened."""


def inventory(compilation: Compilation) -> lab_pb2.InspectReply:
    """Every row of `compilation`, in its order."""
    return lab_pb2.InspectReply(
        nodes=[_node(row, compilation) for row in compilation.hosts],
        pods=map(_pod, compilation.pods),
        services=map(_service, compilation.services),
        backends=map(_backend, compilation.backends),
        routes=_routes(compilation),
        allocations=map(_allocation, compilation.allocations()),
        pools=map(_pool, compilation.pools()),
        security_rules=chain.from_iterable(map(security_rules, compilation.security)),
    )


def _node(row: NodeRow, compilation: Compilation) -> lab_pb2.NodeStatus:
    return lab_pb2.NodeStatus(
        name=row.name,
        kind=row.kind.value,
        cluster=row.cluster,
        subnet=_text(row.subnet),
        address=str(row.address),
        pod_cidr=_text(row.pod_cidr),
        public_address=_text(row.public_address),
        security=security_paths(compilation.nodes[row.name].vswitch),
    )


def _pod(row: PodRow) -> lab_pb2.PodStatus:
    return lab_pb2.PodStatus(
        namespace=row.namespace,
        name=row.name,
        node=row.node,
        address=_text(row.address),
        host_network=row.host_network,
        owner=row.owner,
        ordinal=row.ordinal,
        uid=row.uid,
        reason=row.reason.word if row.reason is not None else "",
        message=row.reason.message if row.reason is not None else "",
    )


def _service(row: ServiceRow) -> lab_pb2.ServiceStatus:
    return lab_pb2.ServiceStatus(
        cluster=row.cluster,
        namespace=row.namespace,
        name=row.name,
        type=row.type,
        cluster_ip=_text(row.cluster_ip),
        external_ip=_text(row.external_ip),
        ports=row.ports,
        endpoints=row.endpoints,
    )


def _backend(row: BackendRow) -> lab_pb2.BackendStatus:
    rule = row.rule
    return lab_pb2.BackendStatus(
        load_balancer=row.load_balancer,
        rule=rule.name,
        frontend=str(row.frontend),
        protocol=rule.protocol.value,
        frontend_port=rule.frontend_port,
        backend_address_pool=rule.backend_address_pool,
        backend_port=rule.backend_port,
        host=row.host,
        probe=rule.probe or "",
        # No security group stands in front of it: whatever a probe finds, nothing gets in.
        status="" if row.is_open else CLOSED,
    )


def _routes(compilation: Compilation) -> Iterator[lab_pb2.EffectiveRoute]:
    for subnet, routes in compilation.effective_routes.items():
        for route in routes:
            yield _route(subnet, route)


def _route(subnet: SubnetReference, route: EffectiveRoute) -> lab_pb2.EffectiveRoute:
    return lab_pb2.EffectiveRoute(
        virtual_network=subnet.virtual_network,
        subnet=subnet.subnet,
        source=route.source.value,
        state=route.state.value,
        address_prefix=str(route.address_prefix),
        next_hop_type=route.next_hop_type.value,
        next_hop_ip_address=_text(route.next_hop_ip_address),
        name=route.name,
        route_table=route.route_table,
    )


def _allocation(row: AllocationRow) -> lab_pb2.Allocation:
    return lab_pb2.Allocation(
        pool=row.pool,
        prefix=_text(row.prefix),
        address=_text(row.address),
        owner=row.owner,
        state=row.state.value,
    )


def _pool(row: PoolRow) -> lab_pb2.AddressPool:
    return lab_pb2.AddressPool(
        pool=row.pool,
        prefix=_text(row.prefix),
        used=row.used,
        reserved=row.reserved,
        free=row.free,
    )


def _text(value: object | None) -> str:
    """As it is written; empty when there is none."""
    return "" if value is None else str(value)
