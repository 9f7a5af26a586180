from dataclasses import replace
from xml.etree import ElementTree

from lab.checks.junit import junit_xml
from lab.checks.outcome import Attempt
from lab.checks.verdict import Finding
from tests.unit.lab.checks.test_report import BROKEN, FAILED, PASSED


def suite_of(document: bytes) -> ElementTree.Element:
    suite = ElementTree.fromstring(document).find("testsuite")
    assert suite is not None
    return suite


def test_one_suite_with_the_counts_that_build_servers_show() -> None:
    suite = suite_of(junit_xml([PASSED, FAILED, BROKEN], lab="aks", seconds=10.5))
    counts = {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "time")}
    assert counts == {
        "name": "aks",
        "tests": "3",
        "failures": "1",
        "errors": "1",
        "time": "10.500",
    }


def test_each_test_is_a_case_with_its_place_in_the_file() -> None:
    case = suite_of(junit_xml([PASSED], lab="aks", seconds=1))[0]
    assert case.attrib == {
        "classname": "aks",
        "name": "remote pods meet through the route table",
        "file": "lab.yaml",
        "line": "31",
        "time": "0.400",
    }
    assert len(case) == 0


def test_a_failure_says_in_one_line_what_was_expected_and_seen() -> None:
    failure = suite_of(junit_xml([FAILED], lab="aks", seconds=1))[0][0]
    assert failure.tag == "failure"
    assert failure.get("message") == (
        "ping.ttl: expected ttl 62, seen ttl 61, 61, 61; "
        "packets[0]: expected no packet, seen 1 packet"
    )
    assert "attempts before that:" in (failure.text or "")


def test_what_could_not_be_asked_is_an_error() -> None:
    error = suite_of(junit_xml([BROKEN], lab="aks", seconds=1))[0][0]
    assert (error.tag, error.get("message")) == ("error", "no such target")


def test_bytes_that_xml_can_not_hold_do_not_spoil_the_document() -> None:
    finding = Finding(name="http.body.a", holds=False, expected="1", seen="\x00\x1b[31m\ud800")
    outcome = replace(FAILED, attempts=(Attempt(number=1, started=0, findings=(finding,)),))
    failure = suite_of(junit_xml([outcome], lab="aks", seconds=1))[0][0]
    assert (failure.get("message") or "").endswith("seen \ufffd\ufffd[31m\ufffd")
