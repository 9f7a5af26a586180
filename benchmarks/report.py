"""The table that a run prints, and the document that it writes."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.measurement import Outcome, Samples, Verdict

HEADINGS = ("what", "vnetlab", "compared with", "ratio", "to reach", "")


def table(outcomes: Sequence[Outcome]) -> str:
    """A Markdown table, aligned so that a terminal shows it well too."""
    rows = [HEADINGS, *(_cells(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cells(outcome: Outcome) -> tuple[str, ...]:
    row = outcome.row
    against = ""
    if row.against:
        against = f"{row.against} {outcome.against or '–'}"
    bound = ""
    if row.bound is not None:
        bound = f"{row.sense.value} {row.bound:g}" + (" ×" if row.against else f" {row.unit}")
    verdict = "" if row.bound is None else outcome.verdict.value
    if outcome.verdict is Verdict.NOT_MEASURED and outcome.reason:
        verdict = f"not measured: {outcome.reason}"
    return (
        f"{row.title}, {row.unit}",
        str(outcome.ours or "–"),
        against,
        "" if outcome.ratio is None else f"{outcome.ratio:.2f}",
        bound,
        verdict,
    )


def document(
    *, facts: Mapping[str, Any], samples: Samples, outcomes: Sequence[Outcome]
) -> dict[str, Any]:
    """Everything a run saw, as JSON values."""
    return {
        **facts,
        "table": table(outcomes),
        "rows": [
            {
                "what": outcome.row.title,
                "unit": outcome.row.unit,
                "vnetlab": outcome.ours and outcome.ours.median,
                "against": outcome.row.against,
                "other": outcome.against and outcome.against.median,
                "ratio": outcome.ratio,
                "bound": outcome.row.bound,
                "sense": outcome.row.sense.value,
                "verdict": outcome.verdict.value,
                "reason": outcome.reason,
            }
            for outcome in outcomes
        ],
        "samples": [
            {"benchmark": benchmark, "contender": contender, "metric": metric, "turns": turns}
            for (benchmark, contender, metric), turns in samples.series.items()
        ],
        "unavailable": [
            {"benchmark": benchmark, "contender": contender, "reason": reason}
            for (benchmark, contender), reason in samples.reasons.items()
        ],
    }
