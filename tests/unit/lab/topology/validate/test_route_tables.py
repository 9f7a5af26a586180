"""User-defined routes that cannot be (semantics 2.2, 2.8)."""

import pytest

from tests.unit.lab.topology.labs import cluster, messages, networks

SUBNET = "{name: vlan01, addressPrefix: 10.0.0.0/22, routeTable: table1}"


def table(*routes: str, subnet: str = SUBNET) -> str:
    cloud = networks("10.0.0.0/16", subnets=subnet)
    return f"{cloud}  routeTables: [{{name: table1, routes: [{', '.join(routes)}]}}]\n"


def route(
    name: str = "r", prefix: str = "10.9.0.0/16", hop: str = "None", address: str = ""
) -> str:
    own = f", nextHopIpAddress: {address}" if address else ""
    return f"{{name: {name}, addressPrefix: {prefix}, nextHopType: {hop}{own}}}"


@pytest.mark.parametrize(
    ("hop", "address", "accepted"),
    [
        ("VirtualAppliance", "10.0.0.9", True),
        ("VirtualAppliance", "", False),
        ("VnetLocal", "", True),
        ("Internet", "", True),
        ("None", "", True),
        ("None", "10.0.0.9", False),
        ("Internet", "10.0.0.9", False),
        ("VnetLocal", "10.0.0.9", False),
    ],
)
def test_an_appliance_has_an_address_and_nothing_else_has_one(
    hop: str, address: str, *, accepted: bool
) -> None:
    assert (messages(cloud=table(route(hop=hop, address=address))) == []) is accepted


def test_a_table_has_one_route_for_a_prefix() -> None:
    (message,) = messages(cloud=table(route("a"), route("b")))

    assert message == "routes 'a' and 'b' of route table 'table1' have the same prefix 10.9.0.0/16"


def many(count: int) -> list[str]:
    return [route(f"r{each}", f"10.{1 + each // 256}.{each % 256}.0/24") for each in range(count)]


@pytest.mark.parametrize(("count", "accepted"), [(400, True), (401, False)])
def test_a_table_holds_400_routes(count: int, *, accepted: bool) -> None:
    assert (messages(cloud=table(*many(count))) == []) is accepted


@pytest.mark.claim("A23")
@pytest.mark.parametrize(("nodes", "accepted"), [(2, True), (3, False)])
def test_routes_of_a_cluster_count_in_the_table_of_its_subnet(
    nodes: int, *, accepted: bool
) -> None:
    found = messages(cluster(f"count: {nodes}"), cloud=table(*many(398)))

    assert (found == []) is accepted
    assert accepted or "398 of its own and 3 of cluster nodes" in found[0]


def test_routes_of_a_cluster_do_not_count_in_other_tables() -> None:
    elsewhere = f"{SUBNET}, {{name: vlan02, addressPrefix: 10.0.8.0/24}}"

    assert (
        messages(
            cluster("count: 3, subnet: vnet01/vlan02"), cloud=table(*many(398), subnet=elsewhere)
        )
        == []
    )


@pytest.mark.claim("L4")
@pytest.mark.parametrize(
    ("table", "accepted"),
    [
        ("aks-agentpool-52243381-routetable", False),
        ("AKS-agentpool-52243381-RouteTable", False),
        ("mine", True),
    ],
)
def test_the_table_that_a_cluster_manages_is_not_for_editing(table: str, *, accepted: bool) -> None:
    cloud = f"""
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets: [{{name: vlan01, addressPrefix: 10.0.0.0/22, routeTable: {table}}}]
  routeTables:
    - name: {table}
      routes: [{{name: out, addressPrefix: 0.0.0.0/0, nextHopType: None}}]
"""
    body = cluster("scaleSet: aks-nodepool1-52243381-vmss")

    assert (messages(body, cloud=cloud) == []) is accepted
