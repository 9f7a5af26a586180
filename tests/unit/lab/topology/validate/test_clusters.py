"""Clusters and node pools that cannot be (semantics 4.1)."""

import pytest

from tests.unit.lab.topology.labs import CLOUD, cluster, messages

WIDE = "10.244.0.0/14"


def pools(*written: str) -> str:
    listed = ", ".join(written)
    return (
        f"clusters: [{{name: aks01, serviceCidr: 172.16.1.0/24, podCidr: {WIDE}, "
        f"nodePools: [{listed}]}}]\n"
    )


@pytest.mark.claim("A23", "L1")
@pytest.mark.parametrize(("count", "accepted"), [(400, True), (401, False)])
def test_node_401_is_refused(count: int, *, accepted: bool) -> None:
    """A route table has room for 400 routes, and kubenet needs one for each node."""
    assert (messages(cluster(f"count: {count}", podCidr=WIDE)) == []) is accepted


@pytest.mark.claim("A23", "L1")
def test_nodes_of_all_pools_count_together() -> None:
    (message,) = messages(
        pools(
            "{name: one, count: 200, subnet: vnet01/vlan01}",
            "{name: two, count: 201, subnet: vnet01/vlan01}",
        )
    )

    assert message.startswith("cluster 'aks01' has 401 nodes; 400 is the limit")


@pytest.mark.claim("A28")
@pytest.mark.parametrize(("system", "accepted"), [("Linux", True), ("Windows", False)])
def test_windows_pools_are_refused(system: str, *, accepted: bool) -> None:
    assert (messages(cluster(f"osType: {system}")) == []) is accepted


def test_a_pool_may_be_empty_but_not_all_of_them() -> None:
    empty = "{name: one, count: 0, subnet: vnet01/vlan01}"

    assert messages(pools(empty)) == ["cluster 'aks01' has no node"]
    assert messages(pools(empty, "{name: two, count: 1, subnet: vnet01/vlan01}")) == []


@pytest.mark.parametrize(
    ("order", "accepted"),
    [
        ("[0, 1]", True),
        ("[1, 0]", True),
        ("[1]", False),
        ("[0, 0]", False),
        ("[0, 2]", False),
        ("[0, 1, 2]", False),
        ("[]", False),
    ],
)
def test_the_registration_order_names_each_instance_once(order: str, *, accepted: bool) -> None:
    assert (messages(cluster(f"registrationOrder: {order}")) == []) is accepted


def test_a_subnet_that_does_not_exist_is_told_with_what_is_missing() -> None:
    assert messages(cluster("subnet: vnet01/vlan1")) == [
        "node pool 'nodepool1' refers to 'vnet01/vlan1', but virtual network 'vnet01' has no "
        "subnet 'vlan1'"
    ]


def test_a_virtual_network_that_does_not_exist_is_told_as_such() -> None:
    assert messages(cluster("subnet: hub/nodes")) == [
        "node pool 'nodepool1' refers to 'hub/nodes', but no virtual network is called 'hub'"
    ]


def test_a_cluster_has_one_virtual_network() -> None:
    cloud = CLOUD + (
        "    - name: vnet02\n"
        "      addressPrefixes: [10.1.0.0/16]\n"
        "      subnets: [{name: vlan01, addressPrefix: 10.1.0.0/24}]\n"
    )
    body = pools(
        "{name: one, count: 1, subnet: vnet01/vlan01}",
        "{name: two, count: 1, subnet: vnet02/vlan01}",
    )

    (message,) = messages(body, cloud=cloud)

    assert message.startswith("node pool 'two' is in virtual network 'vnet02'")


def test_pools_may_be_in_several_subnets_of_it() -> None:
    body = pools(
        "{name: one, count: 1, subnet: vnet01/vlan01}",
        "{name: two, count: 1, subnet: vnet01/vlan02}",
    )

    assert messages(body) == []


def clusters(*written: tuple[str, str]) -> str:
    return "clusters:\n" + "".join(
        f"  - {{name: {name}, serviceCidr: 172.16.1.0/24, "
        f"nodePools: [{{name: pool, count: 1, subnet: {subnet}}}]}}\n"
        for name, subnet in written
    )


def test_each_kubenet_cluster_has_its_own_subnet() -> None:
    assert messages(clusters(("a", "vnet01/vlan01"), ("b", "vnet01/vlan02"))) == []
    assert messages(clusters(("a", "vnet01/vlan01"), ("b", "vnet01/vlan01"))) == [
        "clusters 'a' and 'b' share subnet 'vnet01/vlan01'; with kubenet each needs its own"
    ]


def test_each_kubenet_cluster_has_its_own_route_table() -> None:
    cloud = (
        CLOUD.replace("/22}", "/22, routeTable: table1}").replace(
            "/24}", "/24, routeTable: table1}"
        )
        + "  routeTables: [{name: table1}]\n"
    )

    assert messages(clusters(("a", "vnet01/vlan01"), ("b", "vnet01/vlan02")), cloud=cloud) == [
        "clusters 'a' and 'b' share route table 'table1'; with kubenet each needs its own"
    ]


def test_a_scale_set_belongs_to_one_pool() -> None:
    pool = "count: 1, subnet: vnet01/vlan01, scaleSet: aks-one-1-vmss"

    (message,) = messages(pools(f"{{name: one, {pool}}}", f"{{name: two, {pool}}}"))

    assert "have the same scale set 'aks-one-1-vmss'" in message


def test_clusters_with_azure_cni_may_share_a_subnet() -> None:
    """They write into no route table."""
    one = "{{name: {0}, networkPlugin: azure, serviceCidr: 172.16.1.0/24, nodePools: [{{name: {0}, "
    two = "".join(
        "- " + one.format(name) + "count: 1, subnet: vnet01/vlan01}]}\n" for name in ("a", "b")
    )

    assert messages("clusters:\n" + two) == []


def test_the_limit_of_route_tables_is_none_for_azure_cni() -> None:
    wide = """
    cloud:
      virtualNetworks:
        - name: vnet01
          addressPrefixes: [10.0.0.0/8]
          subnets: [{name: vlan01, addressPrefix: 10.0.0.0/16}]
    """

    assert messages(cluster("count: 401", networkPlugin="azure"), cloud=wide) == []
