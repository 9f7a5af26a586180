"""Which pods follow from objects."""

from dataclasses import replace

from lab.kube.instances import (
    DaemonSet,
    daemon_instances,
    deployment_instances,
    manifest_instances,
)
from lab.kube.manifests import (
    ClusterManifests,
    Container,
    Deployment,
    LabelSelector,
    Namespace,
    ObjectMeta,
    Pod,
    PodSpec,
    PodTemplate,
)

SPEC = PodSpec(containers=(Container(name="c", image="nginx"),))
LABELS = {"app": "nginx"}
TEMPLATE = PodTemplate(metadata=ObjectMeta(name="", labels=LABELS), spec=SPEC)


def deployment(
    name: str = "nginx", replicas: int = 3, template: PodTemplate = TEMPLATE
) -> Deployment:
    return Deployment(
        metadata=ObjectMeta(name=name, namespace="web"),
        replicas=replicas,
        selector=LabelSelector(match_labels=LABELS),
        template=template,
    )


def test_a_deployment_asks_for_its_replicas_with_the_hash_in_name_and_label() -> None:
    pods = deployment_instances("aks01", [deployment()])
    assert [(pod.owner, pod.ordinal, pod.namespace) for pod in pods] == [
        ("nginx", 0, "web"),
        ("nginx", 1, "web"),
        ("nginx", 2, "web"),
    ]
    for pod in pods:
        revision = pod.labels["pod-template-hash"]
        assert pod.name.startswith(f"nginx-{revision}-")
        assert pod.labels == {**LABELS, "pod-template-hash": revision}


def test_names_and_uids_are_unique_in_a_large_deployment() -> None:
    pods = deployment_instances("aks01", [deployment(replicas=5000)])
    assert len({pod.name for pod in pods}) == len({pod.uid for pod in pods}) == 5000


def test_scaling_leaves_the_other_replicas_alone() -> None:
    three = deployment_instances("aks01", [deployment(replicas=3)])
    five = deployment_instances("aks01", [deployment(replicas=5)])
    assert five[:3] == three


def test_a_new_template_replaces_every_pod() -> None:
    before = deployment_instances("aks01", [deployment()])
    template = replace(TEMPLATE, spec=replace(SPEC, hostname="x"))
    after = deployment_instances("aks01", [deployment(template=template)])
    assert not {pod.uid for pod in before} & {pod.uid for pod in after}
    assert not {pod.name for pod in before} & {pod.name for pod in after}


def test_no_replicas_are_no_pods() -> None:
    assert deployment_instances("aks01", [deployment(replicas=0)]) == ()


def test_a_pod_keeps_its_name_and_has_no_owner() -> None:
    pod = Pod(metadata=ObjectMeta(name="client", labels={"a": "b"}), spec=SPEC)
    (found,) = manifest_instances(ClusterManifests(cluster="aks01", objects=(pod,)))
    assert (found.name, found.owner, found.ordinal, found.labels) == ("client", "", 0, {"a": "b"})


def test_pods_follow_the_order_of_the_manifests_and_namespaces_run_nothing() -> None:
    manifests = ClusterManifests(
        cluster="aks01",
        objects=(
            deployment("b", replicas=1),
            Namespace(metadata=ObjectMeta(name="web", namespace="")),
            Pod(metadata=ObjectMeta(name="p"), spec=SPEC),
            deployment("a", replicas=1),
        ),
    )
    assert [pod.owner or pod.name for pod in manifest_instances(manifests)] == ["b", "p", "a"]


def test_a_node_name_of_the_spec_binds_the_pod() -> None:
    template = replace(TEMPLATE, spec=replace(SPEC, node_name="n7"))
    pods = deployment_instances("aks01", [deployment(template=template)])
    assert {pod.node_name for pod in pods} == {"n7"}


def test_a_daemon_set_has_one_pod_on_each_node() -> None:
    daemon = DaemonSet(namespace="kube-system", name="kube-proxy", template=TEMPLATE)
    pods = daemon_instances("aks01", [daemon], ["n0", "n1"])
    assert [(pod.node_name, pod.ordinal) for pod in pods] == [("n0", 0), ("n1", 1)]
    assert len({pod.name for pod in pods}) == 2


def test_a_daemons_pod_stays_the_same_when_nodes_are_added() -> None:
    daemon = DaemonSet(namespace="kube-system", name="kube-proxy", template=TEMPLATE)
    before = daemon_instances("aks01", [daemon], ["n1"])
    after = daemon_instances("aks01", [daemon], ["n0", "n1"])
    assert after[1].uid == before[0].uid
