"""Route tables as long as they may be, at a hundred network interfaces: compiled, and applied."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from benchmarks import network_labs
from benchmarks.applying import apply
from benchmarks.deployment import running
from benchmarks.measurement import Benchmark, Contender, Measured, Row, Sizes
from lab.control.compiling import compile_sources
from lab.topology.sources import LabSources


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    machines = sizes.routed_machines
    without, table = (network_labs.routed(machines=machines, routes=n) for n in (0, sizes.routes))

    def measure() -> Measured:
        # A process that has compiled a lab remembers most of what it is asked for again.
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as fresh:
            compiled = fresh.submit(_compiled, table.sources()).result()
        with running(without) as deployment:
            done = apply(deployment, table)
        return {"compile": [compiled], "apply": [done.settled - done.asked]}

    yield (Contender(name="vnetlab", measure=measure),)


def _compiled(sources: LabSources) -> float:
    """Seconds that it takes."""
    started = time.monotonic()
    compile_sources(sources, None)
    return time.monotonic() - started


def _rows(sizes: Sizes) -> tuple[Row, ...]:
    size = f"{sizes.routed_machines} interfaces with {sizes.routes} routes each"
    return (
        Row(title=f"{size}, compiled", metric="compile", unit="s", bound=1),
        Row(
            title="the same, since asked for, until every host matches",
            metric="apply",
            unit="s",
            bound=2,
        ),
    )


BENCHMARK = Benchmark(
    name="routes",
    about="long route tables at many network interfaces, compiled and applied",
    contenders=_contenders,
    rows=_rows,
    repeats=lambda sizes: min(sizes.repeats, 3),
)
