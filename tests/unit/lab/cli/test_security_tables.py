"""Security rules as tables."""

from lab.cli.rows import KINDS
from lab.cli.security_tables import security_tables
from tests.unit.lab.cli.fake_service import INSPECTION

ROWS = KINDS["nsg"].rows(INSPECTION)


def test_a_place_and_direction_is_one_table() -> None:
    lines = list(security_tables(ROWS, width=80))

    assert lines[0] == "Inbound at subnet vnet01/vlan02 (machines)"
    assert "packets" not in lines[1].casefold()
    assert max(map(len, lines)) <= 80


def test_packets_are_shown_where_they_are_known() -> None:
    lines = list(security_tables([{**ROWS[0], "container": "node", "packets": 3}], width=80))

    assert lines[0].startswith("node: Inbound")
    assert lines[2].split()[-1] == "3"


def test_ports_stand_with_their_protocol() -> None:
    row = {**ROWS[0], "protocol": "Tcp", "destination_ports": "80,443"}

    assert "Tcp/80,443" in "\n".join(security_tables([row], width=None))


def test_no_rules_are_said() -> None:
    assert list(security_tables([], width=80)) == ["(none)"]
