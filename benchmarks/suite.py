"""Every benchmark, in the order of the table."""

from benchmarks import attach, large, shape, throughput, unchanged
from benchmarks.measurement import Benchmark

BENCHMARKS: tuple[Benchmark, ...] = (
    shape.BENCHMARK,
    attach.BENCHMARK,
    unchanged.BENCHMARK,
    throughput.BENCHMARK,
    large.BENCHMARK,
)
