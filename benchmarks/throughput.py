"""TCP between pods, beside a data path of the same hops made by hand with `ip`.

Both paths stand at the same time and take turns, so that whatever else the
machine does falls on both.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, partial

from benchmarks import labs, paths
from benchmarks.deployment import running
from benchmarks.measurement import Benchmark, Contender, Measured, Row, Sense, Sizes
from benchmarks.transfer import gigabits_per_second


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    with ExitStack() as stack:
        handmade = cache(lambda rules: stack.enter_context(paths.by_hand("cbr0", rules)))
        ours = cache(lambda: stack.enter_context(running(labs.kubenet(nodes=2, pods=4))))

        def by_hand(rules: str, path: str) -> Measured:
            ends = paths.ends_by_hand(handmade(rules), path)
            return {path: [gigabits_per_second(ends, seconds=sizes.transfer_seconds)]}

        def by_lab(path: str) -> Measured:
            ends = paths.ends_in_lab(ours(), path)
            return {path: [gigabits_per_second(ends, seconds=sizes.transfer_seconds)]}

        # Both sides of one path next to each other in time.
        yield tuple(
            Contender(name=name, measure=partial(measure, path))
            for path in paths.HANDMADE
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
        for path in paths.HANDMADE
        for against, bound in (("by hand", 0.95), ("by hand, with rules", None))
    )


BENCHMARK = Benchmark(
    name="throughput",
    about="TCP between pods with iperf3, beside a path of the same hops made by hand",
    contenders=_contenders,
    rows=_rows,
    repeats=lambda sizes: sizes.repeats * sizes.transfer_turns,
)
