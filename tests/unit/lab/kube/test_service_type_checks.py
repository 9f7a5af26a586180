"""What Kubernetes takes of Services with node ports; what it refuses is in tests/rejected."""

import pytest

from tests.unit.lab.kube.manifest_sources import messages


def service(spec: str, name: str = "web") -> str:
    return f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n"


@pytest.mark.parametrize(
    "spec",
    [
        "type: NodePort, ports: [{port: 80, nodePort: 30000}]",
        "type: NodePort, externalTrafficPolicy: Local, ports: [{port: 80, nodePort: 32767}]",
        "type: NodePort, ports: [{name: a, port: 53, nodePort: 30053}, "
        "{name: b, port: 53, protocol: UDP, nodePort: 30053}]",
        "type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30001, "
        "loadBalancerSourceRanges: [10.0.0.0/8], allocateLoadBalancerNodePorts: true, "
        "internalTrafficPolicy: Cluster, ports: [{port: 80}]",
        "type: LoadBalancer, externalTrafficPolicy: Cluster, clusterIP: 172.16.1.20, "
        "sessionAffinity: ClientIP, ports: [{port: 80}]",
    ],
)
def test_what_kubernetes_takes(spec: str) -> None:
    assert messages(service(spec)) == []


def test_a_number_is_one_services_whatever_the_protocol() -> None:
    one = service("type: NodePort, ports: [{port: 80, nodePort: 30080}]")
    other = service("type: NodePort, ports: [{port: 80, protocol: UDP, nodePort: 30080}]", "other")

    assert messages(one + other) == [
        "nodePort 30080 of Service 'other' is taken by Service 'web' in namespace 'default'"
    ]


@pytest.mark.parametrize("field", ["nodePort", "externalTrafficPolicy"])
def test_a_service_of_type_cluster_ip_has_nothing_at_nodes(field: str) -> None:
    of_port = ", nodePort: 30080" if field == "nodePort" else ""
    of_spec = "" if field == "nodePort" else ", externalTrafficPolicy: Cluster"

    assert messages(service(f"ports: [{{port: 80{of_port}}}]{of_spec}")) == [
        f"Service 'web' is of type ClusterIP and can have no {field}"
    ]
