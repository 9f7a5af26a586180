"""``python -m benchmarks``: measure, print the table, write the samples."""

import argparse
import dataclasses
import datetime
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.measurement import QUICK, Benchmark, NotMeasured, Outcome, Samples, Sizes
from benchmarks.report import document, table
from benchmarks.suite import BENCHMARKS


def main() -> None:
    # What was deployed is destroyed on the way out, also of a run that somebody ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    options = _options()
    chosen = [bench for bench in BENCHMARKS if not options.only or bench.name in options.only]
    if options.list:
        for bench in BENCHMARKS:
            print(f"{bench.name:<12} {bench.about}")
        return
    sizes = QUICK if options.quick else Sizes()
    if options.sizes:
        sizes = dataclasses.replace(sizes, shape_nodes=options.sizes)
    if options.repeats:
        sizes = dataclasses.replace(sizes, repeats=options.repeats)

    samples = Samples()
    facts = {**machine.facts(), "sizes": dataclasses.asdict(sizes), "quick": options.quick}
    for bench in chosen:
        run(bench, sizes, samples)
    outcomes = [
        # A bound is about the full size.
        samples.outcome(bench.name, dataclasses.replace(row, bound=None) if options.quick else row)
        for bench in chosen
        for row in bench.rows(sizes)
    ]
    facts["noisy"] = samples.noisy
    finish(options.output, facts, samples, outcomes)


def run(bench: Benchmark, sizes: Sizes, samples: Samples) -> None:
    """Every contender in turn, as often as the benchmark asks."""
    with bench.contenders(sizes) as contenders:
        for turn in range(bench.repeats(sizes)):
            for contender in contenders:
                if (bench.name, contender.name) in samples.reasons:
                    continue
                if not machine.settle():
                    samples.noisy += 1
                try:
                    measured = contender.measure()
                except NotMeasured as reason:
                    samples.reasons[bench.name, contender.name] = str(reason).strip()
                    note(f"{bench.name}: {contender.name}: {reason}")
                    continue
                samples.add(bench.name, contender.name, measured)
                shown = ", ".join(
                    f"{metric} {values[len(values) // 2]:.3g}"
                    for metric, values in measured.items()
                )
                note(f"{bench.name} {turn + 1}: {contender.name}: {shown}")


def finish(
    place: Path, facts: dict[str, object], samples: Samples, outcomes: Sequence[Outcome]
) -> None:
    """The table to stdout, everything to a file."""
    place.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document(facts=facts, samples=samples, outcomes=outcomes), indent=1)
    place.write_text(text + "\n", encoding="utf-8")
    print(table(outcomes))
    if facts["quick"]:
        print("\nQuick sizes show that everything works; the bounds are about the full ones.")
    if samples.noisy:
        print(f"\nThe machine was busy with other things at {samples.noisy} of the turns.")
    note(f"every sample is in {place}")


def note(text: str) -> None:
    """Progress, apart from the table."""
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=[bench.name for bench in BENCHMARKS],
        help="just this one; may be given again",
    )
    parser.add_argument("--quick", action="store_true", help="small, short, once")
    parser.add_argument(
        "--sizes",
        type=lambda text: tuple(int(word) for word in text.split(",")),
        help="nodes of the shape benchmark, for example 25,50,100",
    )
    parser.add_argument("--repeats", type=int, help="turns of each contender")
    parser.add_argument("--list", action="store_true", help="say what there is")
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("build") / "benchmarks" / f"{stamp}.json",
        help="where the samples go, %(default)s unless told",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
