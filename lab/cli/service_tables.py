"""Services for people, as kubectl shows them: of many endpoints the first ones."""

from collections.abc import Iterable, Sequence

from lab.cli.rows import Row

SHOWN = 3
"""Endpoints of a Service that a table names."""


def service_tables(rows: Iterable[Row]) -> list[Row]:
    """The rows with few endpoints each."""
    return [{**row, "endpoints": _few(row["endpoints"])} for row in rows]


def _few(endpoints: object) -> str:
    assert isinstance(endpoints, Sequence)
    shown = ",".join(endpoints[:SHOWN])
    more = len(endpoints) - SHOWN
    return f"{shown} + {more} more..." if more > 0 else shown or "<none>"
