import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lab.contract.v1.agent_pb2 import HttpResult, PingResult, ProbeReply
from lab.contract.v1.lab_pb2 import InspectReply
from tests.unit.lab.cli.fake_service import INSPECTION, FakeLabService

pytestmark = pytest.mark.usefixtures("inside")


def break_the_network(service: FakeLabService) -> None:
    """Another TTL, and nobody answers HTTP."""

    def answer(request):
        if request.probe.WhichOneof("probe") == "ping":
            yield ProbeReply(ping=PingResult(sent=3, received=3, ttls=[63, 63, 63]))
        else:
            yield ProbeReply(http=HttpResult(failure="refused: nobody listens"))

    service.answer = answer


def test_all_passed(vnetlab) -> None:
    printed = vnetlab("test")
    assert printed.exit_code == 0
    assert printed.out.splitlines()[:2] == [
        "pass   machines meet",
        "pass   machines are called by HTTP",
    ]
    assert printed.out.splitlines()[2].startswith("2 passed in ")
    assert printed.err.splitlines() == ["0/2 checks", "1/2 checks", "2/2 checks"]


def test_a_failure_shows_what_was_expected_and_seen(vnetlab, service: FakeLabService) -> None:
    break_the_network(service)
    printed = vnetlab("test")
    assert printed.exit_code == 1
    lines = printed.out.splitlines()
    assert lines[0] == "FAIL   machines meet"
    assert lines[1] == "       aks.lab.yaml:13"
    assert lines[2].startswith("       from vm1 to vm2, ")
    assert lines[3:6] == [
        "       ping.ttl",
        "         expected  ttl 64",
        "         seen      ttl 63, 63, 63",
    ]
    assert lines[-1].startswith("2 failed in ")


def test_quiet_shows_failures_only(vnetlab, service: FakeLabService) -> None:
    printed = vnetlab("test", "-q")
    assert (printed.out, printed.err) == ("", "")
    break_the_network(service)
    assert vnetlab("test", "-q").out.startswith("FAIL   machines meet\n")


def test_json(vnetlab, service: FakeLabService) -> None:
    break_the_network(service)
    printed = vnetlab("test", "--format", "json", "--only", "machines meet")
    report = json.loads(printed.out)
    assert printed.exit_code == 1
    assert set(report) == {"lab", "seconds", "warnings", "tests"}
    assert [test["verdict"] for test in report["tests"]] == ["failed"]


def test_junit_is_written_beside_what_is_printed(vnetlab) -> None:
    assert vnetlab("test", "--junit", "report.xml").exit_code == 0
    suite = ElementTree.fromstring(Path("report.xml").read_bytes())[0]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("aks", "2", "0")


def test_junit_that_can_not_be_written_is_no_traceback(vnetlab) -> None:
    printed = vnetlab("test", "--junit", "no/such/folder/report.xml")
    assert printed.exit_code == 1
    assert "report.xml can't be written: No such file or directory" in printed.err


def test_nothing_to_run(vnetlab) -> None:
    printed = vnetlab("test", "--only", "nothing like this")
    assert printed.exit_code == 2
    assert "has no tests that match" in printed.err


def test_passing_on_a_lab_that_is_not_ready_is_doubtful(vnetlab, service: FakeLabService) -> None:
    service.inspection = InspectReply.FromString(INSPECTION.SerializeToString())
    service.inspection.nodes[1].status = "NotReady"
    printed = vnetlab("test")
    assert printed.exit_code == 3
    assert "warning: 1 of 3 machines are not ready: vm1" in printed.err
