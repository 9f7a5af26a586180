"""Outcomes for people: what was expected, what was seen, and the last attempts.

Plain lines without colour or width of their own; whoever prints them styles
the first word.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence

from lab.checks.outcome import Attempt, Outcome, Verdict
from lab.checks.verdict import Finding

LABELS = {Verdict.PASSED: "pass", Verdict.FAILED: "FAIL", Verdict.BROKEN: "BROKEN"}
WIDTH = 80
HANGING = re.compile(r"\s*(?:(?:expected|seen)\s+|[\d.]+ s\s+)?")
"""What stands before the text of a line."""

INDENT = 7
"""Columns before what belongs to a test: the width of the labels and a space."""


def headline(outcome: Outcome) -> str:
    """One line: the label, then the test's name."""
    return f"{LABELS[outcome.verdict]:<{INDENT}}{outcome.test.name}"


def details(outcome: Outcome) -> Iterator[str]:
    """Lines that explain a test that did not pass; none for one that did."""
    if outcome.verdict is Verdict.PASSED:
        return
    for line in _explanation(outcome):
        yield from _folded(f"{' ' * INDENT}{line}")


def _folded(line: str) -> Iterator[str]:
    """`line` in the columns there are; what goes on stands below what it belongs to."""
    hanging = HANGING.match(line)
    assert hanging is not None
    yield from textwrap.wrap(
        line,
        WIDTH,
        subsequent_indent=" " * hanging.end(),
        break_on_hyphens=False,
        break_long_words=False,
        drop_whitespace=True,
    )


def _explanation(outcome: Outcome) -> Iterator[str]:
    test = outcome.test
    yield str(test.location)
    to = f" to {test.destination}" if test.destination else ""
    yield f"from {test.source}{to}, {_attempts(outcome)}"
    last = outcome.last
    if last.trouble:
        yield f"could not be asked: {last.trouble}"
    for finding in last.findings:
        if not finding.holds:
            yield from _finding(finding)
    earlier = outcome.attempts[:-1]
    if earlier:
        yield "attempts before that:"
        for attempt in earlier:
            yield f"  {attempt.started:5.1f} s  {_summary(attempt)}"


def _attempts(outcome: Outcome) -> str:
    number = outcome.last.number
    return f"{number} attempt{'s' if number > 1 else ''} in {outcome.seconds:.1f} s"


def _finding(finding: Finding) -> Iterator[str]:
    yield f"{finding.name}"
    yield f"  expected  {finding.expected}"
    first, *rest = finding.seen.split("\n")
    yield f"  seen      {first}"
    for line in rest:
        yield f"            {line}"


def _summary(attempt: Attempt) -> str:
    if attempt.trouble:
        return f"could not be asked: {attempt.trouble}"
    failed = (f"{f.name}: {f.seen.partition(chr(10))[0]}" for f in attempt.findings if not f.holds)
    return "; ".join(failed)


def summary(outcomes: Sequence[Outcome], *, seconds: float) -> str:
    """The closing line."""
    counts = dict.fromkeys(Verdict, 0)
    for outcome in outcomes:
        counts[outcome.verdict] += 1
    parts = [f"{count} {verdict.value}" for verdict, count in counts.items() if count]
    return f"{', '.join(parts)} in {seconds:.1f} s"


def as_json(outcome: Outcome) -> dict[str, object]:
    """An outcome for programs; keys are part of the command line's contract."""
    test = outcome.test
    return {
        "name": test.name,
        "verdict": outcome.verdict.value,
        "from": test.source,
        "to": test.destination,
        "file": test.location.file,
        "line": test.location.line,
        "attempts": outcome.last.number,
        "seconds": round(outcome.seconds, 3),
        "trouble": outcome.last.trouble,
        "findings": [
            {
                "name": finding.name,
                "holds": finding.holds,
                "expected": finding.expected,
                "seen": finding.seen,
            }
            for finding in outcome.last.findings
        ],
    }
