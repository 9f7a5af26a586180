"""CoreDNS on a host: the names of its cluster, all others asked of the platform (semantics 7.1).

The platform is asked from within the pod, by real packets that leave as all packets
of the pod do.
"""

import asyncio
from collections.abc import Iterable
from functools import partial

from agents.workloads.platform_protocols import DnsConnection, DnsDatagrams
from agents.workloads.resolver import Resolver
from agents.workloads.sockets import NamespaceSockets
from lab.contract.node_state import Protocol
from lab.contract.platform import DNS_PORT, HOST_ADDRESS, DnsZone

PATIENCE = 2.0
"""Seconds that the platform has for an answer."""

_LENGTH = 2
_LONGEST = 65535


class ClusterDns:
    """What all CoreDNS pods of a host answer alike."""

    def __init__(self, sockets: NamespaceSockets) -> None:
        self._sockets = sockets
        self._zones: tuple[DnsZone, ...] = ()
        self._resolver = Resolver(())

    def knows(self, zones: Iterable[DnsZone]) -> None:
        """Answer from these from now on."""
        zones = tuple(zones)
        if zones != self._zones:
            self._zones, self._resolver = zones, Resolver(zones)

    def datagrams(self, pin: str) -> DnsDatagrams:
        """A server over UDP for the pod whose namespace that is."""
        return DnsDatagrams(self._answering, partial(self._platform, pin))

    def connection(self, pin: str, connections: set[asyncio.Transport]) -> DnsConnection:
        """The same for a connection."""
        return DnsConnection(self._answering, connections, partial(self._platform, pin))

    def _answering(self) -> Resolver:
        return self._resolver

    async def _platform(self, pin: str, question: bytes, *, datagram: bool) -> bytes:
        """What the platform answers; that it failed, if it doesn't."""
        from agents.workloads.dns_message import failure  # noqa: PLC0415 - with the first question

        try:
            async with asyncio.timeout(PATIENCE):
                return await self._asked(pin, question, datagram=datagram)
        except (OSError, ValueError):
            return failure(question)

    async def _asked(self, pin: str, question: bytes, *, datagram: bool) -> bytes:
        """Raises `OSError`; ValueError for an answer that breaks off."""
        loop = asyncio.get_running_loop()
        protocol = Protocol.UDP if datagram else Protocol.TCP
        calling = await loop.run_in_executor(
            self._sockets.thread, self._sockets.calling, pin, protocol
        )
        with calling:
            await loop.sock_connect(calling, (str(HOST_ADDRESS), DNS_PORT))
            if datagram:
                await loop.sock_sendall(calling, question)
                return await loop.sock_recv(calling, _LONGEST)
            await loop.sock_sendall(calling, len(question).to_bytes(_LENGTH) + question)
            said = b""
            while len(said) < _LENGTH or len(said) < _LENGTH + int.from_bytes(said[:_LENGTH]):
                more = await loop.sock_recv(calling, _LONGEST)
                if not more:
                    raise ValueError("the answer breaks off")
                said += more
            return said[_LENGTH:]
