"""Effective routes as the cloud shows them: one table for each subnet."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from lab.cli.rows import KINDS, Row
from lab.cli.tables import table


def route_tables(rows: Sequence[Row], *, width: int | None) -> Iterator[str]:
    """Lines: the subnet and its route table, then its routes; an empty line between subnets."""
    for number, (subnet, group) in enumerate(groupby(rows, subnet_of)):
        if number:
            yield ""
        routes = list(group)
        associated = sorted({str(row["route_table"]) for row in routes if row["route_table"]})
        yield f"{subnet} (route table: {', '.join(associated) or 'none'})"
        yield from table(routes, KINDS["routes"].columns, width=width)
    if not rows:
        yield "(none)"


def subnet_of(row: Row) -> str:
    """``VNET/SUBNET`` that a route belongs to."""
    return f"{row['virtual_network']}/{row['subnet']}"
