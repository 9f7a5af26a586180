"""What `vnetlab inspect` shows: what was compiled, and what the hosts say about it. Pure."""

from collections.abc import Mapping

from lab.contract.condition import Condition, ConditionStatus, to_wire
from lab.contract.load_balancing import ProbedBackend
from lab.contract.v1 import lab_pb2
from lab.control.convergence import Standing
from lab.control.health import Health
from lab.control.rollout import Revision

READY, NOT_READY = "Ready", "NotReady"
"""Of a node, in Kubernetes' words."""

UP, DOWN = "Up", "Down"
"""Of a member of a load balancer's pool, as its probe finds it."""

RUNNING, PENDING, FAILED, UNKNOWN = "Running", "Pending", "Failed", "Unknown"
"""Phases of a pod, in Kubernetes' words."""

_FIELDS = {
    "nodes": ("nodes",),
    "pods": ("pods",),
    "services": ("services",),
    "loadbalancers": ("backends",),
    "routes": ("routes",),
    "ipam": ("pools", "allocations"),
    "nsg": ("security_rules",),
    "source": ("source",),
}
"""Kinds that can be asked for, and the fields of the reply that hold each."""

NOBODY = Standing()


def inspect(
    revision: Revision,
    standings: Mapping[str, Standing],
    *,
    kinds: frozenset[str],
    health: Health,
) -> lab_pb2.InspectReply:
    """All that is asked for; everything when `kinds` is empty, unknown kinds are ignored."""
    reply = revision.compiled.inventory()
    reply.lab = revision.compiled.name
    reply.revision = revision.number
    reply.source.CopyFrom(revision.source)
    for kind, fields in _FIELDS.items():
        if kinds and kind not in kinds:
            for field in fields:
                reply.ClearField(field)
    for node in reply.nodes:
        _complete_node(node, standings.get(node.name, NOBODY), revision.number)
    for pod in reply.pods:
        pod.status = _phase(pod, standings.get(pod.node, NOBODY))
    for backend in reply.backends:
        backend.status = _status(backend, health)
    return reply


def _status(backend: lab_pb2.BackendStatus, health: Health) -> str:
    if backend.status:
        return backend.status
    asked = ProbedBackend(probe=f"{backend.load_balancer}/{backend.probe}", host=backend.host)
    return UP if not backend.probe or health.is_up(asked) else DOWN


def _complete_node(node: lab_pb2.NodeStatus, standing: Standing, revision: int) -> None:
    node.status = READY if standing.ready(revision=revision) else NOT_READY
    node.revision = standing.report.revision
    node.conditions.extend(map(to_wire, standing.report.conditions))


def _phase(pod: lab_pb2.PodStatus, standing: Standing) -> str:
    if pod.reason:
        return PENDING
    if not standing.connected:
        return UNKNOWN
    wanted = f"pod/{pod.namespace}/{pod.name}"
    condition = next((c for c in standing.report.conditions if c.object == wanted), None)
    return _phase_of(condition)


def _phase_of(condition: Condition | None) -> str:
    match condition:
        case Condition(status=ConditionStatus.APPLIED):
            return RUNNING
        case Condition(status=ConditionStatus.FAILED):
            return FAILED
        case _:
            return PENDING
