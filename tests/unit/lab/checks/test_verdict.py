import json

import pytest

from lab.checks.expectations import expected_of
from lab.checks.verdict import Addresses, Finding, findings_for
from lab.contract.v1.agent_pb2 import (
    CaptureResult,
    ConnectionResult,
    DnsResult,
    HttpResult,
    PingResult,
    ProbeReply,
)
from lab.topology.model import Expectation

SENDER = Addresses(pod_ip="10.244.1.3", node_ip="10.0.0.4", public_ip="20.0.0.4")


def judge(replies: dict[str, ProbeReply], **values: object) -> dict[str, Finding]:
    expected = expected_of(Expectation(values=values))
    return {f.name: f for f in findings_for(expected, replies, addresses=SENDER)}


def pinged(sent: int, received: int, *ttls: int, output: str = "") -> dict[str, ProbeReply]:
    result = PingResult(sent=sent, received=received, ttls=ttls, output=output)
    return {"ping": ProbeReply(ping=result)}


def answered(status: int = 200, *, failure: str = "", **body: object) -> dict[str, ProbeReply]:
    result = HttpResult(status=status, failure=failure, body=json.dumps(body).encode())
    return {"http": ProbeReply(http=result)}


def captured(name: str, *packets: str, matched: int | None = None) -> dict[str, ProbeReply]:
    count = len(packets) if matched is None else matched
    return {name: ProbeReply(capture=CaptureResult(packets=packets, matched=count))}


class TestPing:
    def test_every_request_has_to_be_answered_by_default(self) -> None:
        assert judge(pinged(3, 3, 62, 62, 62), ping={})["ping.loss"].holds
        lossy = judge(pinged(3, 2, 62, 62), ping={})["ping.loss"]
        assert not lossy.holds
        assert lossy.expected == "0 % loss"
        assert lossy.seen == "3 sent, 2 received, 33.33 % loss"

    def test_every_reply_has_to_have_the_ttl(self) -> None:
        assert judge(pinged(2, 2, 62, 62), ping={"ttl": 62})["ping.ttl"].holds
        mixed = judge(pinged(2, 2, 62, 61), ping={"ttl": 62})["ping.ttl"]
        assert not mixed.holds
        assert (mixed.expected, mixed.seen) == ("ttl 62", "ttl 62, 61")

    def test_silence_has_no_ttl(self) -> None:
        assert not judge(pinged(2, 0), ping={"ttl": 62, "loss": 100})["ping.ttl"].holds

    def test_total_loss_can_be_what_is_wanted(self) -> None:
        assert judge(pinged(3, 0), ping={"loss": 100})["ping.loss"].holds
        assert not judge(pinged(3, 1, 62), reachable=False)["ping.loss"].holds

    def test_nothing_sent_for_want_of_a_route_is_total_loss_with_pings_words(self) -> None:
        refused = pinged(0, 0, output="ping: connect: Network is unreachable")
        assert judge(refused, ping={"loss": 100})["ping.loss"].holds
        assert (
            "(ping: connect: Network is unreachable)" in judge(refused, ping={})["ping.loss"].seen
        )

    def test_whole_percents_stand_for_thirds(self) -> None:
        assert judge(pinged(3, 2, 62, 62), ping={"loss": 33})["ping.loss"].holds
        assert not judge(pinged(3, 2, 62, 62), ping={"loss": 34})["ping.loss"].holds


class TestConnections:
    @pytest.mark.parametrize(
        ("wanted", "failure", "holds"),
        [
            ("connected", "", True),
            ("connected", "refused", False),
            ("refused", "refused", True),
            ("refused", "timeout", False),
            ("refused", "", False),
            ("failed", "timeout", True),
            ("failed", "unreachable", True),
            ("failed", "", False),
        ],
    )
    def test_tcp_comes_to_the_wanted_end(self, wanted: str, failure: str, holds: bool) -> None:
        result = ConnectionResult(connected=not failure, failure=failure)
        found = judge({"tcp": ProbeReply(connection=result)}, tcp={"port": 80, "result": wanted})
        assert found["tcp.result"].holds is holds
        assert found["tcp.result"].seen == (failure or "connected")

    def test_a_datagram_that_came_back_is_an_answer(self) -> None:
        result = ConnectionResult(connected=True, received=b"vnetlab")
        assert judge({"udp": ProbeReply(connection=result)}, udp={"port": 7})["udp.result"].holds


class TestHttp:
    def test_an_empty_mapping_wants_any_answer(self) -> None:
        assert judge(answered(500), http={})["http.result"].holds
        silent = judge(answered(0, failure="timeout: after 2 s"), http={})["http.result"]
        assert not silent.holds
        assert silent.seen == "timeout: after 2 s"

    def test_a_failure_can_be_what_is_wanted(self) -> None:
        reply = answered(0, failure="refused: Failed to connect")
        assert judge(reply, http={"result": "refused"})["http.result"].holds
        assert judge(reply, http={"result": "failed"})["http.result"].holds
        assert not judge(reply, http={"result": "timeout"})["http.result"].holds
        assert not judge(answered(200), http={"result": "failed"})["http.result"].holds

    def test_status(self) -> None:
        found = judge(answered(503), http={"status": 200})["http.status"]
        assert (found.holds, found.expected, found.seen) == (False, "200", "503")

    def test_fields_are_reached_by_dots_through_objects_and_lists(self) -> None:
        reply = answered(pod="nginx-0", client={"address": "10.0.0.4"}, ports=[80, 443])
        found = judge(
            reply, http={"body": {"pod": "nginx-0", "client.address": "10.0.0.9", "ports.1": 443}}
        )
        assert found["http.body.pod"].holds
        assert found["http.body.ports.1"].holds
        wrong = found["http.body.client.address"]
        assert (wrong.holds, wrong.expected, wrong.seen) == (False, '"10.0.0.9"', '"10.0.0.4"')

    def test_a_missing_field_shows_the_body(self) -> None:
        found = judge(answered(a=1), http={"body": {"b": 1}})["http.body.b"]
        assert not found.holds
        assert found.seen == "no such field in '{\"a\": 1}'"

    def test_a_body_that_is_no_json_has_no_fields(self) -> None:
        reply = {"http": ProbeReply(http=HttpResult(status=200, body=b"\xffhello"))}
        assert not judge(reply, http={"body": {"pod": None}})["http.body.pod"].holds

    def test_true_is_not_one(self) -> None:
        assert not judge(answered(a=True), http={"body": {"a": 1}})["http.body.a"].holds
        assert judge(answered(a=True), http={"body": {"a": True}})["http.body.a"].holds


class TestDns:
    def test_all_answers_in_any_order(self) -> None:
        reply = {"dns": ProbeReply(dns=DnsResult(status="NOERROR", answers=["b", "a"]))}
        assert judge(reply, dns={"name": "x", "answers": ("a", "b")})["dns.answers"].holds
        missing = judge(reply, dns={"name": "x", "answers": ("a",)})["dns.answers"]
        assert (missing.holds, missing.expected, missing.seen) == (False, "a", "a, b")

    def test_status_is_noerror_unless_told_otherwise(self) -> None:
        reply = {"dns": ProbeReply(dns=DnsResult(status="NXDOMAIN"))}
        assert not judge(reply, dns={"name": "x"})["dns.status"].holds
        assert judge(reply, dns={"name": "x", "status": "NXDOMAIN"})["dns.status"].holds


class TestSourceSeen:
    def test_http_answers_say_whom_they_saw(self) -> None:
        reply = answered(client={"address": "10.0.0.4", "port": 1})
        assert judge(reply, http={}, sourceSeen="nodeIP")["sourceSeen"].holds
        pod = judge(reply, http={}, sourceSeen="podIP")["sourceSeen"]
        assert (pod.holds, pod.expected, pod.seen) == (False, "podIP (10.244.1.3)", "10.0.0.4")

    def test_an_address_stands_for_itself(self) -> None:
        reply = answered(client={"address": "10.0.0.9"})
        found = judge(reply, http={}, sourceSeen="10.0.0.9")["sourceSeen"]
        assert (found.holds, found.expected) == (True, "10.0.0.9")

    def test_otherwise_incoming_packets_at_the_receiver_say_it(self) -> None:
        lines = (
            "08:15:57.19 eth0  In  IP 10.0.0.4 > 10.1.0.4: ICMP echo request, id 1, seq 1",
            "08:15:57.29 eth0  In  IP 10.0.0.4 > 10.1.0.4: ICMP echo request, id 1, seq 2",
            "08:15:57.30 eth0  Out IP 10.9.9.9 > 10.1.0.4: ICMP echo request, id 1, seq 2",
        )
        replies = pinged(2, 2, 62, 62) | captured("sourceSeen", *lines)
        assert judge(replies, sourceSeen="nodeIP")["sourceSeen"].holds

    def test_a_port_is_no_part_of_the_address(self) -> None:
        line = "08:15:57.19 eth0  In  IP 10.244.1.3.40022 > 10.1.0.4.80: Flags [S], seq 1"
        result = ConnectionResult(connected=True)
        replies = {"tcp": ProbeReply(connection=result)} | captured("sourceSeen", line)
        assert judge(replies, tcp={"port": 80}, sourceSeen="podIP")["sourceSeen"].holds

    def test_two_sources_are_not_one(self) -> None:
        lines = ("x eth0 In  IP 10.0.0.4 > 10.1.0.4: a", "x eth0 In  IP 10.0.0.5 > 10.1.0.4: a")
        found = judge(pinged(2, 2) | captured("sourceSeen", *lines), sourceSeen="nodeIP")
        assert not found["sourceSeen"].holds
        assert found["sourceSeen"].seen == "10.0.0.4, 10.0.0.5"

    def test_a_sender_without_the_address_can_not_be_seen_under_it(self) -> None:
        expected = expected_of(Expectation(values={"http": {}, "sourceSeen": "publicIP"}))
        (_, found) = findings_for(expected, answered(client={"address": ""}), addresses=Addresses())
        assert not found.holds
        assert "the sender has none" in found.expected


class TestPackets:
    @pytest.mark.parametrize(
        ("seen", "count", "holds"),
        [
            (True, 1, True),
            (True, 0, False),
            (False, 0, True),
            (False, 1, False),
            (1, 1, True),
            (1, 2, False),
            (0, 0, True),
            (3, 3, True),
        ],
    )
    def test_as_many_as_wanted(self, seen: bool | int, count: int, holds: bool) -> None:
        replies = pinged(3, 3) | captured("packets[0]", matched=count)
        found = judge(replies, packets=({"on": "vm/a", "filter": "icmp", "seen": seen},))
        assert found["packets[0]"].holds is holds

    def test_the_ping_that_carries_a_capture_is_not_judged(self) -> None:
        replies = pinged(3, 0) | captured("packets[0]", matched=3)
        found = judge(replies, packets=({"on": "vm/a"},))
        assert list(found) == ["packets[0]"]

    def test_the_first_packets_are_shown(self) -> None:
        replies = pinged(3, 3) | captured("packets[0]", *(f"line {n}" for n in range(7)))
        found = judge(replies, packets=({"on": "vm/a", "seen": False},))["packets[0]"]
        assert found.expected == "no packet of 'ip' on eth0 of vm/a"
        assert found.seen.splitlines() == [
            "7 packets",
            *(f"line {n}" for n in range(5)),
            "… 2 more",
        ]


def test_a_probe_that_could_not_be_made_never_holds() -> None:
    found = judge({"ping": ProbeReply(error="no such place")}, ping={"loss": 100})
    assert [(f.holds, f.seen) for f in found.values()] == [(False, "no such place")]


@pytest.mark.parametrize(
    ("failure", "holds"),
    [("reset: x", True), ("TLS handshake failed: x", True), ("timeout: x", False)],
)
def test_a_connection_that_ends_without_an_answer_is_closed(failure: str, holds: bool) -> None:
    found = judge(answered(0, failure=failure), http={"result": "closed"})
    assert found["http.result"].holds is holds
