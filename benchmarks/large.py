"""As large as kubenet goes: 400 nodes, one user-defined route each."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks import labs
from benchmarks.answers import sampled_pods_are_answered
from benchmarks.deployment import prepared
from benchmarks.machine import memory_watched
from benchmarks.measurement import Benchmark, Contender, Measured, Row, Sense, Sizes

DEADLINE = 300.0


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    def measure() -> Measured:
        lab = labs.kubenet(nodes=sizes.large_nodes, pods=sizes.large_pods)
        with prepared(lab) as deployment, memory_watched() as memory:
            seconds = deployment.deploy()
            started = time.monotonic()
            answers = sampled_pods_are_answered(
                deployment.cloud_socket, pairs=sizes.sampled_pairs, deadline=DEADLINE
            )
            asking = time.monotonic() - started
            memory.look()
            return {
                "up": [seconds],
                "memory": [memory.peak_mib / 1024],
                "answered": [float(answers.pairs)],
                "asked again": [float(answers.again)],
                "asking": [asking],
                "destroy": [deployment.destroy()],
            }

    yield (Contender(name="vnetlab", measure=measure),)


def _rows(sizes: Sizes) -> tuple[Row, ...]:
    size = f"{sizes.large_nodes} nodes, {sizes.large_pods} pods"
    return (
        Row(title=f"up, {size}, a route per node", metric="up", unit="s", bound=90),
        Row(
            title="most memory of the machine in use for it", metric="memory", unit="GiB", bound=10
        ),
        Row(
            title="pairs on different nodes that answer",
            metric="answered",
            unit=f"of {sizes.sampled_pairs}",
            bound=sizes.sampled_pairs,
            sense=Sense.AT_LEAST,
        ),
        Row(
            title="pings of that without an answer",
            metric="asked again",
            unit=f"of {sizes.sampled_pairs}",
            bound=None,
        ),
        Row(title="destroy of that", metric="destroy", unit="s", bound=None),
    )


BENCHMARK = Benchmark(
    name="large",
    about="400 nodes and 800 pods, by itself",
    contenders=_contenders,
    rows=_rows,
    repeats=lambda _: 1,
)
