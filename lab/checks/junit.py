"""Outcomes as JUnit XML, which build servers read."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from lab.checks.outcome import Outcome, Verdict
from lab.checks.report import details

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) has no way to write; a reply's body may hold it."""


def junit_xml(outcomes: Sequence[Outcome], *, lab: str, seconds: float) -> bytes:
    """One suite named after the lab, one case per test."""
    suite = ElementTree.Element(
        "testsuite",
        name=_clean(lab),
        tests=str(len(outcomes)),
        failures=str(_count(outcomes, Verdict.FAILED)),
        errors=str(_count(outcomes, Verdict.BROKEN)),
        skipped="0",
        time=f"{seconds:.3f}",
    )
    for outcome in outcomes:
        _case(suite, outcome, lab=lab)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _case(suite: ElementTree.Element, outcome: Outcome, *, lab: str) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=_clean(lab),
        name=_clean(outcome.test.name),
        file=_clean(outcome.test.location.file),
        line=str(outcome.test.location.line),
        time=f"{outcome.seconds:.3f}",
    )
    if outcome.verdict is Verdict.PASSED:
        return
    tag = "failure" if outcome.verdict is Verdict.FAILED else "error"
    element = ElementTree.SubElement(case, tag, message=_clean(_message(outcome)))
    element.text = _clean("\n".join(details(outcome)))


def _message(outcome: Outcome) -> str:
    failed = [finding for finding in outcome.last.findings if not finding.holds]
    if not failed:
        return outcome.last.trouble
    return "; ".join(
        f"{finding.name}: expected {finding.expected}, seen {finding.seen.splitlines()[0]}"
        for finding in failed
    )


def _count(outcomes: Sequence[Outcome], verdict: Verdict) -> int:
    return sum(outcome.verdict is verdict for outcome in outcomes)


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
