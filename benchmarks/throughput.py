"""TCP between pods, beside a data path of the same hops made by hand with `ip`.

Both paths stand at the same time and take turns, so that whatever else the
machine does falls on both.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from benchmarks import labs
from benchmarks.deployment import running
from benchmarks.enclosure import standing
from benchmarks.measurement import Benchmark, Contender, Measured, Row, Sense, Sizes
from benchmarks.transfer import gigabits_per_second

SCRIPT = Path(__file__).parent / "drivers" / "handmade_path.sh"
DEADLINE = 60.0


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    with ExitStack() as stack:
        handmade = cache(
            lambda: stack.enter_context(standing(["sh", str(SCRIPT)], deadline=DEADLINE))
        )
        ours = cache(lambda: stack.enter_context(running(labs.kubenet(nodes=2, pods=4))))

        def by_hand() -> Measured:
            place = handmade()
            environment = dict(os.environ)
            return {
                metric: [
                    gigabits_per_second(
                        server=place.inside(server),
                        client=place.inside("pod1a"),
                        address=address,
                        seconds=sizes.transfer_seconds,
                        environment=environment,
                    )
                ]
                for metric, server, address in (
                    ("other node", "pod2a", "10.244.2.2"),
                    ("same node", "pod1b", "10.244.1.3"),
                )
            }

        def by_lab() -> Measured:
            deployment = ours()
            pods = json.loads(deployment.inspect("pods"))
            client, *others = pods
            servers = {
                "other node": next(pod for pod in others if pod["node"] != client["node"]),
                "same node": next(pod for pod in others if pod["node"] == client["node"]),
            }
            return {
                metric: [
                    gigabits_per_second(
                        server=deployment.inside(f"pod/{server['name']}"),
                        client=deployment.inside(f"pod/{client['name']}"),
                        address=server["address"],
                        seconds=sizes.transfer_seconds,
                        environment=deployment.environment,
                    )
                ]
                for metric, server in servers.items()
            }

        yield (
            Contender(name="vnetlab", measure=by_lab),
            Contender(name="by hand", measure=by_hand),
        )


def _rows(_: Sizes) -> tuple[Row, ...]:
    return tuple(
        Row(
            title=f"pod to pod, {path}, TCP",
            metric=path,
            unit="Gbit/s",
            bound=0.95,
            sense=Sense.AT_LEAST,
            against="by hand",
        )
        for path in ("other node", "same node")
    )


BENCHMARK = Benchmark(
    name="throughput",
    about="TCP between pods with iperf3, beside a path of the same hops made by hand",
    contenders=_contenders,
    rows=_rows,
)
