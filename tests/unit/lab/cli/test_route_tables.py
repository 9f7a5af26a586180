from lab.cli.route_tables import route_tables
from lab.cli.rows import KINDS
from tests.unit.lab.cli.fake_service import INSPECTION


def test_one_table_for_each_subnet_headed_by_its_route_table() -> None:
    lines = list(route_tables(KINDS["routes"].rows(INSPECTION), width=80))
    assert lines[0] == "vnet01/vlan01 (route table: aks-agentpool-routetable)"
    assert lines[1].split("  ")[0] == "SOURCE"
    assert lines[4] == ""
    assert lines[5] == "vnet01/vlan02 (route table: none)"


def test_no_routes_are_said_to_be_none() -> None:
    assert list(route_tables([], width=80)) == ["(none)"]
