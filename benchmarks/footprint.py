"""What a lab costs that nobody uses: memory and processor time of its processes."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks import labs
from benchmarks.deployment import running
from benchmarks.machine import settle
from benchmarks.measurement import Benchmark, Contender, Measured, NotMeasured, Row, Sizes
from benchmarks.processes import LabProcess, processes_of

PODS_PER_NODE = 2
ROLES = ("agent", "workloads", "cloud")
"""What the names of processes begin with."""


def _role(process: LabProcess) -> str:
    return next((role for role in ROLES if process.name.startswith(role)), "")


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    def measure() -> Measured:
        nodes = sizes.idle_nodes
        with running(labs.kubenet(nodes=nodes, pods=nodes * PODS_PER_NODE)) as deployment:
            settle()
            everybody = [p for p in processes_of(deployment.cloud_socket) if _role(p)]
            agents = [process for process in everybody if _role(process) == "agent"]
            if len(agents) < nodes:
                raise NotMeasured(f"found {len(agents)} agents of {nodes} nodes")
            sizes_of = {
                f"{role} memory": [p.proportional_set_size for p in everybody if _role(p) == role]
                for role in ROLES
            }
            before, started = _processor_seconds(everybody), time.monotonic()
            time.sleep(sizes.idle_seconds)
            after, elapsed = _processor_seconds(everybody), time.monotonic() - started
            used = {
                f"{role} processor": [
                    100 * (after[p.pid] - before[p.pid]) / elapsed
                    for p in everybody
                    if _role(p) == role
                ]
                for role in ROLES
            }
            return {**sizes_of, **used}

    yield (Contender(name="vnetlab", measure=measure),)


def _processor_seconds(everybody: Sequence[LabProcess]) -> dict[int, float]:
    return {process.pid: process.processor_seconds for process in everybody}


def _rows(sizes: Sizes) -> tuple[Row, ...]:
    lab = f"one of {sizes.idle_nodes}"
    return (
        Row(title=f"idle agent, {lab}, memory (PSS)", metric="agent memory", unit="MiB", bound=15),
        Row(
            title=f"idle agent, {lab}, processor time",
            metric="agent processor",
            unit="% of a core",
            bound=0.2,
        ),
        Row(
            title="beside it: workloads process of the host (PSS)",
            metric="workloads memory",
            unit="MiB",
            bound=None,
        ),
        Row(title="cloud process of the lab (PSS)", metric="cloud memory", unit="MiB", bound=None),
    )


BENCHMARK = Benchmark(
    name="footprint",
    about="memory and processor time of a lab that nobody uses, by itself",
    contenders=_contenders,
    rows=_rows,
    repeats=lambda _: 1,
)
