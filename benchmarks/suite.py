"""Every benchmark, in the order of the table."""

from benchmarks import (
    attach,
    docker_nodes,
    footprint,
    large,
    models,
    shape,
    throughput,
    unchanged,
)
from benchmarks.measurement import Benchmark

BENCHMARKS: tuple[Benchmark, ...] = (
    shape.BENCHMARK,
    attach.BENCHMARK,
    unchanged.BENCHMARK,
    throughput.BENCHMARK,
    models.BENCHMARK,
    footprint.BENCHMARK,
    docker_nodes.BENCHMARK,
    large.BENCHMARK,
)
