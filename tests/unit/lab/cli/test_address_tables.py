from lab.cli.address_tables import address_tables
from lab.cli.filters import filtered
from lab.cli.rows import KINDS
from tests.unit.lab.cli.fake_service import INSPECTION


def test_many_pools_are_a_table_of_how_far_they_are_used() -> None:
    lines = list(address_tables(KINDS["ipam"].rows(INSPECTION), width=80))
    assert lines[0].split() == ["POOL", "PREFIX", "USED", "RESERVED", "FREE"]
    assert len(lines) == 1 + len(INSPECTION.pools)
    assert lines[1].split() == ["vnet01/vlan01", "10.0.0.0/22", "3", "5", "1016"]
    assert lines[-1].split() == ["internet", "-", "4", "0", "-"]


def test_a_single_pool_shows_who_has_what() -> None:
    rows = filtered("ipam", INSPECTION, {"subnet": "vnet01/vlan01"})
    lines = list(address_tables(rows, width=80))
    assert lines[2] == ""
    assert lines[3].split() == ["PREFIX", "ADDRESS", "OWNER", "STATE"]
    assert lines[4].split() == ["10.0.0.0/22", "10.0.0.1", "gateway", "reserved"]
