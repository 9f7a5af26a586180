"""What `inspect` and a dry run show: protobuf messages as rows with stable keys.

The keys are part of the command line's contract: they are added, never renamed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lab.contract.v1.agent_pb2 import Condition, ConditionStatus
from lab.contract.v1.lab_pb2 import (
    Allocation,
    BackendStatus,
    EffectiveRoute,
    EffectiveSecurityRule,
    InspectReply,
    NodeStatus,
    PodStatus,
    ServiceStatus,
)

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of thing that can be listed."""

    rows: Callable[[InspectReply], Sequence[Row]]
    columns: tuple[str, ...]
    """Keys that a table shows, the telling ones first."""


def node_row(node: NodeStatus) -> Row:
    """A node, a virtual machine or an Internet host."""
    return {
        "name": node.name,
        "kind": node.kind,
        "cluster": node.cluster,
        "subnet": node.subnet,
        "address": node.address,
        "public_address": node.public_address,
        "pod_cidr": node.pod_cidr,
        "status": node.status,
        "revision": node.revision,
        "conditions": [condition_row(condition) for condition in node.conditions],
    }


def condition_row(condition: Condition) -> Row:
    """What a host says of one of its objects."""
    status = ConditionStatus.Name(condition.status)
    return {
        "object": condition.object,
        "status": status.removeprefix("CONDITION_STATUS_").lower(),
        "reason": condition.reason,
    }


def pod_row(pod: PodStatus) -> Row:
    """A pod."""
    return {
        "namespace": pod.namespace,
        "name": pod.name,
        "address": pod.address,
        "node": pod.node,
        "status": pod.status,
        "host_network": pod.host_network,
        "owner": pod.owner,
        "ordinal": pod.ordinal,
        "uid": pod.uid,
        "reason": pod.reason,
        "message": pod.message,
    }


def service_row(service: ServiceStatus) -> Row:
    """A Service of a cluster."""
    return {
        "cluster": service.cluster,
        "namespace": service.namespace,
        "name": service.name,
        "type": service.type,
        # As the API says it of a headless one.
        "cluster_ip": service.cluster_ip or "None",
        "external_ip": service.external_ip or None,
        "ports": ",".join(service.ports),
        "endpoints": list(service.endpoints),
    }


def backend_row(backend: BackendStatus) -> Row:
    """A member of a load-balancing rule's pool."""
    return {
        "load_balancer": backend.load_balancer,
        "rule": backend.rule,
        "frontend": backend.frontend,
        "frontend_port": backend.frontend_port,
        "protocol": backend.protocol,
        "backend_address_pool": backend.backend_address_pool,
        "backend_port": backend.backend_port,
        "host": backend.host,
        "probe": backend.probe,
        "status": backend.status,
    }


def route_row(route: EffectiveRoute) -> Row:
    """An effective route, in the words of ``az network nic show-effective-route-table``."""
    return {
        "virtual_network": route.virtual_network,
        "subnet": route.subnet,
        "source": route.source,
        "state": route.state,
        "address_prefix": route.address_prefix,
        "next_hop_type": route.next_hop_type,
        "next_hop_ip_address": route.next_hop_ip_address,
        "name": route.name,
        "route_table": route.route_table,
    }


def pool_rows(reply: InspectReply) -> list[Row]:
    """Every pool of addresses: how far it is used, and by whom."""
    allocations: dict[str, list[Row]] = {}
    for allocation in reply.allocations:
        allocations.setdefault(allocation.pool, []).append(allocation_row(allocation))
    return [
        {
            "pool": pool.pool,
            "prefix": pool.prefix,
            "used": pool.used,
            "reserved": pool.reserved,
            "free": pool.free if pool.HasField("free") else None,
            "allocations": allocations.get(pool.pool, []),
        }
        for pool in reply.pools
    ]


def allocation_row(allocation: Allocation) -> Row:
    """An address or a prefix that somebody has."""
    return {
        "prefix": allocation.prefix,
        "address": allocation.address,
        "owner": allocation.owner,
        "state": allocation.state,
    }


def security_rule_row(rule: EffectiveSecurityRule) -> Row:
    """A security rule where its group is associated; `packets` is known of a single NIC only."""
    return {
        "place": rule.place,
        "network_security_group": rule.network_security_group,
        "direction": rule.direction,
        "priority": rule.priority,
        "name": rule.name,
        "access": rule.access,
        "protocol": rule.protocol,
        "source": ",".join(rule.source),
        "source_ports": ",".join(rule.source_ports),
        "destination": ",".join(rule.destination),
        "destination_ports": ",".join(rule.destination_ports),
        "expanded_source": list(rule.expanded_source),
        "expanded_destination": list(rule.expanded_destination),
        "container": "",
        "packets": None,
    }


KINDS: Mapping[str, Kind] = {
    "nodes": Kind(
        rows=lambda reply: [node_row(node) for node in reply.nodes],
        columns=("name", "subnet", "address", "pod_cidr", "status"),
    ),
    "pods": Kind(
        rows=lambda reply: [pod_row(pod) for pod in reply.pods],
        columns=("namespace", "name", "address", "node", "reason", "status"),
    ),
    "services": Kind(
        rows=lambda reply: [service_row(service) for service in reply.services],
        columns=("namespace", "name", "type", "cluster_ip", "external_ip", "ports", "endpoints"),
    ),
    "loadbalancers": Kind(
        rows=lambda reply: [backend_row(backend) for backend in reply.backends],
        columns=("rule", "frontend", "host", "probe", "status"),
    ),
    "routes": Kind(
        rows=lambda reply: [route_row(route) for route in reply.routes],
        columns=("source", "state", "address_prefix", "next_hop_type", "next_hop_ip_address"),
    ),
    "ipam": Kind(
        rows=pool_rows,
        columns=("pool", "prefix", "used", "reserved", "free"),
    ),
    "nsg": Kind(
        rows=lambda reply: [security_rule_row(rule) for rule in reply.security_rules],
        columns=(
            "place",
            "direction",
            "priority",
            "name",
            "protocol",
            "source",
            "destination",
            "destination_ports",
            "access",
        ),
    ),
}


def waiting(pods: Sequence[Row]) -> Iterator[str]:
    """Why pods are Pending, one line for each reason."""
    reasons = Counter((pod["reason"], pod["message"]) for pod in pods if pod["reason"])
    for (reason, message), count in reasons.items():
        yield f"{count} Pending, {reason}: {message}"


def troubles(reply: InspectReply) -> Iterator[str]:
    """What hosts could not bring about, one line each."""
    for node in reply.nodes:
        for condition in node.conditions:
            if condition.status == ConditionStatus.CONDITION_STATUS_FAILED:
                yield f"{node.name}: {condition.object}: {condition.reason}"
