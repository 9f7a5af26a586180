import json
from typing import Any

import pytest

from agents.workloads.exchange import (
    Client,
    HttpExchange,
    Identity,
    answer_datagram,
    responder,
    speaks_http,
)

IDENTITY = Identity(
    pod="nginx-0", namespace="default", node="node-1", image="nginx", address="10.244.0.4"
)
CLIENT = Client(address="10.244.1.5", port=40000)


def exchange() -> HttpExchange:
    return HttpExchange(responder(IDENTITY, CLIENT))


def responses(data: bytes) -> list[tuple[int, dict[str, Any]]]:
    """Status and document of each response in `data`."""
    found = []
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        status = int(lines[0].split()[1])
        lengths = [line for line in lines if line.lower().startswith("content-length:")]
        length = int(lengths[0].split()[1]) if lengths else 0
        found.append((status, json.loads(data[:length]) if length else {}))
        data = data[length:]
    return found


def test_an_answer_says_who_answers_and_whom_it_saw() -> None:
    request = b"GET /a?b=c HTTP/1.1\r\nHost: nginx\r\nX-Two: 1\r\nx-two: 2\r\n\r\n"

    ((status, document),) = responses(exchange().receive(request))

    assert status == 200
    assert document == {
        "pod": "nginx-0",
        "namespace": "default",
        "node": "node-1",
        "image": "nginx",
        "address": "10.244.0.4",
        "client": {"address": "10.244.1.5", "port": 40000},
        "method": "GET",
        "path": "/a?b=c",
        "protocol": "HTTP/1.1",
        "headers": {"host": "nginx", "x-two": "1, 2"},
    }


def test_a_connection_takes_request_after_request_however_they_are_cut() -> None:
    connection = exchange()
    requests = (
        b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        b"POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        b"GET /3 HTTP/1.1\r\nHost: a\r\n\r\n"
    )

    answer = b"".join(connection.receive(requests[at : at + 1]) for at in range(len(requests)))

    assert [document["path"] for _, document in responses(answer)] == ["/1", "/2", "/3"]
    assert not connection.ended


@pytest.mark.parametrize(
    "request_line", [b"GET / HTTP/1.0\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"]
)
def test_the_connection_ends_when_the_client_wants_no_more(request_line: bytes) -> None:
    connection = exchange()

    ((status, _),) = responses(connection.receive(request_line + b"\r\n"))

    assert (status, connection.ended) == (200, True)


def test_a_head_request_gets_no_body() -> None:
    answer = exchange().receive(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")

    assert answer.endswith(b"\r\n\r\n")
    assert b"Content-Length: " in answer


def test_a_client_that_waits_to_be_told_to_send_its_body_is_told() -> None:
    connection = exchange()

    told = connection.receive(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
    )

    assert told.startswith(b"HTTP/1.1 100 ")
    assert [status for status, _ in responses(connection.receive(b"x"))] == [200]


@pytest.mark.parametrize(
    "nonsense", [b"GET / HTTP/1.1\r\n\r\n", b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /\r\n\r\n"]
)
def test_a_broken_request_is_refused_and_the_connection_ended(nonsense: bytes) -> None:
    """RFC 9112: for one, every HTTP/1.1 request names its host."""
    connection = exchange()

    ((status, document),) = responses(connection.receive(nonsense))

    assert (status, connection.ended) == (400, True)
    assert document["error"]


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (b"GET / HTTP/1.1\r\n", True),
        (b"G", None),
        (b"GET", None),
        (b"GETTING", False),
        (b"hello\n", False),
        (b"\x16\x03\x01", False),
    ],
)
def test_http_is_told_from_everything_else_as_soon_as_it_can_be(
    data: bytes, verdict: bool | None
) -> None:
    assert speaks_http(data) is verdict


def test_a_datagram_is_answered_with_what_it_said_and_where_it_came_from() -> None:
    document = json.loads(answer_datagram(IDENTITY, CLIENT, b"hello \xff"))

    assert document["client"] == {"address": "10.244.1.5", "port": 40000}
    assert document["pod"] == "nginx-0"
    assert document["payload"] == "hello \ufffd"


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        (("10.0.0.4", 1), "10.0.0.4"),
        (("::ffff:10.0.0.4", 1, 0, 0), "10.0.0.4"),
        (("fe80::1%eth0", 1, 0, 2), "fe80::1"),
        (("2001:db8::1", 1, 0, 0), "2001:db8::1"),
    ],
)
def test_a_client_is_named_by_the_address_that_it_has(peer: tuple[Any, ...], address: str) -> None:
    """A socket for both families writes IPv4 addresses in a form that nobody expects."""
    assert Client.of(peer) == Client(address=address, port=1)
