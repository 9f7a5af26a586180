"""The host's own services between transports."""

import asyncio
from typing import Any

import dnslib
import h11

from agents.workloads.exchange import Answer
from agents.workloads.platform_protocols import DnsConnection, DnsDatagrams, HttpConnection
from agents.workloads.resolver import Resolver
from lab.contract.platform import DnsRecordSet, DnsRecordType, DnsZone
from tests.unit.agents.workloads.test_protocols import Datagrams, Wire

RECORD = DnsRecordSet(name="a.b", type=DnsRecordType.A, ttl=60, data=("10.0.0.1",))
RESOLVER = Resolver([DnsZone(name="", record_sets=(RECORD,))])
NARROW = Resolver([DnsZone(name="a.b", record_sets=(RECORD,))])
FOREIGN = dnslib.DNSRecord.question("www.example.com").pack()
QUESTION = dnslib.DNSRecord.question("a.b").pack()


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2) + message


def connected(protocol: Any) -> Wire:
    wire = Wire()
    protocol.connection_made(wire)
    return wire


def test_a_datagram_is_answered_to_whom_it_came_from() -> None:
    datagrams, transport = DnsDatagrams(lambda: RESOLVER), Datagrams()
    datagrams.connection_made(transport)

    datagrams.datagram_received(QUESTION, ("10.0.0.4", 40000))
    datagrams.datagram_received(b"noise", ("10.0.0.4", 40000))

    ((said, peer),) = transport.sent
    assert peer == ("10.0.0.4", 40000)
    assert str(dnslib.DNSRecord.parse(said).a.rdata) == "10.0.0.1"


def test_a_connection_takes_question_after_question_however_they_are_cut() -> None:
    connections: set[asyncio.Transport] = set()
    connection = DnsConnection(lambda: RESOLVER, connections)
    wire = connected(connection)
    assert connections == {wire}

    for at in range(len(framed(QUESTION)) * 2):
        connection.data_received((framed(QUESTION) * 2)[at : at + 1])

    length = int.from_bytes(wire.written[:2])
    assert len(wire.written) == 2 * (2 + length)
    connection.connection_lost(None)
    assert connections == set()


def test_who_speaks_something_else_over_tcp_is_left() -> None:
    connection = DnsConnection(lambda: RESOLVER, set())
    wire = connected(connection)

    connection.data_received(framed(b"noise"))

    assert (wire.written, wire.closed) == (b"", True)


async def elsewhere(question: bytes, *, datagram: bool) -> bytes:
    assert question == FOREIGN
    return b"by datagram" if datagram else b"by connection"


async def test_what_no_zone_holds_is_passed_on_over_the_same_transport() -> None:
    datagrams, transport = DnsDatagrams(lambda: NARROW, elsewhere), Datagrams()
    datagrams.connection_made(transport)
    connection = DnsConnection(lambda: NARROW, set(), elsewhere)
    wire = connected(connection)

    datagrams.datagram_received(FOREIGN, ("10.0.0.4", 40000))
    connection.data_received(framed(FOREIGN))
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    assert transport.sent == [(b"by datagram", ("10.0.0.4", 40000))]
    assert wire.written == framed(b"by connection")


async def test_what_a_zone_holds_is_answered_at_once() -> None:
    datagrams, transport = DnsDatagrams(lambda: NARROW, elsewhere), Datagrams()
    datagrams.connection_made(transport)

    datagrams.datagram_received(QUESTION, ("10.0.0.4", 40000))

    assert len(transport.sent) == 1


async def test_nobody_waits_for_an_answer_once_the_server_has_gone() -> None:
    async def never(question: bytes, *, datagram: bool) -> bytes:
        assert question
        assert datagram
        return await asyncio.get_running_loop().create_future()

    datagrams, transport = DnsDatagrams(lambda: NARROW, never), Datagrams()
    datagrams.connection_made(transport)
    datagrams.datagram_received(FOREIGN, ("10.0.0.4", 40000))
    (waiting,) = asyncio.all_tasks() - {asyncio.current_task()}

    datagrams.connection_lost(None)
    await asyncio.wait([waiting])

    assert waiting.cancelled()
    assert transport.sent == []


def test_http_is_answered_by_the_service() -> None:
    def respond(request: h11.Request) -> Answer:
        return Answer(status=200, body=request.target)

    connection = HttpConnection(respond, set())
    wire = connected(connection)

    connection.data_received(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert wire.written.endswith(b"\r\n\r\n/a")
    assert wire.closed
