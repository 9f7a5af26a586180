"""What Kubernetes would refuse, or what could never run, although it is well formed.

What Kubernetes accepts and leaves Pending is accepted here as well.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from lab.kube.manifests import (
    ClusterManifests,
    Container,
    Deployment,
    KubernetesObject,
    Namespace,
    Pod,
    PodSpec,
    Service,
    Transport,
)
from lab.kube.service_checks import check_services
from lab.topology import names
from lab.topology.cluster import Cluster
from lab.topology.problems import Location, Problem
from lab.topology.usable import Usable
from lab.topology.words import nearest, some

PREDEFINED_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
POD_LIMIT = 100_000
"""Pods in a cluster: 400 nodes with 250 each is what kubenet takes at most."""

Port = tuple[int, Transport]


def check(
    manifests: ClusterManifests, cluster: Cluster, *, usable: Usable, incomplete: bool
) -> Iterator[Problem]:
    """Problems of the objects of `cluster`.

    `incomplete` says that the user wrote more objects than could be read, so that
    a namespace may be among them.
    """
    yield from _duplicates(manifests.objects)
    if not incomplete:
        yield from _namespaces(manifests)
    yield from _replicas(manifests)
    nodes = () if usable.lacks("nodePools") else names.nodes(cluster)
    for each in manifests.objects:
        match each:
            case Deployment():
                yield from _selector(each)
                yield from _pod(each.template.spec, f"Deployment '{each.metadata.name}'", nodes)
            case Pod():
                yield from _pod(each.spec, f"Pod '{each.metadata.name}'", nodes)
            case Namespace() | Service():
                pass
    yield from _host_ports(manifests)
    yield from check_services(manifests.services, cluster)


def _duplicates(objects: Sequence[KubernetesObject]) -> Iterator[Problem]:
    first: dict[tuple[str, str, str], KubernetesObject] = {}
    for each in objects:
        kind, metadata = type(each).__name__, each.metadata
        before = first.setdefault((kind, metadata.namespace, metadata.name), each)
        if before is not each:
            where = f" in namespace '{metadata.namespace}'" if metadata.namespace else ""
            yield Problem(
                metadata.at("name"),
                f"there are two {kind}s called '{metadata.name}'{where}, the first at "
                f"{before.metadata.at('name')}",
                "rename one of them, or take it out",
            )


def _namespaces(manifests: ClusterManifests) -> Iterator[Problem]:
    known = {*PREDEFINED_NAMESPACES, *(each.metadata.name for each in manifests.namespaces)}
    for each in manifests.objects:
        wanted = each.metadata.namespace
        if wanted and wanted not in known:
            guess = nearest(wanted, sorted(known))
            yield Problem(
                each.metadata.at("namespace"),
                f"namespace '{wanted}' does not exist",
                f"did you mean '{guess}'?" if guess else "add a manifest of kind Namespace for it",
            )


def _replicas(manifests: ClusterManifests) -> Iterator[Problem]:
    total = sum(each.replicas for each in manifests.deployments)
    if total > POD_LIMIT:
        largest = max(manifests.deployments, key=lambda each: each.replicas)
        yield Problem(
            largest.location,
            f"the Deployments of cluster '{manifests.cluster}' ask for {total:,} pods; "
            f"{POD_LIMIT:,} is the limit of kubenet",
            "lower replicas",
        )


def _selector(deployment: Deployment) -> Iterator[Problem]:
    labels = deployment.template.metadata.labels
    if not deployment.selector.matches(labels):
        yield Problem(
            deployment.selector.location,
            f"the selector of Deployment '{deployment.metadata.name}' does not match the labels "
            "of its template",
            "give spec.template.metadata.labels every label of spec.selector",
        )


def _pod(spec: PodSpec, who: str, nodes: Sequence[str]) -> Iterator[Problem]:
    if spec.node_name is not None and nodes and spec.node_name not in nodes:
        guess = nearest(spec.node_name, nodes)
        yield Problem(
            spec.at("nodeName"),
            f"{who} wants to run on node '{spec.node_name}', which does not exist",
            f"did you mean '{guess}'?" if guess else f"use one of {some(nodes)}",
        )
    for name, count in Counter(container.name for container in spec.containers).items():
        if count > 1:
            yield Problem(
                spec.at("containers"),
                f"{who} has {count} containers called '{name}'",
                "give each container a name of its own",
            )
    yield from _ports(spec, who)
    if spec.dns_policy.value == "None" and not spec.dns_config.nameservers:
        yield Problem(
            spec.at("dnsPolicy"),
            f"{who} has dnsPolicy None but no name server",
            "add dnsConfig.nameservers",
        )


def _ports(spec: PodSpec, who: str) -> Iterator[Problem]:
    """All containers of a pod share one network namespace, so a port is taken once."""
    owner: dict[Port, Container] = {}
    for container in spec.containers:
        for port in container.ports:
            key = (port.container_port, port.protocol)
            before = owner.setdefault(key, container)
            if before is not container:
                yield Problem(
                    port.at("containerPort"),
                    f"containers '{before.name}' and '{container.name}' of {who} both declare "
                    f"{port.protocol.value} port {port.container_port}, but share one network",
                    "give one of them another port",
                )
            if spec.host_network and port.host_port not in {None, port.container_port}:
                yield Problem(
                    port.at("hostPort"),
                    f"hostPort {port.host_port} of {who} differs from containerPort "
                    f"{port.container_port}, although it is on the host network",
                    "take hostPort out",
                )


def _host_ports(manifests: ClusterManifests) -> Iterator[Problem]:
    """Pods that name their node are not scheduled, so nobody keeps their ports apart."""
    first: dict[tuple[str, Port], str] = {}
    for who, spec, copies in _bound(manifests):
        for port, place in _wanted(spec):
            key = (spec.node_name or "", port)
            before = first.setdefault(key, who)
            if before == who and copies == 1:
                continue
            others = f"{before} and {who} both want" if before != who else f"{who} wants"
            times = "" if before != who else f" {copies} times"
            yield Problem(
                place,
                f"{others} {port[1].value} port {port[0]} of node '{spec.node_name}'{times}",
                "choose another port or node, or take nodeName out",
            )


def _bound(manifests: ClusterManifests) -> Iterator[tuple[str, PodSpec, int]]:
    for each in manifests.objects:
        match each:
            case Pod() if each.spec.node_name is not None:
                yield f"Pod {each.metadata.namespace}/{each.metadata.name}", each.spec, 1
            case Deployment() if each.template.spec.node_name is not None:
                who = f"Deployment {each.metadata.namespace}/{each.metadata.name}"
                yield who, each.template.spec, each.replicas
            case _:
                pass


def _wanted(spec: PodSpec) -> Iterator[tuple[Port, Location]]:
    """Ports of the node that a pod takes."""
    for container in spec.containers:
        for port in container.ports:
            number = port.container_port if spec.host_network else port.host_port
            if number is not None:
                yield (number, port.protocol), port.at("containerPort")
