"""The host's own services, made to match what is desired.

Their sockets live in the virtual switch, one set per host, opened once; what they
answer changes under them.
"""

import asyncio
from functools import partial

from agents.workloads.desired import Phase, WorkloadStatus
from agents.workloads.exchange import Respond
from agents.workloads.metadata import metadata_service
from agents.workloads.platform import PLATFORM, PLATFORM_PIN, PlatformServices
from agents.workloads.platform_protocols import DnsConnection, DnsDatagrams, HttpConnection
from agents.workloads.resolver import Resolver
from agents.workloads.sockets import NamespaceSockets, Opening
from agents.workloads.wireserver import wireserver
from lab.contract.node_state import Address, ContainerPort, Protocol
from lab.contract.platform import DNS_PORT, HOST_ADDRESS, HTTP_PORT, METADATA_ADDRESS

_SOCKETS: tuple[tuple[Address, Protocol, int], ...] = (
    (HOST_ADDRESS, Protocol.UDP, DNS_PORT),
    (HOST_ADDRESS, Protocol.TCP, DNS_PORT),
    (HOST_ADDRESS, Protocol.TCP, HTTP_PORT),
    (METADATA_ADDRESS, Protocol.TCP, HTTP_PORT),
)


class PlatformHost:
    """Starts and ends the services."""

    def __init__(self, sockets: NamespaceSockets) -> None:
        self._sockets = sockets
        self._services: PlatformServices | None = None
        self._resolver = Resolver(())
        self._listeners: list[asyncio.AbstractServer | asyncio.BaseTransport] = []
        self._connections: set[asyncio.Transport] = set()
        self._reason = ""

    @property
    def statuses(self) -> tuple[WorkloadStatus, ...]:
        """How the services are; none when there are none."""
        if self._services is None:
            return ()
        phase = Phase.FAILED if self._reason else Phase.RUNNING
        return (WorkloadStatus(uid=PLATFORM, phase=phase, reason=self._reason),)

    async def apply(self, services: PlatformServices | None) -> None:
        """Have exactly these answered; what failed before is tried again."""
        if services is None or self._reason:
            await self.close()
        if services != self._services:
            self._services = services
            self._resolver = Resolver(services.zones if services is not None else ())
        if services is not None and not self._listeners:
            await self._listen()

    async def close(self) -> None:
        """Answer nobody any more."""
        for listener in self._listeners:
            listener.close()
        for connection in list(self._connections):
            connection.abort()
        self._listeners, self._reason = [], ""
        # The loop closes aborted connections in its next turn.
        await asyncio.sleep(0)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        openings = [
            Opening(
                pin=PLATFORM_PIN,
                address=str(address),
                ports=(ContainerPort(protocol=protocol, port=port),),
            )
            for address, protocol, port in _SOCKETS
        ]
        outcomes = await loop.run_in_executor(self._sockets.thread, self._sockets.open, openings)
        for (address, protocol, port), (outcome,) in zip(_SOCKETS, outcomes, strict=True):
            if isinstance(outcome, str):
                self._reason = f"{address}: {outcome}"
            elif protocol is Protocol.UDP:
                transport, _ = await loop.create_datagram_endpoint(
                    partial(DnsDatagrams, self._answering), sock=outcome
                )
                self._listeners.append(transport)
            else:
                server = await loop.create_server(
                    partial(self._connection, address, port), sock=outcome
                )
                self._listeners.append(server)

    def _answering(self) -> Resolver:
        return self._resolver

    def _connection(self, address: Address, port: int) -> asyncio.Protocol:
        if port == DNS_PORT:
            return DnsConnection(self._answering, self._connections)
        return HttpConnection(self._http_service(address), self._connections)

    def _http_service(self, address: Address) -> Respond:
        assert self._services is not None
        if address == METADATA_ADDRESS:
            return metadata_service(self._services.instance)
        return wireserver(self._services.interfaces)
