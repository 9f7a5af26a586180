"""What is measured, against whom, and which ratio has to be reached."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum

Measured = Mapping[str, Sequence[float]]
"""Metric to the samples that one turn took of it."""


class NotMeasured(Exception):
    """A turn gave no figure; the last line of its message that is not indented says why."""


class Unavailable(NotMeasured):
    """A contender cannot run here; the message says why and what would help."""


class Sense(Enum):
    """Which side of the bound is the good one."""

    AT_MOST = "≤"
    AT_LEAST = "≥"


class Verdict(Enum):
    """What came of a row."""

    REACHED = "reached"
    MISSED = "missed"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One of the sides that take turns."""

    name: str
    measure: Callable[[], Measured]
    """One turn. Raises `Unavailable` when this machine cannot do it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table: a metric of ours beside another's, and the bound."""

    title: str
    metric: str
    unit: str
    bound: float | None
    """Of the ratio where there is another side, else of the value; None: just shown."""
    sense: Sense = Sense.AT_MOST
    against: str | None = None
    """Name of the other contender; None: the value stands by itself."""
    against_metric: str | None = None
    """None: the same metric."""
    ours: str = "vnetlab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How big and how long; `quick` ones only show that everything works."""

    shape_nodes: tuple[int, ...] = (100,)
    repeats: int = 5
    attach_pods: int = 100
    noop_nodes: int = 20
    noop_pods: int = 500
    transfer_seconds: int = 1
    transfer_turns: int = 5
    """Of each repeat: short turns next to each other tell more than a few long ones,
    as what disturbs a machine lasts for seconds."""
    model_turns: int = 2
    idle_nodes: int = 100
    idle_seconds: int = 30
    docker_nodes: int = 20
    large_nodes: int = 400
    large_pods: int = 800
    sampled_pairs: int = 200
    change_nodes: int = 20
    change_rules: int = 20
    """Of the security group that is changed, beside the one that changes."""
    changes: int = 60
    addition_nodes: int = 100
    additions: int = 30
    filter_rules: tuple[int, ...] = (200, 2000)
    routed_machines: int = 100
    routes: int = 400


QUICK = Sizes(
    shape_nodes=(6,),
    repeats=1,
    attach_pods=10,
    noop_nodes=3,
    noop_pods=12,
    transfer_turns=1,
    model_turns=1,
    idle_nodes=3,
    idle_seconds=2,
    docker_nodes=3,
    large_nodes=12,
    large_pods=24,
    sampled_pairs=10,
    change_nodes=3,
    changes=4,
    addition_nodes=4,
    additions=2,
    filter_rules=(4, 20),
    routed_machines=3,
    routes=10,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A comparison: who takes part, and what is said about it."""

    name: str
    about: str
    """One sentence for ``--list``: what is compared with what."""
    contenders: Callable[[Sizes], AbstractContextManager[Sequence[Contender]]]
    """Leaving the context ends whatever a contender kept running."""
    rows: Callable[[Sizes], tuple[Row, ...]]
    repeats: Callable[[Sizes], int] = lambda sizes: sizes.repeats


@dataclass(frozen=True, slots=True)
class Series:
    """Samples of one metric of one contender."""

    turns: tuple[tuple[float, ...], ...]

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(value for turn in self.turns for value in turn)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def ratio_to(self, other: "Series") -> float:
        """Median over the turns of one turn's median to the other's.

        Turns lie next to each other in time: what else the machine did then
        weighed on both sides, and cancels out.
        """
        return statistics.median(
            statistics.median(ours) / statistics.median(theirs)
            for ours, theirs in zip(self.turns, other.turns, strict=False)
        )

    def __str__(self) -> str:
        if len(self.values) == 1:
            return _figure(self.median)
        return f"{_figure(self.median)} ({_figure(min(self.values))}–{_figure(max(self.values))})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A row with its figures."""

    row: Row
    ours: Series | None
    against: Series | None
    reason: str = ""
    """Why something is missing."""

    @property
    def ratio(self) -> float | None:
        if self.ours is None or self.against is None:
            return None
        return self.ours.ratio_to(self.against)

    @property
    def verdict(self) -> Verdict:
        value = self.ratio
        if self.row.against is None and self.ours is not None:
            value = self.ours.median
        if value is None or self.row.bound is None:
            return Verdict.NOT_MEASURED
        within = value <= self.row.bound
        if self.row.sense is Sense.AT_LEAST:
            within = value >= self.row.bound
        return Verdict.REACHED if within else Verdict.MISSED


@dataclass(slots=True)
class Samples:
    """Everything one run has measured, and what it could not."""

    series: dict[tuple[str, str, str], list[tuple[float, ...]]] = field(default_factory=dict)
    """(benchmark, contender, metric) to turns in the order they were taken."""
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    """(benchmark, contender) to why it could not run."""
    noisy: int = 0
    """Turns taken while the machine was busy with other things."""

    def add(self, benchmark: str, contender: str, measured: Measured) -> None:
        for metric, values in measured.items():
            self.series.setdefault((benchmark, contender, metric), []).append(tuple(values))

    def of(self, benchmark: str, contender: str, metric: str) -> Series | None:
        turns = self.series.get((benchmark, contender, metric))
        return Series(tuple(turns)) if turns else None

    def outcome(self, benchmark: str, row: Row) -> Outcome:
        against = row.against and self.of(benchmark, row.against, row.against_metric or row.metric)
        reasons = [
            f"{name}: {_last_words(self.reasons[benchmark, name])}"
            for name in (row.ours, row.against)
            if name and (benchmark, name) in self.reasons
        ]
        return Outcome(
            row=row,
            ours=self.of(benchmark, row.ours, row.metric),
            against=against or None,
            reason="; ".join(reasons),
        )


def _last_words(message: str) -> str:
    """The first line that speaks of an error, or the last that is no detail of one before."""
    lines = [line for line in message.splitlines() if line[:1].strip()]
    return next((line for line in lines if "error" in line.lower()), lines[-1])


def _figure(value: float) -> str:
    """Three significant digits, whatever the magnitude."""
    if value == 0 or value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"
