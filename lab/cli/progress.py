"""How far something is: a live display on a terminal, plain lines otherwise.

Both go to stderr, so that stdout holds results only. `Progress` is told counts;
it never computes any.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

Counts = Mapping[str, tuple[int, int]]
"""How many of how many, by what is counted: ``{"nodes ready": (1, 4)}``."""

PLAIN_STEPS = 4
"""Plain lines that a count gets at most while it grows to its total."""


class Progress(Protocol):
    """Somebody who wants to know how far it is."""

    def say(self, text: str) -> None:
        """Something began, or something is worth a line."""
        ...

    def count(self, counts: Counts) -> None:
        """How far each count is now."""
        ...


class Silence:
    """Nobody wants to know."""

    def say(self, text: str) -> None:
        """Nothing."""

    def count(self, counts: Counts) -> None:
        """Nothing."""


@dataclass
class PlainLines:
    """Lines for logs: each count at most `PLAIN_STEPS` times."""

    said: str = ""
    steps: dict[str, int] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """One line, never twice in a row."""
        if text != self.said:
            self.said = text
            click.echo(text, err=True)

    def count(self, counts: Counts) -> None:
        """One line if any count has come to its next step."""
        now = {name: done * PLAIN_STEPS // total for name, (done, total) in counts.items() if total}
        if now != self.steps:
            self.steps = now
            self.say(counted(counts))


@dataclass
class LiveDisplay:
    """One bar for each count, redrawn in place."""

    display: "RichProgress"
    bars: dict[str, "TaskID"] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """A line above the bars."""
        self.display.console.print(text, highlight=False, markup=False)

    def count(self, counts: Counts) -> None:
        """Draw each count as far as it is."""
        for name, (done, total) in counts.items():
            if name in self.bars:
                self.display.update(self.bars[name], completed=done, total=total)
            else:
                self.bars[name] = self.display.add_task(name, completed=done, total=total)


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Whoever wants to know, for as long as the block runs; a display leaves nothing behind."""
    if quiet:
        yield Silence()
    elif not sys.stderr.isatty():
        yield PlainLines()
    else:
        with _display() as display:
            yield LiveDisplay(display)


def counted(counts: Counts) -> str:
    """Counts in one line."""
    return ", ".join(f"{done}/{total} {name}" for name, (done, total) in counts.items())


@contextmanager
def _display() -> Iterator["RichProgress"]:
    # Loading rich takes longer than most verbs run.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description:<14}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        yield display
