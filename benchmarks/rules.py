"""TCP to servers behind security groups of many rules, beside one behind none.

All stand in one lab at the same time and take turns. A flow's first packet meets
every rule, and the last one lets it in; half of the rules are at each of the two gates.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, partial

from benchmarks import network_labs
from benchmarks.deployment import Deployment, running
from benchmarks.measurement import Benchmark, Contender, Measured, Row, Sense, Sizes
from benchmarks.transfer import Ends, gigabits_per_second

BOUNDS = (0.85, 0.8)
"""Of the speed without rules, for each of the sizes."""


@contextmanager
def _contenders(sizes: Sizes) -> Iterator[Sequence[Contender]]:
    with ExitStack() as stack:

        @cache
        def deployed() -> tuple[Deployment, dict[str, str]]:
            deployment = stack.enter_context(
                running(network_labs.filtered(rules=(0, *sizes.filter_rules)))
            )
            rows = json.loads(deployment.inspect("nodes"))
            return deployment, {row["name"]: row["address"] for row in rows}

        def measure(rules: int) -> Measured:
            deployment, addresses = deployed()
            server = f"server-{rules}"
            ends = Ends(
                client=deployment.inside("vm/client"),
                server=deployment.inside(f"vm/{server}"),
                address=addresses[server],
                environment=deployment.environment,
            )
            return {"speed": [gigabits_per_second(ends, seconds=sizes.transfer_seconds)]}

        yield tuple(
            Contender(name=_name(rules), measure=partial(measure, rules))
            for rules in (0, *sizes.filter_rules)
        )


def _name(rules: int) -> str:
    return f"{rules} rules" if rules else "no rules"


def _rows(sizes: Sizes) -> tuple[Row, ...]:
    return tuple(
        Row(
            title=f"machine to machine behind {rules} security rules, TCP",
            metric="speed",
            unit="Gbit/s",
            bound=bound,
            sense=Sense.AT_LEAST,
            against=_name(0),
            ours=_name(rules),
        )
        for rules, bound in zip(sizes.filter_rules, BOUNDS, strict=True)
    )


BENCHMARK = Benchmark(
    name="rules",
    about="TCP with iperf3 through security groups of many rules, beside none",
    contenders=_contenders,
    rows=_rows,
    repeats=lambda sizes: sizes.repeats * sizes.transfer_turns,
)
