"""The host's own services on asyncio: DNS over UDP and TCP, HTTP."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from agents.workloads.exchange import HttpExchange, Respond
from agents.workloads.resolver import Resolver

_LENGTH = 2
"""Bytes in front of every message over TCP."""


def _answer(question: bytes, resolver: Resolver, *, datagram: bool) -> bytes:
    # With the first question: hosts that nobody asks do without the megabyte of its library.
    from agents.workloads.dns_message import answer  # noqa: PLC0415

    return answer(question, resolver, datagram=datagram)


class _Connection(asyncio.Protocol):
    """A connection that is among `connections` while it lasts."""

    def __init__(self, connections: set[asyncio.Transport]) -> None:
        self._connections = connections
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio."""
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self._transport)

    def connection_lost(self, _: Exception | None) -> None:
        """asyncio."""
        assert self._transport is not None
        self._connections.discard(self._transport)


class DnsConnection(_Connection):
    """DNS over TCP: message after message."""

    def __init__(
        self, resolver: Callable[[], Resolver], connections: set[asyncio.Transport]
    ) -> None:
        """`resolver` says who answers now."""
        super().__init__(connections)
        self._resolver = resolver
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        """asyncio."""
        assert self._transport is not None
        self._rest += data
        while len(self._rest) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._rest[:_LENGTH])
            if len(self._rest) < end:
                return
            said = _answer(self._rest[_LENGTH:end], self._resolver(), datagram=False)
            self._rest = self._rest[end:]
            if not said:
                self._transport.close()
                return
            self._transport.write(len(said).to_bytes(_LENGTH) + said)


class DnsDatagrams(asyncio.DatagramProtocol):
    """DNS over UDP."""

    def __init__(self, resolver: Callable[[], Resolver]) -> None:
        self._resolver = resolver
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, peer: tuple[Any, ...]) -> None:
        """asyncio."""
        assert self._transport is not None
        if said := _answer(data, self._resolver(), datagram=True):
            self._transport.sendto(said, peer)


class HttpConnection(_Connection):
    """HTTP of a service."""

    def __init__(self, respond: Respond, connections: set[asyncio.Transport]) -> None:
        super().__init__(connections)
        self._http = HttpExchange(respond)

    def data_received(self, data: bytes) -> None:
        """asyncio."""
        assert self._transport is not None
        if said := self._http.receive(data):
            self._transport.write(said)
        if self._http.ended:
            self._transport.close()
