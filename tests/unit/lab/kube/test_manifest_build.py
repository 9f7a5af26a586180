"""From objects in a manifest to frozen values."""

import pytest

from lab.kube.manifests import (
    Container,
    ContainerPort,
    Deployment,
    DnsPolicy,
    LabelSelector,
    ObjectMeta,
    PodDnsConfig,
    PodSpec,
    PodTemplate,
    Transport,
)
from tests.unit.lab.kube.manifest_sources import (
    DEPLOYMENT,
    objects,
    only_deployment,
    only_pod,
    pod,
)


def test_a_deployment() -> None:
    labels = {"app": "nginx"}

    assert only_deployment(DEPLOYMENT) == Deployment(
        metadata=ObjectMeta(name="nginx"),
        replicas=3,
        selector=LabelSelector(match_labels=labels),
        template=PodTemplate(
            metadata=ObjectMeta(name="", labels=labels),
            spec=PodSpec(containers=(Container(name="nginx", image="nginx"),)),
        ),
    )


def test_a_deployment_without_replicas_has_one() -> None:
    assert only_deployment(DEPLOYMENT.replace("  replicas: 3\n", "")).replicas == 1


def test_a_deployment_may_have_none() -> None:
    assert only_deployment(DEPLOYMENT.replace("replicas: 3", "replicas: 0")).replicas == 0


def test_pods_of_a_deployment_are_in_its_namespace() -> None:
    found = only_deployment(
        DEPLOYMENT.replace("{name: nginx}", "{name: a, namespace: kube-public}")
    )

    assert found.metadata.namespace == "kube-public"
    assert found.template.metadata.namespace == "kube-public"


def test_a_pod_with_everything() -> None:
    found = only_pod(
        pod(
            metadata="labels: {app: a}, annotations: {note: b}",
            spec="nodeName: aks-pool-1-vmss000001, nodeSelector: {agentpool: pool}, "
            "hostNetwork: true, hostname: me, dnsPolicy: None, "
            "dnsConfig: {nameservers: [10.0.0.4], searches: [a.b], "
            "options: [{name: ndots, value: '2'}, {name: rotate}]}",
            container="command: [sleep], args: ['5'], env: [{name: A, value: b}, {name: C}, "
            "{name: D, valueFrom: {}}], ports: [{containerPort: 53, protocol: UDP, name: dns, "
            "hostPort: 53}]",
        )
    )

    assert found.metadata == ObjectMeta(
        name="client", labels={"app": "a"}, annotations={"note": "b"}
    )
    assert found.spec == PodSpec(
        containers=(
            Container(
                name="main",
                image="agnhost",
                command=("sleep",),
                args=("5",),
                env={"A": "b", "C": ""},
                ports=(
                    ContainerPort(
                        container_port=53, protocol=Transport.UDP, name="dns", host_port=53
                    ),
                ),
            ),
        ),
        node_name="aks-pool-1-vmss000001",
        node_selector={"agentpool": "pool"},
        host_network=True,
        dns_policy=DnsPolicy.NONE,
        dns_config=PodDnsConfig(
            nameservers=("10.0.0.4",), searches=("a.b",), options=("ndots:2", "rotate")
        ),
        hostname="me",
    )


def test_a_namespace_lies_in_none() -> None:
    (found,) = objects("apiVersion: v1\nkind: Namespace\nmetadata: {name: front}\n").namespaces

    assert found.metadata == ObjectMeta(name="front", namespace="")


def test_values_know_where_they_were_written() -> None:
    found = only_deployment(DEPLOYMENT)

    assert str(found.location) == "objects.yaml:1"
    assert str(found.selector.location) == "objects.yaml:6"
    assert str(found.template.spec.containers[0].at("image")) == "objects.yaml:12"


@pytest.mark.parametrize(
    ("expression", "labels", "selected"),
    [
        ("{key: a, operator: In, values: [x, y]}", "{a: y}", True),
        ("{key: a, operator: NotIn, values: [x]}", "{a: y}", True),
        ("{key: a, operator: Exists}", "{a: y}", True),
        ("{key: a, operator: DoesNotExist}", "{b: y}", True),
    ],
)
def test_selectors_may_have_expressions(expression: str, labels: str, *, selected: bool) -> None:
    text = DEPLOYMENT.replace("matchLabels: {app: nginx}", f"matchExpressions: [{expression}]")
    found = only_deployment(text.replace("{labels: {app: nginx}}", f"{{labels: {labels}}}"))

    assert found.selector.matches(found.template.metadata.labels) is selected
