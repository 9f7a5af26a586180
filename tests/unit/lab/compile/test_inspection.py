"""What is shown of a compiled lab."""

from ipaddress import IPv4Address

import pytest

from lab.compile import Compilation
from lab.contract.node_state import NodeKind
from tests.unit.lab.compile.labs import (
    NODE0,
    NODE1,
    compiled,
    deployment,
    documented,
    subnet,
)


def pool_rows(found: Compilation, pool: str) -> list[tuple[str, str, str, str]]:
    return [
        (str(row.prefix), str(row.address), row.owner, row.state.value)
        for row in found.allocations()
        if row.pool == pool
    ]


def test_a_node_is_shown_with_all_its_addresses() -> None:
    row = compiled(documented()).hosts[0]
    assert (row.name, row.kind, row.cluster) == (NODE0, NodeKind.CLUSTER_NODE, "aks01")
    assert row.subnet == subnet("vnet01/vlan01")
    assert (str(row.address), str(row.pod_cidr)) == ("10.0.0.4", "10.244.1.0/24")
    assert row.public_address == IPv4Address("198.51.100.4")
    assert row.underlay_address == IPv4Address("198.18.0.10")


def test_machines_and_internet_hosts_have_no_cluster_and_no_pods() -> None:
    machine, internet = compiled(documented()).hosts[2:]
    assert (machine.cluster, machine.pod_cidr) == ("", None)
    assert (internet.subnet, internet.public_address) == (None, IPv4Address("203.0.113.10"))


def test_pods_are_shown_with_owner_and_ordinal() -> None:
    rows = [row for row in compiled(documented(), deployment()).pods if row.owner == "nginx"]
    assert [(row.namespace, row.ordinal, row.node, row.host_network) for row in rows] == [
        ("default", 0, NODE0, False),
        ("default", 1, NODE1, False),
        ("default", 2, NODE0, False),
    ]


@pytest.mark.claim("A21")
def test_the_routes_of_the_cluster_read_as_in_the_capture() -> None:
    """Index-aligned: 10.244.0.0/24 by way of 10.0.0.5, 10.244.1.0/24 by way of 10.0.0.4."""
    routes = [
        route
        for route in compiled(documented()).effective_routes[subnet("vnet01/vlan01")]
        if route.route_table
    ]
    assert [str(route.address_prefix) for route in routes] == ["10.244.0.0/24", "10.244.1.0/24"]
    assert [str(route.next_hop_ip_address) for route in routes] == ["10.0.0.5", "10.0.0.4"]
    assert [route.name for route in routes] == [NODE1, NODE0]


def test_a_subnet_shows_what_is_reserved_and_what_is_used() -> None:
    assert pool_rows(compiled(documented()), "vnet01/vlan01") == [
        ("10.0.0.0/22", "10.0.0.0", "network", "reserved"),
        ("10.0.0.0/22", "10.0.0.1", "gateway", "reserved"),
        ("10.0.0.0/22", "10.0.0.2", "Azure DNS", "reserved"),
        ("10.0.0.0/22", "10.0.0.3", "Azure DNS", "reserved"),
        ("10.0.0.0/22", "10.0.0.4", NODE0, "used"),
        ("10.0.0.0/22", "10.0.0.5", NODE1, "used"),
        ("10.0.0.0/22", "10.0.3.255", "broadcast", "reserved"),
    ]


def test_a_cluster_shows_the_range_of_each_node_oldest_first() -> None:
    assert pool_rows(compiled(documented()), "aks01") == [
        ("10.244.0.0/24", "None", NODE1, "used"),
        ("10.244.1.0/24", "None", NODE0, "used"),
    ]


def test_a_nodes_range_shows_the_bridge_and_the_pods() -> None:
    found = compiled(documented(), deployment())
    names = {str(row.address): f"{row.namespace}/{row.name}" for row in found.pods}
    assert pool_rows(found, f"aks01/{NODE0}") == [
        ("10.244.1.0/24", "10.244.1.1", "cbr0", "reserved"),
        ("10.244.1.0/24", "10.244.1.2", names["10.244.1.2"], "used"),
        ("10.244.1.0/24", "10.244.1.3", names["10.244.1.3"], "used"),
    ]


def test_public_addresses_are_shown_with_their_hosts() -> None:
    assert pool_rows(compiled(documented()), "internet") == [
        ("None", "198.51.100.4", NODE0, "used"),
        ("None", "198.51.100.5", NODE1, "used"),
        ("None", "198.51.100.6", "vm1", "used"),
        ("None", "203.0.113.10", "internet", "used"),
    ]
