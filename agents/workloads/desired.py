"""What has to run in the places of a host, what became of it, and both as lines of JSON.

The agent says everything that has to run, each time; the newest list wins. The
answer says of everything how it is, and comes again whenever that changes.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from ipaddress import ip_address
from typing import Any

from agents.workloads.platform import PlatformServices, platform_fields, platform_of
from agents.workloads.tls import CERTIFICATE
from lab.contract.node_state import (
    Address,
    Container,
    ContainerPort,
    NodeKind,
    NodeState,
    Pod,
    Protocol,
)

LONGEST_LINE = 16 << 20
"""Bytes; 250 pods with environment stay far below."""

MACHINE = ""
"""In place of a pod's uid: what runs on the machine itself."""

NODE_PIN = "node"

ECHO_PORT = 7
"""Echo (RFC 862), over TCP and UDP."""

HTTP_PORT = 80

MACHINE_RESPONDER = Container(
    name="responder",
    image="hello",
    ports=(
        ContainerPort(protocol=Protocol.TCP, port=HTTP_PORT, name="http"),
        ContainerPort(protocol=Protocol.TCP, port=ECHO_PORT, name="echo"),
        ContainerPort(protocol=Protocol.UDP, port=ECHO_PORT, name="echo-udp"),
    ),
)
"""What virtual machines and Internet hosts run unless told otherwise, so that tests can
talk to them."""


TLS_PORT = ContainerPort(protocol=Protocol.TCP, port=443, name="https")
"""Beside them, of Internet hosts with names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """The containers of one place: a pod, or the machine itself."""

    node: str
    uid: str = MACHINE
    namespace: str = ""
    name: str = ""
    """Of the pod; empty for the machine."""
    address: Address | None = None
    """What others reach it at."""
    host_network: bool = False
    containers: tuple[Container, ...]

    @property
    def pin(self) -> str:
        """Which of the host's pinned network namespaces its sockets live in."""
        return NODE_PIN if self.uid == MACHINE or self.host_network else f"pod-{self.uid}"

    def __repr__(self) -> str:
        return f"<Workload {self.namespace}/{self.name or self.node} x{len(self.containers)}>"


class Phase(Enum):
    """How a workload is."""

    RUNNING = "running"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadStatus:
    """What became of one workload."""

    uid: str
    """`MACHINE` for the machine itself."""
    phase: Phase
    reason: str = ""
    """Why it is not running, and what would help; of several containers, all reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """A line from the agent."""

    revision: int
    """Counts the agent's lines, so that it knows which of them an answer is to."""
    workloads: tuple[Workload, ...]
    platform: PlatformServices | None = None
    """What the host itself answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statuses:
    """A line to the agent: of every workload of `revision`."""

    revision: int
    statuses: tuple[WorkloadStatus, ...]
    health: Mapping[str, bool] = field(default_factory=dict)
    """What load balancers' probes have found so far, by their names."""


def workloads_for(state: NodeState, *, attached: Collection[str]) -> tuple[Workload, ...]:
    """What has to run on a host, of the pods whose namespace is there (`attached`, uids).

    Pods on the host's network need none. A cluster node runs nothing by itself, and at the edge
    there is no machine to run anything.
    """
    pods = tuple(
        _pod_workload(state, pod) for pod in state.pods if pod.host_network or pod.uid in attached
    )
    if state.containers:
        return (*pods, _machine_workload(state, state.containers))
    if state.kind is NodeKind.CLUSTER_NODE or not state.kind.has_guest:
        return pods
    return (*pods, _machine_workload(state, (_responder(state.tls_certificate),)))


def _responder(tls_certificate: str) -> Container:
    if not tls_certificate:
        return MACHINE_RESPONDER
    return replace(
        MACHINE_RESPONDER,
        ports=(*MACHINE_RESPONDER.ports, TLS_PORT),
        environment={CERTIFICATE: tls_certificate},
    )


def _pod_workload(state: NodeState, pod: Pod) -> Workload:
    address = pod.interface.address.ip if pod.interface else state.nic.primary.ip
    return Workload(
        node=state.name,
        uid=pod.uid,
        namespace=pod.namespace,
        name=pod.name,
        address=address,
        host_network=pod.host_network,
        containers=pod.containers,
    )


def _machine_workload(state: NodeState, containers: tuple[Container, ...]) -> Workload:
    return Workload(node=state.name, address=state.nic.primary.ip, containers=containers)


def encode_desired(desired: Desired) -> bytes:
    """One line, newline included."""
    return _line(
        {
            "revision": desired.revision,
            "workloads": [_workload_fields(workload) for workload in desired.workloads],
            "platform": platform_fields(desired.platform),
        }
    )


def decode_desired(line: bytes) -> Desired:
    """The value that `encode_desired` wrote. Raises ValueError or KeyError for anything else."""
    fields = json.loads(line)
    return Desired(
        revision=fields["revision"],
        workloads=tuple(_workload(entry) for entry in fields["workloads"]),
        platform=platform_of(fields["platform"]),
    )


def encode_statuses(statuses: Statuses) -> bytes:
    """One line, newline included."""
    return _line(
        {
            "revision": statuses.revision,
            "statuses": [
                {"uid": status.uid, "phase": status.phase.value, "reason": status.reason}
                for status in statuses.statuses
            ],
            "health": dict(statuses.health),
        }
    )


def decode_statuses(line: bytes) -> Statuses:
    """The value that `encode_statuses` wrote. Raises ValueError or KeyError for anything else."""
    fields = json.loads(line)
    return Statuses(
        revision=fields["revision"],
        statuses=tuple(
            WorkloadStatus(uid=entry["uid"], phase=Phase(entry["phase"]), reason=entry["reason"])
            for entry in fields["statuses"]
        ),
        health=fields["health"],
    )


def failures(statuses: Iterable[WorkloadStatus]) -> dict[str, str]:
    """Reasons of those that don't run, by uid."""
    return {status.uid: status.reason for status in statuses if status.phase is Phase.FAILED}


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def _workload_fields(workload: Workload) -> dict[str, Any]:
    return {
        "node": workload.node,
        "uid": workload.uid,
        "namespace": workload.namespace,
        "name": workload.name,
        "address": None if workload.address is None else str(workload.address),
        "host_network": workload.host_network,
        "containers": [
            {
                "name": container.name,
                "image": container.image,
                "command": container.command,
                "ports": [[port.protocol.value, port.port, port.name] for port in container.ports],
                "environment": dict(container.environment),
            }
            for container in workload.containers
        ],
    }


def _workload(fields: dict[str, Any]) -> Workload:
    return Workload(
        node=fields["node"],
        uid=fields["uid"],
        namespace=fields["namespace"],
        name=fields["name"],
        address=None if fields["address"] is None else ip_address(fields["address"]),
        host_network=fields["host_network"],
        containers=tuple(_container(entry) for entry in fields["containers"]),
    )


def _container(fields: dict[str, Any]) -> Container:
    return Container(
        name=fields["name"],
        image=fields["image"],
        command=tuple(fields["command"]),
        ports=tuple(
            ContainerPort(protocol=Protocol(protocol), port=port, name=name)
            for protocol, port, name in fields["ports"]
        ),
        environment=fields["environment"],
    )
