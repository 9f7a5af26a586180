from dataclasses import replace

from lab.kube.load_balancer_checks import check_load_balancer
from lab.kube.manifests import ClusterManifests, ObjectMeta, Service, ServiceType
from lab.topology.egress import ClusterEgress, OutboundType
from lab.topology.model import Lab
from tests.unit.lab.compile.labs import cluster, lab, machine

SERVICES = ClusterManifests(
    cluster="aks01",
    objects=tuple(
        Service(metadata=ObjectMeta(name=name), type=ServiceType.LOAD_BALANCER) for name in "ab"
    ),
)


def problems(made: Lab, manifests: ClusterManifests = SERVICES) -> list[str]:
    return [each.message for each in check_load_balancer(manifests, made.clusters[0], made)]


def test_a_host_may_not_have_the_name_of_a_load_balancer_to_be() -> None:
    assert problems(lab(cluster(), machine("aks01-kubernetes"))) == [
        "Service 'a' of type LoadBalancer needs the load balancer 'aks01-kubernetes' of cluster "
        "'aks01', and the lab has another host of that name"
    ]


def test_the_name_is_free_where_nobody_needs_it() -> None:
    made = lab(cluster(), machine("aks01-kubernetes"))
    assert problems(made, ClusterManifests(cluster="aks01")) == []


def test_the_load_balancer_of_the_clusters_egress_is_no_other() -> None:
    balanced = ClusterEgress(outbound_type=OutboundType.LOAD_BALANCER)
    assert problems(lab(replace(cluster(), egress=balanced))) == []
