"""A whole network up and down: so many nodes of two pods, beside Mininet's bridges.

Ours counts as up when every pod has been answered by a pod of another node;
Mininet's when it says so.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import labs
from benchmarks.answers import every_pod_is_answered
from benchmarks.deployment import prepared
from benchmarks.enclosure import enclosed
from benchmarks.measurement import Benchmark, Contender, Measured, Row, Sizes, Unavailable

PODS_PER_NODE = 2
DRIVER = Path(__file__).parent / "drivers" / "mininet_bridges.py"
SYSTEM_PYTHON = "/usr/bin/python3"
"""Debian installs Mininet for this one only."""
DEADLINE = 300.0


def _vnetlab(nodes: int) -> Measured:
    with prepared(labs.kubenet(nodes=nodes, pods=nodes * PODS_PER_NODE)) as deployment:
        started = time.monotonic()
        converged = deployment.deploy()
        answers = every_pod_is_answered(deployment.cloud_socket, deadline=DEADLINE)
        answered = time.monotonic() - started
        return {
            f"converged {nodes}": [converged],
            f"deploy {nodes}": [answered],
            f"asked again {nodes}": [float(answers.again)],
            f"destroy {nodes}": [deployment.destroy()],
        }


def _mininet(nodes: int, *options: str) -> Measured:
    if not Path("/usr/bin/mn").exists():
        raise Unavailable("no Mininet; apt-get install mininet")
    argv = [SYSTEM_PYTHON, str(DRIVER), str(nodes), *options]
    seconds = json.loads(enclosed(argv, deadline=DEADLINE))
    return {f"deploy {nodes}": [seconds["build"]], f"destroy {nodes}": [seconds["destroy"]]}


def _merged(turns: Sequence[Measured]) -> Measured:
    return {metric: values for turn in turns for metric, values in turn.items()}


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    nodes = sizes.shape_nodes
    yield (
        Contender(name="vnetlab", measure=lambda: _merged([_vnetlab(n) for n in nodes])),
        Contender(name="mininet", measure=lambda: _merged([_mininet(n) for n in nodes])),
        Contender(
            name="mininet, joined",
            measure=lambda: _merged([_mininet(n, "joined") for n in nodes]),
        ),
    )


def _rows(sizes: Sizes) -> tuple[Row, ...]:
    rows = []
    for nodes in sizes.shape_nodes:
        size = f"{nodes} nodes, {nodes * PODS_PER_NODE} pods"
        up, down = f"deploy {nodes}", f"destroy {nodes}"
        rows += [
            Row(
                title=f"deploy {size}, every pod answered",
                metric=up,
                unit="s",
                bound=1.0,
                against="mininet",
            ),
            Row(title="the same", metric=up, unit="s", bound=None, against="mininet, joined"),
            Row(
                title="of that, until deploy returns",
                metric=f"converged {nodes}",
                unit="s",
                bound=None,
            ),
            Row(
                title="connections of that without an answer",
                metric=f"asked again {nodes}",
                unit=f"of {nodes * PODS_PER_NODE}",
                bound=None,
            ),
            Row(title="destroy of that", metric=down, unit="s", bound=0.2, against="mininet"),
            Row(title="the same", metric=down, unit="s", bound=None, against="mininet, joined"),
        ]
    return tuple(rows)


BENCHMARK = Benchmark(
    name="shape",
    about="a whole network up and down, beside Mininet with a Linux bridge and two hosts a node",
    contenders=_contenders,
    rows=_rows,
)
