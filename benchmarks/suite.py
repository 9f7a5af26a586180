"""Every benchmark, in the order of the table."""

from benchmarks import (
    attach,
    changes,
    docker_nodes,
    footprint,
    large,
    models,
    routes,
    rules,
    shape,
    throughput,
    unchanged,
)
from benchmarks.measurement import Benchmark

BENCHMARKS: tuple[Benchmark, ...] = (
    shape.BENCHMARK,
    attach.BENCHMARK,
    unchanged.BENCHMARK,
    changes.BENCHMARK,
    routes.BENCHMARK,
    throughput.BENCHMARK,
    rules.BENCHMARK,
    models.BENCHMARK,
    footprint.BENCHMARK,
    docker_nodes.BENCHMARK,
    large.BENCHMARK,
)
