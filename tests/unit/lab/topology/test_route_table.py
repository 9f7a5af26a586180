from dataclasses import replace

from lab.topology.problems import Location
from lab.topology.route_table import RouteTable
from tests.unit.lab.topology.labs import CLOUD, parsed

TABLE = """\
  routeTables:
    - name: table
      routes: [{name: nowhere, addressPrefix: 192.0.2.0/24, nextHopType: None}]
"""


def test_a_route_that_moves_in_its_file_is_the_same_route() -> None:
    """What is compiled before lines move is not compiled again."""
    (table,) = parsed(cloud=CLOUD + TABLE).cloud.route_tables
    (route,) = table.routes
    moved = replace(table, routes=(replace(route, location=Location("other", 7)),))

    assert moved == table
    assert RouteTable(name=table.name, routes=()) != table
