"""Services for people, as kubectl shows them: of many endpoints those that there is room for."""

from collections.abc import Iterator, Sequence

from lab.cli.rows import KINDS, Row
from lab.cli.tables import table

SHOWN = 3
"""Endpoints of a Service that a table names at most."""


def service_tables(rows: Sequence[Row], *, width: int | None) -> Iterator[str]:
    """Lines of a table of Services: as many endpoints as fit `width`, or their number."""
    lines: list[str] = []
    for shown in range(SHOWN, -1, -1):
        lines = _lines(rows, shown, None)
        if width is None or max(map(len, lines)) <= width:
            yield from lines
            return
    yield from _lines(rows, 0, width)


def _lines(rows: Sequence[Row], shown: int, width: int | None) -> list[str]:
    short = [{**row, "endpoints": _few(row["endpoints"], shown)} for row in rows]
    return list(table(short, KINDS["services"].columns, width=width))


def _few(endpoints: object, shown: int) -> str:
    assert isinstance(endpoints, Sequence)
    if not endpoints:
        return "<none>"
    if shown == 0:
        return str(len(endpoints))
    more = len(endpoints) - shown
    first = ",".join(endpoints[:shown])
    return f"{first} + {more} more..." if more > 0 else first
