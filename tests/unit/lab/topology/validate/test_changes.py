"""What of a running cluster can't be changed in place."""

import pytest

from lab.topology.validate.changes import changes
from tests.unit.lab.topology.labs import cluster, parsed


def problems(before: str, now: str) -> list[str]:
    return [problem.message for problem in changes(parsed(before), parsed(now))]


@pytest.mark.claim("B19")
@pytest.mark.parametrize(
    ("before", "now", "message"),
    [
        (
            cluster(podCidr="10.244.0.0/16"),
            cluster(podCidr="10.245.0.0/16"),
            "cluster 'aks01' runs with podCidr 10.244.0.0/16, which can't become 10.245.0.0/16",
        ),
        (
            cluster(serviceCidr="172.16.1.0/24", dnsServiceIP="172.16.1.10"),
            cluster(serviceCidr="172.16.0.0/16", dnsServiceIP="172.16.1.10"),
            "cluster 'aks01' runs with serviceCidr 172.16.1.0/24, which can't become 172.16.0.0/16",
        ),
        (
            cluster("maxPods: 30", networkPlugin="azure"),
            cluster("maxPods: 50", networkPlugin="azure"),
            "node pool 'nodepool1' of cluster 'aks01' runs with maxPods 30, which can't become 50",
        ),
        (
            cluster("subnet: vnet01/vlan01"),
            cluster("subnet: vnet01/vlan02"),
            "node pool 'nodepool1' of cluster 'aks01' runs with subnet vnet01/vlan01, which can't "
            "become vnet01/vlan02",
        ),
    ],
)
def test_ranges_subnets_and_pods_per_node_are_settled(before: str, now: str, message: str) -> None:
    assert problems(before, now) == [f"{message} (PropertyChangeNotAllowed)"]


def test_another_plugin_is_another_cluster_and_nothing_else_is_told() -> None:
    (problem,) = changes(
        parsed(cluster(networkPlugin="kubenet")), parsed(cluster(networkPlugin="azure"))
    )

    assert "runs with networkPlugin kubenet, which can't become azure" in problem.message
    assert problem.remedy == "write kubenet again, or destroy the lab first"


@pytest.mark.parametrize(
    "now",
    [
        cluster("count: 5"),
        cluster().replace(
            "nodePools: [", "nodePools: [{name: b, count: 1, subnet: vnet01/vlan01}, "
        ),
        cluster(name="aks02", podCidr="10.200.0.0/16"),
        "virtualMachines: [{name: vm1, subnet: vnet01/vlan01}]",
    ],
)
def test_pools_and_clusters_may_come_go_and_grow(now: str) -> None:
    assert problems(cluster(), now) == []


@pytest.mark.parametrize(
    ("now", "accepted"),
    [("10.240.0.0/12", True), ("10.245.0.0/16", False), ("10.244.0.0/17", False)],
)
def test_the_range_of_an_overlay_may_grow_around_what_it_was(now: str, *, accepted: bool) -> None:
    overlay = {"networkPlugin": "azure", "networkPluginMode": "overlay"}
    before = cluster(podCidr="10.244.0.0/16", **overlay)

    assert (problems(before, cluster(podCidr=now, **overlay)) == []) is accepted


def test_every_change_is_told_where_it_stands() -> None:
    found = list(
        changes(
            parsed(cluster("maxPods: 30")), parsed(cluster("maxPods: 40", podCidr="10.9.0.0/16"))
        )
    )

    assert len(found) == 2
    assert all(problem.location.line for problem in found)
