"""Pools of addresses for people: how far each is used, and of a single one who has what."""

from collections.abc import Iterator, Sequence

from lab.cli.rows import KINDS, Row
from lab.cli.tables import table

COLUMNS = ("prefix", "address", "owner", "state")


def address_tables(rows: Sequence[Row], *, width: int | None) -> Iterator[str]:
    """Lines: a table of the pools; below it, if there is but one, the addresses in it."""
    yield from table(rows, KINDS["ipam"].columns, width=width)
    if len(rows) != 1:
        return
    allocations = rows[0]["allocations"]
    if isinstance(allocations, list) and allocations:
        yield ""
        yield from table(allocations, COLUMNS, width=width)
