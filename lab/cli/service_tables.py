"""Services for people, as kubectl shows them, and their endpoints as far as there is room."""

from collections.abc import Iterator, Sequence

from lab.cli.rows import KINDS, Row
from lab.cli.tables import table

SHOWN = 3
"""Endpoints of a Service that a table names at most."""


def service_tables(rows: Sequence[Row], *, width: int | None) -> Iterator[str]:
    """Lines of a table of Services: as many endpoints as fit `width`, or their number.

    Where not even that fits beside addresses of the cloud, endpoints are left to JSON.
    """
    columns = KINDS["services"].columns
    lines: list[str] = []
    for shown in range(SHOWN, -1, -1):
        lines = _lines(rows, shown, columns, None)
        if width is None or max(map(len, lines)) <= width:
            yield from lines
            return
    if any(row.get("external_ip") for row in rows):
        columns = tuple(column for column in columns if column != "endpoints")
    yield from _lines(rows, 0, columns, width)


def _lines(rows: Sequence[Row], shown: int, columns: Sequence[str], width: int | None) -> list[str]:
    external = any(row.get("external_ip") for row in rows)
    short = [
        {
            **row,
            "endpoints": _few(row["endpoints"], shown),
            "external_ip": (row["external_ip"] or "<none>") if external else None,
        }
        for row in rows
    ]
    return list(table(short, columns, width=width))


def _few(endpoints: object, shown: int) -> str:
    assert isinstance(endpoints, Sequence)
    if not endpoints:
        return "<none>"
    if shown == 0:
        return str(len(endpoints))
    more = len(endpoints) - shown
    first = ",".join(endpoints[:shown])
    return f"{first} + {more} more..." if more > 0 else first
