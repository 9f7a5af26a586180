"""One more pod on a node, beside the CNI plugins started for it as a runtime does."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.enclosure import enclosed
from benchmarks.measurement import Benchmark, Contender, Measured, Row, Sizes, Unavailable

CNI_DRIVER = Path(__file__).parent / "drivers" / "cni_chain.py"
SYSTEM_PYTHON = "/usr/bin/python3"
DEADLINE = 120.0


def _plugins(pods: int) -> Measured:
    if not Path("/usr/lib/cni/bridge").exists():
        raise Unavailable("no CNI plugins; apt-get install containernetworking-plugins")
    measured = json.loads(enclosed([SYSTEM_PYTHON, str(CNI_DRIVER), str(pods)], deadline=DEADLINE))
    return {"attach": measured["attach"], "detach": measured["detach"]}


def _agent(pods: int) -> Measured:
    argv = [sys.executable, "-m", "benchmarks.drivers.agent_rounds", str(pods)]
    measured: Measured = json.loads(enclosed(argv, deadline=DEADLINE))
    return measured


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    yield (
        Contender(name="vnetlab", measure=lambda: _agent(sizes.attach_pods)),
        Contender(name="CNI plugins", measure=lambda: _plugins(sizes.attach_pods)),
    )


def _rows(_: Sizes) -> tuple[Row, ...]:
    other = "CNI plugins"
    return (
        Row(
            title="attach one pod, of many in a round",
            metric="attach",
            unit="ms",
            bound=0.33,
            against=other,
        ),
        Row(
            title="attach one more pod, a round for itself",
            metric="attach alone",
            unit="ms",
            bound=None,
            against=other,
            against_metric="attach",
        ),
        Row(title="detach one pod", metric="detach", unit="ms", bound=None, against=other),
    )


BENCHMARK = Benchmark(
    name="attach",
    about="one more pod on a node, beside the bridge, host-local and portmap plugins",
    contenders=_contenders,
    rows=_rows,
)
