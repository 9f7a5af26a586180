"""Members of load balancers' pools for people: a table for each load balancer."""

from collections.abc import Iterator, Sequence

from lab.cli.rows import KINDS, Row
from lab.cli.tables import table


def load_balancer_tables(rows: Sequence[Row], *, width: int | None) -> Iterator[str]:
    """Lines: the name of each load balancer, and who may get flows of its rules."""
    names = list(dict.fromkeys(str(row["load_balancer"]) for row in rows))
    if not names:
        yield "(none)"
    for number, name in enumerate(names):
        if number:
            yield ""
        yield f"load balancer {name}"
        own = [_short(row) for row in rows if row["load_balancer"] == name]
        yield from table(own, KINDS["loadbalancers"].columns, width=width)


def _short(row: Row) -> Row:
    return {**row, "frontend": f"{row['frontend']}:{row['frontend_port']}/{row['protocol']}"}
