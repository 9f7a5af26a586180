import asyncio
import json
from functools import partial
from typing import Any

from agents.workloads import exchange
from agents.workloads.exchange import Identity
from agents.workloads.protocols import TcpResponder, UdpResponder

IDENTITY = Identity(pod=None, namespace=None, node="vm1", image="hello", address="10.0.0.7")


class Wire(asyncio.Transport):
    """A transport that remembers."""

    def __init__(self) -> None:
        super().__init__({"peername": ("10.0.0.4", 40000)})
        self.written = b""
        self.closed = False
        self.reading = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Datagrams(asyncio.DatagramTransport):
    """A transport that remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[bytes, Any]] = []

    def sendto(self, data: bytes | bytearray | memoryview, addr: Any = None) -> None:
        self.sent.append((bytes(data), addr))


def connected() -> tuple[TcpResponder, Wire, set[asyncio.Transport]]:
    connections: set[asyncio.Transport] = set()
    respond_to = partial(exchange.responder, IDENTITY)
    responder, wire = TcpResponder(respond_to, connections), Wire()
    responder.connection_made(wire)
    return responder, wire, connections


def test_what_does_not_begin_like_http_is_echoed() -> None:
    responder, wire, _ = connected()

    responder.data_received(b"hel")
    responder.data_received(b"lo\n")
    responder.data_received(b"GET / HTTP/1.1\r\n\r\n")

    assert wire.written == b"hello\nGET / HTTP/1.1\r\n\r\n"


def test_http_is_answered_even_if_its_first_word_comes_in_parts() -> None:
    responder, wire, _ = connected()

    responder.data_received(b"GE")
    assert wire.written == b""
    responder.data_received(b"T / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert wire.written.startswith(b"HTTP/1.1 200 ")
    assert wire.closed


def test_a_client_that_stops_halfway_through_a_method_gets_its_bytes_back() -> None:
    responder, wire, _ = connected()

    responder.data_received(b"GE")
    responder.eof_received()

    assert wire.written == b"GE"


def test_a_client_that_does_not_read_is_not_read_from() -> None:
    """An echo would otherwise pile up without bound."""
    responder, wire, _ = connected()

    responder.pause_writing()
    assert not wire.reading
    responder.resume_writing()
    assert wire.reading


def test_a_connection_is_among_those_of_its_workload_while_it_lasts() -> None:
    """Who ends a pod has to end them: they would keep its namespace alive."""
    responder, wire, connections = connected()
    assert connections == {wire}

    responder.connection_lost(None)

    assert connections == set()


def test_a_datagram_goes_back_to_whoever_sent_it() -> None:
    responder, wire = UdpResponder(IDENTITY), Datagrams()
    responder.connection_made(wire)

    responder.datagram_received(b"hello", ("10.0.0.4", 40000))

    ((answer, peer),) = wire.sent
    assert peer == ("10.0.0.4", 40000)
    assert json.loads(answer)["payload"] == "hello"
