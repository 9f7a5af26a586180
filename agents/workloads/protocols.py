"""The built-in workload on asyncio: `agents.workloads.exchange` between transports."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from agents.workloads.exchange import (
    Client,
    HttpExchange,
    Identity,
    Respond,
    answer_datagram,
    speaks_http,
)


class TcpResponder(asyncio.Protocol):
    """One connection: HTTP if it begins like that, an echo otherwise."""

    def __init__(
        self, respond_to: Callable[[Client], Respond], connections: set[asyncio.Transport]
    ) -> None:
        """`connections`: of the same workload; this one is among them while it lasts."""
        self._respond_to = respond_to
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._http: HttpExchange | None = None
        self._undecided: bytes | None = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio."""
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(self._transport)

    def connection_lost(self, _: Exception | None) -> None:
        """asyncio."""
        assert self._transport is not None
        self._connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        """asyncio."""
        assert self._transport is not None
        if self._undecided is not None:
            data = self._undecided + data
            match speaks_http(data):
                case None:
                    self._undecided = data
                    return
                case True:
                    client = Client.of(
                        self._transport.get_extra_info("peername"),
                        self._transport.get_extra_info("sockname"),
                    )
                    self._http = HttpExchange(self._respond_to(client))
            self._undecided = None
        if self._http is None:
            self._transport.write(data)
            return
        if answer := self._http.receive(data):
            self._transport.write(answer)
        if self._http.ended:
            self._transport.close()

    def eof_received(self) -> bool:
        """asyncio: nothing more comes; what was written still goes out."""
        if self._undecided and self._transport is not None:
            self._transport.write(self._undecided)
        return False

    def pause_writing(self) -> None:
        """asyncio: a client that sends and doesn't read has to wait."""
        assert self._transport is not None
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """asyncio."""
        assert self._transport is not None
        self._transport.resume_reading()


class UdpResponder(asyncio.DatagramProtocol):
    """A port: every datagram is answered to whoever it came from."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, peer: tuple[Any, ...]) -> None:
        """asyncio."""
        assert self._transport is not None
        self._transport.sendto(answer_datagram(self._identity, Client.of(peer), data), peer)
