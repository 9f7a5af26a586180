"""What a lab costs that nobody uses: memory and processor time of its processes."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from benchmarks import labs
from benchmarks.deployment import running
from benchmarks.machine import settle
from benchmarks.measurement import Benchmark, Contender, Measured, NotMeasured, Row, Sizes
from benchmarks.processes import LabProcess, processes_of
from lab.runtime.native.crew_size import LARGEST_WITHOUT_SHARING, crew_size

PODS_PER_NODE = 2
ROLES = ("agent", "workloads", "cloud")
"""What the names of processes begin with."""
UNSHARED_NODES = LARGEST_WITHOUT_SHARING - 1
"""With the host of the Internet the largest lab in which every host has its own processes."""


def _role(process: LabProcess) -> str:
    return next((role for role in ROLES if process.name.startswith(role)), "")


def _of(nodes: int, *, seconds: int) -> Measured:
    """What each role costs a host, whoever it shares its processes with."""
    with running(labs.kubenet(nodes=nodes, pods=nodes * PODS_PER_NODE)) as deployment:
        settle()
        everybody = [p for p in processes_of(deployment.cloud_socket) if _role(p)]
        hosts = nodes + 1
        if (
            len(everybody)
            < 2 * hosts / crew_size(hosts, processors=len(os.sched_getaffinity(0))) + 1
        ):
            raise NotMeasured(f"found {len(everybody)} processes for {hosts} hosts")
        memory = _summed({p: p.proportional_set_size for p in everybody})
        before, started = {p: p.processor_seconds for p in everybody}, time.monotonic()
        time.sleep(seconds)
        used = _summed({p: p.processor_seconds - before[p] for p in everybody})
        elapsed = time.monotonic() - started
    share = {"agent": hosts, "workloads": hosts, "cloud": 1}
    return {
        **{f"{role} memory {nodes}": [memory[role] / share[role]] for role in ROLES},
        **{
            f"{role} processor {nodes}": [100 * used[role] / elapsed / share[role]]
            for role in ROLES
        },
    }


def _summed(values: Mapping[LabProcess, float]) -> dict[str, float]:
    sums = dict.fromkeys(ROLES, 0.0)
    for process, value in values.items():
        sums[_role(process)] += value
    return sums


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    def measure() -> Measured:
        return {
            metric: values
            for nodes in (UNSHARED_NODES, sizes.idle_nodes)
            for metric, values in _of(nodes, seconds=sizes.idle_seconds).items()
        }

    yield (Contender(name="vnetlab", measure=measure),)


def _rows(sizes: Sizes) -> tuple[Row, ...]:
    rows = []
    labs_of = {
        UNSHARED_NODES: "a process of its own",
        sizes.idle_nodes: f"one of {sizes.idle_nodes + 1} in shared processes",
    }
    for nodes, lab in labs_of.items():
        rows += [
            Row(
                title=f"idle agent, {lab}, memory (PSS)",
                metric=f"agent memory {nodes}",
                unit="MiB",
                bound=15,
            ),
            Row(
                title="the same, processor time",
                metric=f"agent processor {nodes}",
                unit="% of a core",
                bound=0.2,
            ),
            Row(
                title="beside it: what runs the host's workloads (PSS)",
                metric=f"workloads memory {nodes}",
                unit="MiB",
                bound=None,
            ),
            Row(
                title="cloud process of that lab (PSS)",
                metric=f"cloud memory {nodes}",
                unit="MiB",
                bound=None,
            ),
        ]
    return tuple(rows)


BENCHMARK = Benchmark(
    name="footprint",
    about="memory and processor time of a lab that nobody uses, by itself",
    contenders=_contenders,
    rows=_rows,
    repeats=lambda _: 1,
)
