"""What a packet costs with each network model, beside the same path made by hand.

Every model's lab and every path by hand stand at the same time. In a turn each model
is measured right beside its own path by hand, so that whatever else the machine does
falls on both.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, partial

from benchmarks import labs, paths
from benchmarks.deployment import Deployment, running
from benchmarks.enclosure import Enclosure
from benchmarks.measurement import Benchmark, Contender, Measured, Row, Sense, Sizes
from benchmarks.transfer import Ends, gigabits_per_second, round_trips

BY_HAND = {"kubenet": "cbr0", "bridge": "bridge", "tunnel": "tunnel"}
"""Model to what its path by hand is made of; every other one routes to each pod."""

BY_HAND_ROUTED = "routed"

FIGURES = {
    "TCP": ("Gbit/s", Sense.AT_LEAST, 0.95),
    "round trips": ("1/s", Sense.AT_LEAST, 0.95),
    "median round trip": ("µs", Sense.AT_MOST, None),
}
"""What is measured to its unit, its better side, and the ratio to reach."""


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    with ExitStack() as stack:

        @cache
        def handmade(kind: str) -> Enclosure:
            return stack.enter_context(paths.by_hand(kind, "rules"))

        @cache
        def deployed(model: str) -> Deployment:
            lab = labs.generated(f"bench-{model}", labs.MODELS[model], nodes=2, pods=4)
            return stack.enter_context(running(lab))

        def by_hand(model: str, path: str) -> Measured:
            place = handmade(BY_HAND.get(model, BY_HAND_ROUTED))
            return _measured(paths.ends_by_hand(place, path), model, path, sizes)

        def by_lab(model: str, path: str) -> Measured:
            return _measured(paths.ends_in_lab(deployed(model), path), model, path, sizes)

        yield tuple(
            Contender(name=name, measure=partial(measure, model, path))
            for path in paths.HANDMADE
            for model in labs.MODELS
            for name, measure in (("vnetlab", by_lab), ("by hand", by_hand))
        )


def _measured(ends: Ends, model: str, path: str, sizes: Sizes) -> Measured:
    speed = gigabits_per_second(ends, seconds=sizes.transfer_seconds)
    trips = round_trips(ends, seconds=sizes.transfer_seconds)
    values = (speed, trips.per_second, trips.microseconds)
    return {
        _metric(model, path, figure): [value] for figure, value in zip(FIGURES, values, strict=True)
    }


def _metric(model: str, path: str, figure: str) -> str:
    return f"{figure}, {path}, {model}"


def _rows(_: Sizes) -> tuple[Row, ...]:
    return tuple(
        Row(
            title=_metric(model, path, figure),
            metric=_metric(model, path, figure),
            unit=unit,
            bound=bound,
            sense=sense,
            against="by hand",
        )
        for path in paths.HANDMADE
        for figure, (unit, sense, bound) in FIGURES.items()
        for model in labs.MODELS
    )


BENCHMARK = Benchmark(
    name="models",
    about="TCP and round trips between pods of each network model, beside the path by hand",
    contenders=_contenders,
    rows=_rows,
    repeats=lambda sizes: sizes.repeats * sizes.model_turns,
)
