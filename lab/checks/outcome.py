"""What became of a test: its attempts and where that leaves it."""

from dataclasses import dataclass
from enum import Enum

from lab.checks.verdict import Finding
from lab.topology.model import Test


class Verdict(Enum):
    """The end of a test."""

    PASSED = "passed"
    FAILED = "failed"
    """What was seen is not what was expected."""
    BROKEN = "broken"
    """It could not be asked: no such target, no such interface, no tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The whole expectation, asked once."""

    number: int
    """From 1."""
    started: float
    """Seconds since the test began."""
    findings: tuple[Finding, ...] = ()
    trouble: str = ""
    """Why nothing could be asked; empty: it could."""

    @property
    def holds(self) -> bool:
        """Whether everything came true."""
        return not self.trouble and all(finding.holds for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A test that has ended."""

    test: Test
    verdict: Verdict
    attempts: tuple[Attempt, ...]
    """The last ones, oldest first; `number` of the last says how many there were."""
    seconds: float

    @property
    def last(self) -> Attempt:
        """The attempt that decided."""
        return self.attempts[-1]
