"""From objects to the pods that they ask for, before anyone decides where these run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lab.kube.identity import generated_name, pod_uid, template_hash
from lab.kube.manifests import ClusterManifests, Deployment, Pod, PodSpec, PodTemplate
from lab.remembering import remembering, remembering_each

TEMPLATE_HASH_LABEL = "pod-template-hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonSet:
    """`apps/v1 DaemonSet`, as far as system pods need it: one pod on every node."""

    namespace: str
    name: str
    template: PodTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class PodInstance:
    """One pod that has to run."""

    cluster: str
    namespace: str
    name: str
    uid: str
    owner: str
    """Name of the Deployment or DaemonSet; empty for a pod of its own."""
    ordinal: int
    """Which of its owner's pods it is, from 0."""
    labels: Mapping[str, str]
    spec: PodSpec
    node_name: str | None
    """The node that it must run on; None: the scheduler's choice."""


def daemon_instances(
    cluster: str, daemons: Iterable[DaemonSet], nodes: Sequence[str]
) -> tuple[PodInstance, ...]:
    """One pod of each of `daemons` on each of `nodes`."""
    return tuple(
        instance for daemon in daemons for instance in _daemon_pods(cluster, daemon, nodes)
    )


def deployment_instances(
    cluster: str, deployments: Iterable[Deployment]
) -> tuple[PodInstance, ...]:
    """The replicas of each Deployment."""
    return tuple(
        instance for deployment in deployments for instance in _replicas(cluster, deployment)
    )


@remembering(by=lambda manifests: manifests.cluster, maxsize=16)
def manifest_instances(manifests: ClusterManifests) -> tuple[PodInstance, ...]:
    """Every pod of a cluster's manifests, in the order in which they were written."""
    found: list[PodInstance] = []
    for each in manifests.objects:
        match each:
            case Deployment():
                found.extend(_replicas(manifests.cluster, each))
            case Pod():
                found.append(_single(manifests.cluster, each))
            case _:
                pass  # a Namespace or a Service runs nothing
    return tuple(found)


def _replicas(cluster: str, deployment: Deployment) -> Iterator[PodInstance]:
    namespace, template = deployment.metadata.namespace, deployment.template
    revision = template_hash(template)
    labels = {**template.metadata.labels, TEMPLATE_HASH_LABEL: revision}
    names: set[str] = set()
    for ordinal in range(deployment.replicas):
        name = generated_name(
            f"{deployment.metadata.name}-{revision}",
            cluster,
            namespace,
            str(ordinal),
            taken=names,
        )
        names.add(name)
        yield PodInstance(
            cluster=cluster,
            namespace=namespace,
            name=name,
            uid=pod_uid(cluster, namespace, name, template.spec),
            owner=deployment.metadata.name,
            ordinal=ordinal,
            labels=labels,
            spec=template.spec,
            node_name=template.spec.node_name,
        )


def _daemon_pods(cluster: str, daemon: DaemonSet, nodes: Sequence[str]) -> Iterable[PodInstance]:
    of = cluster, daemon.namespace, daemon.name
    likely = _likely_names(
        of, {node: (daemon.name, cluster, daemon.namespace, node) for node in nodes}
    )
    names: set[str] = set()
    pods = {}
    for ordinal, node in enumerate(nodes):
        name = likely[node]
        if name in names:
            name = generated_name(daemon.name, cluster, daemon.namespace, node, taken=names)
        names.add(name)
        pods[node] = cluster, daemon, ordinal, node, name
    return _daemon_pod(of, pods).values()


@remembering_each(maxsize=64)
def _likely_names(seed: tuple[str, ...]) -> str:
    """What a pod is called if no other one has that name."""
    prefix, *rest = seed
    return generated_name(prefix, *rest, taken=())


@remembering_each(maxsize=64)
def _daemon_pod(pod: tuple[str, DaemonSet, int, str, str]) -> PodInstance:
    cluster, daemon, ordinal, node, name = pod
    return PodInstance(
        cluster=cluster,
        namespace=daemon.namespace,
        name=name,
        uid=pod_uid(cluster, daemon.namespace, name, daemon.template.spec),
        owner=daemon.name,
        ordinal=ordinal,
        labels=daemon.template.metadata.labels,
        spec=daemon.template.spec,
        node_name=node,
    )


def _single(cluster: str, pod: Pod) -> PodInstance:
    namespace, name = pod.metadata.namespace, pod.metadata.name
    return PodInstance(
        cluster=cluster,
        namespace=namespace,
        name=name,
        uid=pod_uid(cluster, namespace, name, pod.spec),
        owner="",
        ordinal=0,
        labels=pod.metadata.labels,
        spec=pod.spec,
        node_name=pod.spec.node_name,
    )
