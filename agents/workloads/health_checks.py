"""kube-proxy's health check node ports (semantics 7): what a node says of its endpoints.

A load balancer asks every node, and sends packets to those that have any. Without I/O.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import h11

from agents.workloads.exchange import Answer, Respond
from lab.contract.node_state import NodeState


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """The health check node port of a Service."""

    namespace: str
    name: str
    port: int
    endpoints: int
    """Pods of the Service on this node."""


def health_checks_for(state: NodeState) -> tuple[HealthCheck, ...]:
    """What a host's kube-proxy answers."""
    if state.kube_proxy is None:
        return ()
    checked = [each for each in state.kube_proxy.services if each.health_check_node_port]
    if not checked:
        return ()
    own = state.served_addresses
    return tuple(
        HealthCheck(
            namespace=service.namespace,
            name=service.name,
            port=service.health_check_node_port,
            endpoints=len(
                {each.address for port in service.ports for each in port.endpoints_at(own)}
            ),
        )
        for service in checked
    )


def health_service(check: Callable[[], HealthCheck]) -> Respond:
    """Answers any request, as kube-proxy does, by what `check` is then."""

    def respond(_: h11.Request) -> Answer:
        return _answer(check())

    return respond


def _answer(check: HealthCheck) -> Answer:
    """There is nothing that would make our kube-proxy unhealthy and let it answer."""
    document = {
        "service": {"namespace": check.namespace, "name": check.name},
        "localEndpoints": check.endpoints,
        "serviceProxyHealthy": True,
    }
    status = HTTPStatus.OK if check.endpoints else HTTPStatus.SERVICE_UNAVAILABLE
    return Answer(status=status, body=json.dumps(document, indent="\t").encode())
