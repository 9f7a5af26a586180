from dataclasses import replace

from lab.checks.outcome import Attempt, Outcome, Verdict
from lab.checks.report import as_json, details, headline, summary
from lab.checks.verdict import Finding
from lab.topology.model import Expectation, Test
from lab.topology.problems import Location

TEST = Test(
    name="remote pods meet through the route table",
    source="pod/nginx-0",
    destination="pod/nginx-1",
    expect=Expectation(values={}),
    location=Location("lab.yaml", 31),
)
TTL = Finding(name="ping.ttl", holds=False, expected="ttl 62", seen="ttl 61, 61, 61")
LOSS = Finding(name="ping.loss", holds=True, expected="0 % loss", seen="3 sent, 3 received")
PACKETS = Finding(name="packets[0]", holds=False, expected="no packet", seen="1 packet\nline")

PASSED = Outcome(
    test=TEST,
    verdict=Verdict.PASSED,
    attempts=(Attempt(number=1, started=0, findings=(LOSS,)),),
    seconds=0.4,
)
FAILED = Outcome(
    test=TEST,
    verdict=Verdict.FAILED,
    attempts=(
        Attempt(number=8, started=8.25, trouble="pod-1 does not exist"),
        Attempt(number=9, started=9.31, findings=(LOSS, TTL, PACKETS)),
    ),
    seconds=10.04,
)
BROKEN = Outcome(
    test=TEST,
    verdict=Verdict.BROKEN,
    attempts=(Attempt(number=1, started=0, trouble="no such target"),),
    seconds=0.0,
)


def test_a_test_that_passed_is_one_line() -> None:
    assert headline(PASSED) == "pass   remote pods meet through the route table"
    assert list(details(PASSED)) == []


def test_a_failure_shows_where_expected_seen_and_the_attempts_before() -> None:
    assert (
        "\n".join([headline(FAILED), *details(FAILED)])
        == """\
FAIL   remote pods meet through the route table
       lab.yaml:31
       from pod/nginx-0 to pod/nginx-1, 9 attempts in 10.0 s
       ping.ttl
         expected  ttl 62
         seen      ttl 61, 61, 61
       packets[0]
         expected  no packet
         seen      1 packet
                   line
       attempts before that:
           8.2 s  could not be asked: pod-1 does not exist"""
    )


def test_long_lines_go_on_below_what_they_belong_to() -> None:
    seen = "unreachable: Failed to connect to 10.244.1.2 port 80 after 3 ms: no way there"
    finding = Finding(name="http.result", holds=False, expected="answered", seen=seen)
    attempt = Attempt(number=1, started=0, findings=(finding,))
    lines = list(details(replace(FAILED, attempts=(attempt,))))
    assert max(map(len, lines)) <= 80
    assert lines[-2:] == [
        "         seen      unreachable: Failed to connect to 10.244.1.2 port 80 after 3",
        "                   ms: no way there",
    ]


def test_a_test_that_could_not_be_asked_says_why() -> None:
    assert "       could not be asked: no such target" in list(details(BROKEN))


def test_the_closing_line_counts_every_verdict_that_occurs() -> None:
    assert summary([PASSED, PASSED], seconds=1.26) == "2 passed in 1.3 s"
    assert summary([PASSED, FAILED, BROKEN], seconds=12) == "1 passed, 1 failed, 1 broken in 12.0 s"


def test_json_has_stable_keys() -> None:
    assert as_json(FAILED) == {
        "name": "remote pods meet through the route table",
        "verdict": "failed",
        "from": "pod/nginx-0",
        "to": "pod/nginx-1",
        "file": "lab.yaml",
        "line": 31,
        "attempts": 9,
        "seconds": 10.04,
        "trouble": "",
        "findings": [
            {"name": f.name, "holds": f.holds, "expected": f.expected, "seen": f.seen}
            for f in (LOSS, TTL, PACKETS)
        ],
    }
