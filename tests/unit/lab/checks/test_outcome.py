from lab.checks.outcome import Attempt
from lab.checks.verdict import Finding


def finding(*, holds: bool) -> Finding:
    return Finding(name="ping.loss", holds=holds, expected="", seen="")


def test_an_attempt_holds_when_all_of_it_does() -> None:
    assert Attempt(number=1, started=0, findings=(finding(holds=True),)).holds
    both = (finding(holds=True), finding(holds=False))
    assert not Attempt(number=1, started=0, findings=both).holds


def test_an_attempt_that_could_not_be_made_never_holds() -> None:
    assert not Attempt(number=1, started=0, trouble="no such target").holds
