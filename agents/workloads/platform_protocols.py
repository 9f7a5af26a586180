"""DNS over UDP and TCP, and the HTTP of the host's own services, on asyncio."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol, cast

from agents.workloads.exchange import HttpExchange, Respond
from agents.workloads.resolver import Resolver

_LENGTH = 2
"""Bytes in front of every message over TCP."""


class PassingOn(Protocol):
    """Whoever is asked what the zones of a server don't hold."""

    def __call__(self, question: bytes, *, datagram: bool) -> Awaitable[bytes]:
        """The answer to a question, come over the same transport."""
        ...


class _Server:
    """Answers questions, or has others answer them."""

    def __init__(self, resolver: Callable[[], Resolver], pass_on: PassingOn | None) -> None:
        self._resolver = resolver
        self._pass_on = pass_on
        self._waiting: set[asyncio.Task[None]] = set()

    def asked(self, question: bytes, say: Callable[[bytes], None], *, datagram: bool) -> None:
        """Say the answer, now or once others have said it."""
        # With the first question: hosts that nobody asks do without the megabyte of its library.
        from agents.workloads.dns_message import answer  # noqa: PLC0415

        passes_on = self._pass_on is not None
        said = answer(question, self._resolver(), datagram=datagram, passes_on=passes_on)
        if said is not None:
            say(said)
            return
        waiting = self._wait(question, say, datagram=datagram)
        task = asyncio.get_running_loop().create_task(waiting, name="question passed on")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    def close(self) -> None:
        """Wait for nobody any more."""
        for task in self._waiting:
            task.cancel()

    async def _wait(self, question: bytes, say: Callable[[bytes], None], *, datagram: bool) -> None:
        assert self._pass_on is not None
        say(await self._pass_on(question, datagram=datagram))


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
        self,
        resolver: Callable[[], Resolver],
        connections: set[asyncio.Transport],
        pass_on: PassingOn | None = None,
    ) -> None:
        """`resolver` says who answers now, `pass_on` asks others what it doesn't hold."""
        super().__init__(connections)
        self._server = _Server(resolver, pass_on)
        self._rest = b""

    def connection_lost(self, why: Exception | None) -> None:
        """asyncio."""
        super().connection_lost(why)
        self._server.close()

    def data_received(self, data: bytes) -> None:
        """asyncio."""
        assert self._transport is not None
        self._rest += data
        while len(self._rest) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._rest[:_LENGTH])
            if len(self._rest) < end:
                return
            question, self._rest = self._rest[_LENGTH:end], self._rest[end:]
            self._server.asked(question, self._say, datagram=False)

    def _say(self, said: bytes) -> None:
        assert self._transport is not None
        if said:
            self._transport.write(len(said).to_bytes(_LENGTH) + said)
        else:
            self._transport.close()


class DnsDatagrams(asyncio.DatagramProtocol):
    """DNS over UDP."""

    def __init__(self, resolver: Callable[[], Resolver], pass_on: PassingOn | None = None) -> None:
        """As of `DnsConnection`."""
        self._server = _Server(resolver, pass_on)
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def connection_lost(self, _: Exception | None) -> None:
        """asyncio."""
        self._server.close()

    def datagram_received(self, data: bytes, peer: tuple[Any, ...]) -> None:
        """asyncio."""
        self._server.asked(data, partial(self._say, peer), datagram=True)

    def _say(self, peer: tuple[Any, ...], said: bytes) -> None:
        assert self._transport is not None
        if said:
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
