"""What Kubernetes would refuse, and what it would leave Pending."""

import pytest

from tests.unit.lab.kube.manifest_sources import DEPLOYMENT, messages, pod

NODE = "nodeName: aks-pool-1-vmss000000"


def test_more_replicas_than_the_nodes_take_are_pending_not_wrong() -> None:
    assert messages(DEPLOYMENT.replace("replicas: 3", "replicas: 1000")) == []


def test_more_pods_than_any_kubenet_cluster_takes_are_refused() -> None:
    assert messages(DEPLOYMENT.replace("replicas: 3", "replicas: 100000")) == []
    (message,) = messages(DEPLOYMENT.replace("replicas: 3", "replicas: 1000000000"))

    assert "ask for 1,000,000,000 pods" in message


@pytest.mark.parametrize(
    ("labels", "accepted"),
    [("{app: nginx, tier: web}", True), ("{app: ngnix}", False), ("{}", False)],
)
def test_a_deployment_selects_its_own_pods(labels: str, *, accepted: bool) -> None:
    text = DEPLOYMENT.replace("metadata: {labels: {app: nginx}}", f"metadata: {{labels: {labels}}}")

    assert (messages(text) == []) is accepted


def test_a_pod_may_name_its_node_if_there_is_one() -> None:
    assert messages(pod(spec=NODE)) == []
    assert messages(pod(spec="nodeName: aks-pool-1-vmss000002")) == [
        "Pod 'client' wants to run on node 'aks-pool-1-vmss000002', which does not exist"
    ]


@pytest.mark.parametrize("namespace", ["default", "kube-system"])
def test_some_namespaces_are_always_there(namespace: str) -> None:
    assert messages(pod(metadata=f"namespace: {namespace}")) == []


def test_other_namespaces_have_to_be_created_in_any_order() -> None:
    inside = pod(metadata="namespace: front")
    namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: front}\n"

    assert messages(inside) == ["namespace 'front' does not exist"]
    assert messages(inside + namespace) == []


def test_a_namespace_that_could_not_be_read_is_not_missed() -> None:
    namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {nam: front}\n"

    assert messages(pod(metadata="namespace: front") + namespace) == [
        "unknown key 'nam' in metadata"
    ]


def test_two_objects_of_a_kind_have_two_names() -> None:
    assert messages(DEPLOYMENT + pod("nginx")) == []
    assert len(messages(pod() + pod())) == 1


def test_containers_of_a_pod_share_its_ports() -> None:
    one = pod(container="ports: [{containerPort: 53}, {containerPort: 53, protocol: UDP}]")
    two = one.replace("}]}\n", "}, {name: other, image: i, ports: [{containerPort: 53}]}]}\n")

    assert messages(one) == []
    (message,) = messages(two)
    assert message.startswith("containers 'main' and 'other' of Pod 'client' both declare TCP")


def test_containers_of_a_pod_have_two_names() -> None:
    text = pod().replace("agnhost, }", "agnhost}, {name: main, image: i}")

    assert messages(text) == ["Pod 'client' has 2 containers called 'main'"]


def test_on_the_host_network_a_port_is_the_hosts_port() -> None:
    text = pod(spec="hostNetwork: true", container="ports: [{containerPort: 80, hostPort: 81}]")

    assert len(messages(text)) == 1
    assert messages(text.replace("81", "80")) == []


def test_pods_that_name_the_same_node_want_different_ports_of_it() -> None:
    def bound(name: str, port: int) -> str:
        return pod(
            name, spec=f"hostNetwork: true, {NODE}", container=f"ports: [{{containerPort: {port}}}]"
        )

    assert messages(bound("a", 80) + bound("b", 81)) == []
    assert messages(bound("a", 80) + bound("b", 80)) == [
        "Pod default/a and Pod default/b both want TCP port 80 of node 'aks-pool-1-vmss000000'"
    ]


def test_replicas_that_name_their_node_would_want_the_same_ports_of_it() -> None:
    text = DEPLOYMENT.replace("spec:\n      containers:", f"spec:\n      {NODE}\n      containers:")

    assert messages(f"{text}          ports: [{{containerPort: 80}}]\n") == []
    assert messages(f"{text}          ports: [{{containerPort: 80, hostPort: 80}}]\n") == [
        "Deployment default/nginx wants TCP port 80 of node 'aks-pool-1-vmss000000' 3 times"
    ]


def test_dns_of_its_own_needs_a_server() -> None:
    assert messages(pod(spec="dnsPolicy: None")) == [
        "Pod 'client' has dnsPolicy None but no name server"
    ]
