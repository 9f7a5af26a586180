"""A second deploy of the same lab: nothing to do, and how long it takes to know that."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from benchmarks import labs
from benchmarks.deployment import Deployment, running
from benchmarks.measurement import Benchmark, Contender, Measured, Row, Sizes


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    with ExitStack() as stack:
        deployments: list[Deployment] = []

        def measure() -> Measured:
            if not deployments:
                lab = labs.kubenet(nodes=sizes.noop_nodes, pods=sizes.noop_pods)
                deployments.append(stack.enter_context(running(lab)))
            return {"deploy again": [deployments[0].deploy()]}

        yield (Contender(name="vnetlab", measure=measure),)


def _rows(sizes: Sizes) -> tuple[Row, ...]:
    return (
        Row(
            title=f"deploy unchanged, {sizes.noop_nodes} nodes, {sizes.noop_pods} pods",
            metric="deploy again",
            unit="s",
            bound=1.0,
        ),
    )


BENCHMARK = Benchmark(
    name="unchanged",
    about="a second deploy of the same lab, by itself",
    contenders=_contenders,
    rows=_rows,
)
