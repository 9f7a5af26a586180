"""Security rules for people: one table for each place and direction."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from lab.cli.rows import Row
from lab.cli.tables import table

COLUMNS = ("prio", "name", "access", "what", "source", "destination")
COUNTED = (*COLUMNS, "packets")


def security_tables(rows: Sequence[Row], *, width: int | None) -> Iterator[str]:
    """Lines: the place with its group and direction, then its rules; an empty line between."""
    for number, (heading, group) in enumerate(groupby(rows, _heading)):
        if number:
            yield ""
        yield heading
        rules = [_short(row) for row in group]
        counted = any(rule["packets"] is not None for rule in rules)
        yield from table(rules, COUNTED if counted else COLUMNS, width=width)
    if not rows:
        yield "(none)"


def _heading(row: Row) -> str:
    of = f"{row['container']}: " if row["container"] else ""
    group = f" ({row['network_security_group']})" if row["network_security_group"] else ""
    return f"{of}{row['direction']} at {row['place']}{group}"


def _short(row: Row) -> Row:
    """Protocol and ports in one; ports of the source are in the JSON only."""
    ports = row["destination_ports"]
    protocol = row["protocol"]
    return {
        "prio": row["priority"],
        "name": row["name"],
        "access": row["access"],
        "what": protocol if ports == "*" else f"{protocol}/{ports}",
        "source": row["source"],
        "destination": row["destination"],
        "packets": row["packets"],
    }
