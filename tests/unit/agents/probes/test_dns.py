"""Parsed from what dig 9.18 printed."""

from agents.probes.dns import command_of, result_of
from agents.probes.tool import Output
from lab.contract.v1.agent_pb2 import DnsProbe

TWO_ADDRESSES = b"""\
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 16677
;; flags: qr rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 0

;; ANSWER SECTION:
a.b.\t\t\t5\tIN\tA\t10.0.0.1
a.b.\t\t\t5\tIN\tA\t10.0.0.2

"""

ALIAS = b"""\
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1
;; ANSWER SECTION:
www.example.\t\t30\tIN\tCNAME\tedge.example.
edge.example.\t\t30\tIN\tA\t203.0.113.9
"""

NO_SUCH_NAME = b"""\
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 62578
;; flags: qr rd ra; QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0

"""

REFUSED = b"""\
;; communications error to 10.1.1.1#53: connection refused
;; no servers could be reached
"""

NO_ROUTE = b"""\
;; UDP setup with 10.255.255.53#53(10.255.255.53) for nginx failed: network unreachable.
;; no servers could be reached
"""


def finished(stdout: bytes, *, exit_code: int = 0) -> Output:
    return Output(exit_code=exit_code, stdout=stdout, stderr=b"")


def test_answers_come_in_the_servers_order() -> None:
    result = result_of(finished(TWO_ADDRESSES))
    assert result.status == "NOERROR"
    assert list(result.answers) == ["10.0.0.1", "10.0.0.2"]


def test_an_alias_is_an_answer_like_the_address_behind_it() -> None:
    assert list(result_of(finished(ALIAS)).answers) == ["edge.example.", "203.0.113.9"]


def test_a_name_that_does_not_exist_is_the_servers_word_not_a_failure() -> None:
    result = result_of(finished(NO_SUCH_NAME))
    assert (result.status, list(result.answers)) == ("NXDOMAIN", [])


def test_only_the_last_question_of_a_search_list_counts() -> None:
    assert result_of(finished(NO_SUCH_NAME + TWO_ADDRESSES)).status == "NOERROR"


def test_why_no_server_answered() -> None:
    assert result_of(finished(REFUSED, exit_code=9)).status == "refused"
    assert result_of(finished(NO_ROUTE, exit_code=9)).status == "unreachable"
    timed_out = b";; communications error to 10.1.1.1#53: timed out\n"
    assert result_of(finished(timed_out, exit_code=9)).status == "timeout"
    assert result_of(finished(b"", exit_code=-2)).status == "timeout"
    assert result_of(finished(b"", exit_code=10)).status == "no answer"


def test_a_name_that_looks_like_an_option_stays_a_name() -> None:
    command = command_of(DnsProbe(name="+nosearch"), deadline=5)
    assert command[command.index("+nosearch") - 1] == "-q"


def test_the_places_own_server_is_asked_unless_one_is_named() -> None:
    own = command_of(DnsProbe(name="nginx"), deadline=5)
    named = command_of(DnsProbe(name="nginx", server="172.16.1.10", type="AAAA"), deadline=5)
    assert not [word for word in own if word.startswith("@")]
    assert own[-1] == "A"
    assert "@172.16.1.10" in named
    assert named[-1] == "AAAA"
