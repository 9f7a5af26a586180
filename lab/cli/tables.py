"""Columns for people, objects for programs.

Columns fit the width of a terminal: long names lose their middle, as their ends
tell them apart. Where the output is no terminal nothing is cut, so that what
greps finds whole names.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

import click

GAP = "  "
SHORTEST = 12
"""Characters that a cut cell keeps."""

ELASTIC = (
    frozenset({"node", "host", "owner", "state_directory"}),
    frozenset({"name", "rule", "probe"}),
    frozenset({"subnet", "pool"}),
    frozenset({"source", "destination"}),
)
"""Columns whose cells may lose their middle, those first that lose least by it."""

COLOURS = {
    "Ready": "green",
    "Running": "green",
    "Up": "green",
    "running": "green",
    "pass": "green",
    "ok": "green",
    "NotReady": "red",
    "Failed": "red",
    "Down": "red",
    "Closed": "red",
    "FAIL": "red",
    "BROKEN": "red",
    "missing": "red",
    "absent": "yellow",
    "Pending": "yellow",
    "Unknown": "yellow",
    "remains": "yellow",
}
"""Words of the last column, or at the beginning of a line, that deserve one."""

Row = Mapping[str, object]


def show_rows(rows: Sequence[Row], columns: Sequence[str], *, output_format: str) -> None:
    """Print rows: JSON with all of their keys, or a table of `columns`."""
    if output_format == "json":
        show_json(list(rows))
        return
    show_lines(table(rows, columns, width=terminal_width()))


def show_lines(lines: Iterable[str]) -> None:
    """Print lines."""
    for line in lines:
        click.echo(line)


def show_json(value: object) -> None:
    """Print any value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def terminal_width() -> int | None:
    """Columns that the reader has; None when nobody reads it on a terminal."""
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return shutil.get_terminal_size().columns
    return None


def table(rows: Sequence[Row], columns: Sequence[str], *, width: int | None) -> Iterator[str]:
    """Lines of a table: the keys of `columns` in capitals, then their values.

    Columns that no row has a value for are left out.
    """
    kept = [column for column in columns if any(_text(row.get(column)) for row in rows)]
    cells = [[column.upper().replace("_", " ") for column in kept]]
    cells += [[_text(row.get(column)) or "-" for column in kept] for row in rows]
    if not rows or not kept:
        yield "(none)"
        return
    widths = fitting(dict(zip(kept, zip(*cells, strict=True), strict=True)), width)
    for number, row in enumerate(cells):
        padded = [shortened(cell, room).ljust(room) for cell, room in zip(row, widths, strict=True)]
        line = GAP.join(padded).rstrip()
        yield line if number == 0 else coloured_end(line)


def fitting(columns: Mapping[str, Sequence[str]], width: int | None) -> list[int]:
    """Widths of columns, given with their cells, that together fit `width`.

    Names are cut as far as they can be told apart, then further if need be;
    addresses and states never.
    """
    fitted = {name: max(map(len, cells)) for name, cells in columns.items()}
    if width is None:
        return list(fitted.values())
    excess = sum(fitted.values()) + len(GAP) * (len(fitted) - 1) - width
    for least in (_telling, lambda _: SHORTEST):
        for elastic in ELASTIC:
            floors = {name: least(columns[name]) for name in fitted if name in elastic}
            while excess > 0:
                yielding = [name for name, floor in floors.items() if fitted[name] > floor]
                if not yielding:
                    break
                fitted[max(yielding, key=lambda name: fitted[name])] -= 1
                excess -= 1
    return list(fitted.values())


def _telling(cells: Sequence[str]) -> int:
    """The least width at which different cells still look different."""
    different = set(cells)
    for width in range(SHORTEST, max(map(len, different))):
        if len({shortened(cell, width) for cell in different}) == len(different):
            return width
    return max(map(len, different))


def shortened(text: str, width: int) -> str:
    """`text` without its middle if it is longer than `width`; its end keeps most room."""
    if len(text) <= width:
        return text
    end = (width - 1) * 2 // 3
    return f"{text[: width - 1 - end]}…{text[len(text) - end :]}"


def coloured_end(line: str) -> str:
    """`line` with its last word coloured, if that is a word of `COLOURS`."""
    start, space, last = line.rpartition(" ")
    colour = COLOURS.get(last)
    return f"{start}{space}{click.style(last, fg=colour)}" if colour else line


def coloured_start(line: str) -> str:
    """`line` with its first word coloured, if that is a word of `COLOURS`."""
    label = line.lstrip().partition(" ")[0]
    colour = COLOURS.get(label)
    return line.replace(label, click.style(label, fg=colour), 1) if colour else line


def _text(value: object) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(str(item) for item in value)
        case _:
            return str(value)
