"""What a health check node port answers."""

import json
from dataclasses import replace
from ipaddress import IPv4Address

import h11
import pytest

from agents.workloads.health_checks import HealthCheck, health_checks_for, health_service
from agents.workloads.platform import platform_fields, platform_for, platform_of
from lab.contract.node_state import Protocol
from lab.contract.platform import Platform
from lab.contract.service import Endpoint, KubeProxy, Service, ServicePort
from tests.unit.agents.states import node, pod

CHECK = HealthCheck(namespace="shop", name="web", port=30090, endpoints=2)
BODY = """{
\t"service": {
\t\t"namespace": "shop",
\t\t"name": "web"
\t},
\t"localEndpoints": 2,
\t"serviceProxyHealthy": true
}"""


def service(*addresses: str, port: int = 30090) -> Service:
    endpoints = [Endpoint(address=IPv4Address(each), port=80) for each in addresses]
    ports = [
        ServicePort(name=name, protocol=Protocol.TCP, port=number, endpoints=tuple(endpoints))
        for name, number in (("http", 80), ("https", 443))
    ]
    return Service(
        namespace="shop",
        name="web",
        cluster_ip=IPv4Address("172.16.1.17"),
        ports=tuple(ports),
        health_check_node_port=port,
    )


@pytest.mark.parametrize("target", ["/healthz", "/", "/anything"])
def test_it_answers_as_kube_proxy_does_whatever_is_asked(target: str) -> None:
    answer = health_service(lambda: CHECK)(
        h11.Request(method="GET", target=target, headers=[("Host", "10.0.0.4")])
    )

    assert (answer.status, answer.content_type) == (200, b"application/json")
    assert answer.body.decode() == BODY


def test_a_node_without_pods_says_so() -> None:
    asked = h11.Request(method="GET", target="/healthz", headers=[("Host", "10.0.0.4")])
    answer = health_service(lambda: replace(CHECK, endpoints=0))(asked)

    assert answer.status == 503
    assert json.loads(answer.body)["localEndpoints"] == 0


def test_pods_of_the_node_count_once_each() -> None:
    own = pod(1, 0)
    assert own.interface is not None
    state = replace(node(1), pods=(own,))
    here, elsewhere = str(own.interface.address.ip), "10.244.9.9"
    host = str(state.nic.primary.ip)
    proxy = KubeProxy(services=(service(here, host, elsewhere), service(here, port=0)))

    assert health_checks_for(replace(state, kube_proxy=proxy)) == (CHECK,)
    assert health_checks_for(replace(state, kube_proxy=None)) == ()


def test_they_travel_to_whoever_answers() -> None:
    state = replace(node(1), platform=Platform(), kube_proxy=KubeProxy(services=(service(),)))
    services = platform_for(state)

    assert services is not None
    assert services.health_checks == (replace(CHECK, endpoints=0),)
    assert platform_of(json.loads(json.dumps(platform_fields(services)))) == services
