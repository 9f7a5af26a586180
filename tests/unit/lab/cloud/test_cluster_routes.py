"""A cluster keeps one route per node, in the table of its subnet."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.cloud.cluster_routes import Associations, RoutedCluster, associations, node_route
from lab.topology.model import Cloud
from lab.topology.problems import Location
from lab.topology.route_table import NextHopType, Route, RouteTable
from lab.topology.virtual_network import Subnet, SubnetReference, VirtualNetwork

NODES = SubnetReference(virtual_network="vnet01", subnet="nodes")
MACHINES = SubnetReference(virtual_network="vnet01", subnet="machines")
PLACE = Location("lab.yaml", 7)


def cloud(*tables: RouteTable, nodes: str | None = None, machines: str | None = None) -> Cloud:
    network = VirtualNetwork(
        name="vnet01",
        address_prefixes=(IPv4Network("10.0.0.0/16"),),
        subnets=(
            Subnet(name="nodes", address_prefix=IPv4Network("10.0.0.0/24"), route_table=nodes),
            Subnet(
                name="machines", address_prefix=IPv4Network("10.0.1.0/24"), route_table=machines
            ),
        ),
    )
    return Cloud(provider="azure", virtual_networks=(network,), route_tables=tables)


def cluster(count: int, name: str = "aks01") -> RoutedCluster:
    return RoutedCluster(
        name=name,
        managed_table=f"{name}-routetable",
        subnets=(NODES,),
        routes=tuple(
            node_route(
                f"{name}-{number}",
                pod_cidr=IPv4Network((int(IPv4Address("10.0.0.0")) + 256 * (0xF400 + number), 24)),
                address=IPv4Address("10.0.0.4") + number,
            )
            for number in range(count)
        ),
    )


def written(name: str, prefix: str) -> Route:
    return Route(
        name=name,
        address_prefix=IPv4Network(prefix),
        next_hop_type=NextHopType.NONE,
        location=PLACE,
    )


def table_of(found: Associations, reference: SubnetReference) -> RouteTable | None:
    (association,) = [each for each in found.tables if reference in each.subnets]
    return association.table


def names(table: RouteTable | None) -> list[str]:
    return [route.name for route in table.routes] if table is not None else []


def test_a_node_route_leads_to_the_node_and_is_called_after_it() -> None:
    """Claim A21, semantics 3.3."""
    route = node_route("n0", pod_cidr=IPv4Network("10.244.0.0/24"), address=IPv4Address("10.0.0.5"))
    assert route == Route(
        name="n0",
        address_prefix=IPv4Network("10.244.0.0/24"),
        next_hop_type=NextHopType.VIRTUAL_APPLIANCE,
        next_hop_ip_address=IPv4Address("10.0.0.5"),
    )


def test_a_cluster_brings_a_table_to_its_own_subnet_only() -> None:
    """Semantics 4.1: a machine in another subnet does not reach pods."""
    found = associations(cloud(), [cluster(2)])
    nodes = table_of(found, NODES)
    assert nodes is not None
    assert nodes.name == "aks01-routetable"
    assert names(nodes) == ["aks01-0", "aks01-1"]
    assert table_of(found, MACHINES) is None
    assert found.warnings == ()


@pytest.mark.claim("A22")
@pytest.mark.parametrize("count", [0, 1, 2, 3, 400])
def test_each_node_adds_exactly_one_route(count: int) -> None:
    assert len(names(table_of(associations(cloud(), [cluster(count)]), NODES))) == count


@pytest.mark.claim("A27")
def test_the_users_table_is_kept_with_the_clusters_routes_behind_its_own() -> None:
    own = RouteTable(name="mine", routes=(written("onprem", "172.16.0.0/12"),))
    found = associations(cloud(own, nodes="mine"), [cluster(2)])
    table = table_of(found, NODES)
    assert table is not None
    assert table.name == "mine"
    assert names(table) == ["onprem", "aks01-0", "aks01-1"]


def test_a_table_that_two_subnets_share_steers_both() -> None:
    """Then machines in the other subnet reach pods as well."""
    own = RouteTable(name="mine", routes=())
    found = associations(cloud(own, nodes="mine", machines="mine"), [cluster(1)])
    assert table_of(found, MACHINES) is table_of(found, NODES)
    assert names(table_of(found, MACHINES)) == ["aks01-0"]


def test_a_table_of_a_subnet_without_nodes_gets_no_routes() -> None:
    own = RouteTable(name="mine", routes=(written("onprem", "172.16.0.0/12"),))
    found = associations(cloud(own, machines="mine"), [cluster(2)])
    assert names(table_of(found, MACHINES)) == ["onprem"]
    assert names(table_of(found, NODES)) == ["aks01-0", "aks01-1"]


def test_two_clusters_in_one_subnet_share_the_table_of_the_first() -> None:
    found = associations(cloud(), [cluster(1, "one"), cluster(1, "two")])
    assert names(table_of(found, NODES)) == ["one-0", "two-0"]


def test_a_prefix_that_the_user_routes_already_is_left_to_the_user_with_a_warning() -> None:
    own = RouteTable(name="mine", routes=(written("mine", "10.244.1.0/24"),))
    found = associations(cloud(own, nodes="mine"), [cluster(2)])
    assert names(table_of(found, NODES)) == ["mine", "aks01-0"]
    (warning,) = found.warnings
    assert warning.location == PLACE
    assert "route mine has the prefix 10.244.1.0/24 of node aks01-1" in warning.message


def test_a_route_with_the_name_of_a_node_is_replaced_with_a_warning() -> None:
    own = RouteTable(name="mine", routes=(written("aks01-0", "10.244.0.0/24"),))
    found = associations(cloud(own, nodes="mine"), [cluster(1)])
    table = table_of(found, NODES)
    assert table is not None
    assert [route.next_hop_type for route in table.routes] == [NextHopType.VIRTUAL_APPLIANCE]
    assert "has the name of a node" in found.warnings[0].message
