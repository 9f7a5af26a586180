"""Which nodes registered, in which order, with which ranges."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.compile.clusters import nodes_of, pod_cidrs, registered_nodes, routed_cluster
from lab.compile.ledger import Ledger, NodeRegistration
from lab.topology.cluster import Cluster
from lab.topology.problems import LabFileError
from tests.unit.lab.compile.labs import NODE0, NODE1, NODE2, cluster, pool, subnet


def ranges(made: Cluster, previous: Ledger) -> dict[str, IPv4Network]:
    return pod_cidrs(made, registered_nodes(made, previous), previous)


def cidrs(made: Cluster, previous: Ledger | None = None) -> dict[str, str]:
    return {node: str(cidr) for node, cidr in ranges(made, previous or Ledger()).items()}


def ledger(**registered: str) -> Ledger:
    names = {"n0": NODE0, "n1": NODE1, "n2": NODE2}
    return Ledger(
        nodes=tuple(
            NodeRegistration(cluster="aks01", node=names[key], pod_cidr=IPv4Network(text))
            for key, text in registered.items()
        )
    )


def test_ranges_follow_the_order_of_registration() -> None:
    """Claim A15."""
    made = cluster(pool(registration_order=(1, 0)))
    assert list(cidrs(made).items()) == [(NODE1, "10.244.0.0/24"), (NODE0, "10.244.1.0/24")]


def test_nodes_that_the_order_leaves_out_register_last() -> None:
    made = cluster(pool(3, registration_order=(2,)))
    assert list(cidrs(made)) == [NODE2, NODE0, NODE1]


def test_instances_that_are_not_there_are_passed_over() -> None:
    """registrationOrder stays as it is when the pool is scaled down."""
    assert list(cidrs(cluster(pool(1, registration_order=(1, 0))))) == [NODE0]


def test_pools_register_one_after_the_other() -> None:
    second = pool(1, name="second", scale_set="aks-second-1-vmss")
    made = cluster(pool(registration_order=(1, 0)), second)
    assert list(cidrs(made)) == [NODE1, NODE0, "aks-second-1-vmss000000"]


def test_who_is_registered_stays_so_whatever_the_order_says_now() -> None:
    before = ledger(n0="10.244.0.0/24", n1="10.244.1.0/24")
    made = cluster(pool(3, registration_order=(2, 1, 0)))
    assert cidrs(made, before) == {
        NODE0: "10.244.0.0/24",
        NODE1: "10.244.1.0/24",
        NODE2: "10.244.2.0/24",
    }


def test_a_node_that_left_gives_its_range_back() -> None:
    before = ledger(n0="10.244.1.0/24", n1="10.244.0.0/24")
    assert cidrs(cluster(pool(1)), before) == {NODE0: "10.244.1.0/24"}


def test_too_small_a_pod_cidr_is_reported() -> None:
    made = cluster(pool(3), pod_cidr=IPv4Network("10.244.0.0/23"))
    with pytest.raises(LabFileError, match="holds a /24 for 2 nodes, and cluster aks01 has 3"):
        ranges(made, Ledger())


def test_a_cluster_wants_a_route_per_node_in_its_subnets() -> None:
    """Claims A21, A22."""
    made = cluster(pool(registration_order=(1, 0)))
    addresses = {NODE0: IPv4Address("10.0.0.4"), NODE1: IPv4Address("10.0.0.5")}
    found = routed_cluster(made, ranges(made, Ledger()), addresses)
    assert found.subnets == (subnet("vnet01/vlan01"),)
    assert [
        (each.name, str(each.address_prefix), str(each.next_hop_ip_address))
        for each in found.routes
    ] == [(NODE1, "10.244.0.0/24", "10.0.0.5"), (NODE0, "10.244.1.0/24", "10.0.0.4")]


def test_the_managed_table_has_the_digits_of_the_scale_sets() -> None:
    assert routed_cluster(cluster(pool(0)), {}, {}).managed_table == (
        "aks-agentpool-52243381-routetable"
    )
    other = cluster(pool(0, scale_set="workers"))
    assert routed_cluster(other, {}, {}).managed_table == "aks01-routetable"


def test_a_pool_without_nodes_steers_no_subnet() -> None:
    empty = pool(0, at="vnet01/vlan02")
    made = cluster(pool(1), replace(empty, name="empty"))
    assert routed_cluster(made, {}, {}).subnets == (subnet("vnet01/vlan01"),)


def test_nodes_carry_the_labels_that_selectors_use() -> None:
    (node,) = nodes_of(cluster(pool(1, max_pods=30)))
    assert node.max_pods == 30
    assert node.labels["kubernetes.io/hostname"] == NODE0
    assert node.labels["agentpool"] == "nodepool1"
    assert node.labels["kubernetes.io/os"] == "linux"
