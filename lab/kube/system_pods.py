"""What AKS runs in kube-system (claim A11).

DaemonSets on the host network of every node; and Deployments that were scheduled
while the first node was the only one, so that they have the first addresses of
its range (in the published capture the first nginx pod there is .6).
"""

from functools import cache, lru_cache

from lab.kube.instances import DaemonSet
from lab.kube.manifests import (
    Container,
    ContainerPort,
    Deployment,
    LabelSelector,
    ObjectMeta,
    PodSpec,
    PodTemplate,
    Transport,
)

NAMESPACE = "kube-system"
REGISTRY = "mcr.microsoft.com/oss"


@lru_cache(maxsize=4)
def daemon_sets(*, agent: bool = True, cns: bool = False) -> tuple[DaemonSet, ...]:
    """One pod of each on every node, on the host network.

    `agent`: the ip-masq-agent is there, which a cluster with pod subnets has not; `cns`:
    Azure CNS hands out addresses (semantics 4).
    """
    return (
        _daemon("kube-proxy", f"{REGISTRY}/kubernetes/kube-proxy"),
        *((_daemon("azure-ip-masq-agent", f"{REGISTRY}/azure/ip-masq-agent"),) if agent else ()),
        *(
            (_daemon("azure-cns", "mcr.microsoft.com/containernetworking/azure-cns"),)
            if cns
            else ()
        ),
        _daemon("konnectivity-agent", f"{REGISTRY}/kubernetes/apiserver-network-proxy/agent"),
    )


@cache
def deployments() -> tuple[Deployment, ...]:
    """Ordinary pods, in the order in which they were scheduled."""
    return (
        _deployment(
            "coredns",
            f"{REGISTRY}/kubernetes/coredns",
            replicas=2,
            labels={"k8s-app": "kube-dns"},
            ports=(
                ContainerPort(name="dns", container_port=53, protocol=Transport.UDP),
                ContainerPort(name="dns-tcp", container_port=53),
            ),
        ),
        _deployment(
            "coredns-autoscaler",
            f"{REGISTRY}/kubernetes/autoscaler/cluster-proportional-autoscaler",
            labels={"k8s-app": "coredns-autoscaler"},
        ),
        _deployment(
            "metrics-server",
            f"{REGISTRY}/kubernetes/metrics-server",
            labels={"k8s-app": "metrics-server"},
            ports=(ContainerPort(name="https", container_port=4443),),
        ),
    )


def _daemon(name: str, image: str) -> DaemonSet:
    labels = {"component": name, "tier": "node"}
    return DaemonSet(
        namespace=NAMESPACE,
        name=name,
        template=PodTemplate(
            metadata=ObjectMeta(name="", namespace=NAMESPACE, labels=labels),
            spec=PodSpec(containers=(Container(name=name, image=image),), host_network=True),
        ),
    )


def _deployment(
    name: str,
    image: str,
    *,
    labels: dict[str, str],
    replicas: int = 1,
    ports: tuple[ContainerPort, ...] = (),
) -> Deployment:
    container = Container(name=name, image=image, ports=ports)
    return Deployment(
        metadata=ObjectMeta(name=name, namespace=NAMESPACE, labels=labels),
        replicas=replicas,
        selector=LabelSelector(match_labels=labels),
        template=PodTemplate(
            metadata=ObjectMeta(name="", namespace=NAMESPACE, labels=labels),
            spec=PodSpec(containers=(container,)),
        ),
    )
