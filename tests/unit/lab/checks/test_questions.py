from lab.checks.expectations import expected_of
from lab.checks.questions import PATIENCE, captures_for, questions_for
from lab.topology.model import Expectation


def questions(**values: object):
    expected = expected_of(Expectation(values=values))
    return {
        question.name: question
        for question in questions_for(expected, source="pod/a", address="10.0.0.5")
    }


def captures(**values: object):
    expected = expected_of(Expectation(values=values))
    return captures_for(expected, destination="vm/b", address="10.0.0.5", token="t")


def test_each_property_is_one_question_at_the_sender() -> None:
    asked = questions(ping={}, tcp={"port": 80}, udp={"port": 7}, http={}, dns={"name": "nginx"})
    assert list(asked) == ["ping", "tcp", "udp", "http", "dns"]
    assert {question.target for question in asked.values()} == {"pod/a"}
    assert {question.request.WhichOneof("probe") for question in asked.values()} == set(asked)


def test_the_last_echo_request_has_as_much_time_as_any_answer() -> None:
    request = questions(ping={"count": 11})["ping"].request
    assert request.ping.count == 11
    assert request.deadline == 10 * 0.2 + PATIENCE


def test_http_asks_for_json_unless_told_otherwise() -> None:
    request = questions(http={"port": 8080, "path": "/a?b", "headers": {"Host": "x"}})["http"]
    assert request.request.http.url == "http://10.0.0.5:8080/a?b"
    assert dict(request.request.http.headers) == {"Accept": "application/json", "Host": "x"}
    told = questions(http={"headers": {"Accept": "text/plain"}})["http"].request.http
    assert dict(told.headers) == {"Accept": "text/plain"}


def test_a_capture_without_questions_has_a_ping_to_see() -> None:
    assert list(questions(packets=({"on": "vm/b"},))) == ["ping"]


def test_captures_run_where_the_file_says_under_names_of_their_own() -> None:
    first, second = captures(
        ping={}, packets=({"on": "node/n", "interface": "cbr0", "filter": "icmp"}, {"on": "vm/b"})
    )
    assert (first.name, first.target) == ("packets[0]", "node/n")
    assert (first.request.capture.interface, first.request.capture.filter) == ("cbr0", "icmp")
    assert second.request.capture.interface == "eth0"
    assert first.request.capture.token != second.request.capture.token


def test_the_source_of_a_ping_is_watched_at_the_receiver() -> None:
    (watch,) = captures(sourceSeen="nodeIP")
    assert (watch.name, watch.target) == ("sourceSeen", "vm/b")
    assert watch.request.capture.interface == "any"
    assert watch.request.capture.filter == "dst host 10.0.0.5 and icmp[icmptype] == icmp-echo"


def test_the_source_of_a_connection_is_that_of_its_own_packets() -> None:
    (tcp,) = captures(sourceSeen="nodeIP", tcp={"port": 80}, ping={})
    (udp,) = captures(sourceSeen="nodeIP", udp={"port": 7})
    assert tcp.request.capture.filter == "dst host 10.0.0.5 and tcp dst port 80"
    assert udp.request.capture.filter == "dst host 10.0.0.5 and udp dst port 7"


def test_http_needs_no_capture_to_tell_its_source() -> None:
    assert captures(sourceSeen="nodeIP", http={}) == ()


def test_a_name_is_asked_for_at_whoever_is_asked() -> None:
    """In the Host header and as the server name of TLS, whatever it resolves to."""
    expected = expected_of(
        Expectation(values={"http": {"scheme": "https", "host": "www.example.com", "path": "/a"}})
    )
    (question,) = questions_for(expected, source="vm/a", address="203.0.113.10")
    assert question.request.http.url == "https://www.example.com/a"
    assert question.request.http.address == "203.0.113.10"
    (looked_up,) = questions_for(expected, source="vm/a", address="")
    assert looked_up.request.http.address == ""
