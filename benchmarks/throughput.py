"""TCP between pods, beside a data path of the same hops made by hand with `ip`.

Both paths stand at the same time and take turns, so that whatever else the
machine does falls on both.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path

from benchmarks import labs
from benchmarks.deployment import running
from benchmarks.enclosure import Enclosure, standing
from benchmarks.measurement import Benchmark, Contender, Measured, Row, Sense, Sizes
from benchmarks.transfer import gigabits_per_second

SCRIPT = Path(__file__).parent / "drivers" / "handmade_path.sh"
HANDMADE = {"other node": ("pod2a", "10.244.2.2"), "same node": ("pod1b", "10.244.1.3")}
"""Path to the namespace and address of its server; pod1a is the client."""
DEADLINE = 60.0


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    with ExitStack() as stack:

        @cache
        def handmade(rules: str) -> Enclosure:
            return stack.enter_context(standing(["sh", str(SCRIPT), rules], deadline=DEADLINE))

        ours = cache(lambda: stack.enter_context(running(labs.kubenet(nodes=2, pods=4))))

        def by_hand(rules: str, path: str) -> Measured:
            place = handmade(rules)
            server, address = HANDMADE[path]
            speed = gigabits_per_second(
                server=place.inside(server),
                client=place.inside("pod1a"),
                address=address,
                seconds=sizes.transfer_seconds,
                environment=os.environ,
            )
            return {path: [speed]}

        def by_lab(path: str) -> Measured:
            deployment = ours()
            client, *others = json.loads(deployment.inspect("pods"))
            same = path == "same node"
            server = next(pod for pod in others if (pod["node"] == client["node"]) == same)
            speed = gigabits_per_second(
                server=deployment.inside(f"pod/{server['name']}"),
                client=deployment.inside(f"pod/{client['name']}"),
                address=server["address"],
                seconds=sizes.transfer_seconds,
                environment=deployment.environment,
            )
            return {path: [speed]}

        # Both sides of one path next to each other in time.
        yield tuple(
            Contender(name=name, measure=partial(measure, path))
            for path in HANDMADE
            for name, measure in (
                ("vnetlab", by_lab),
                ("by hand", partial(by_hand, "")),
                ("by hand, with rules", partial(by_hand, "rules")),
            )
        )


def _rows(_: Sizes) -> tuple[Row, ...]:
    return tuple(
        Row(
            title=f"pod to pod, {path}, TCP",
            metric=path,
            unit="Gbit/s",
            bound=bound,
            sense=Sense.AT_LEAST,
            against=against,
        )
        for path in HANDMADE
        for against, bound in (("by hand", 0.95), ("by hand, with rules", None))
    )


BENCHMARK = Benchmark(
    name="throughput",
    about="TCP between pods with iperf3, beside a path of the same hops made by hand",
    contenders=_contenders,
    rows=_rows,
)
