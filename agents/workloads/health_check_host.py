"""Health check node ports, made to match what is desired.

Their sockets live in the node's namespace, one for each Service that has such a port; what
they answer changes under them.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from agents.workloads.desired import NODE_PIN, Phase, WorkloadStatus
from agents.workloads.health_checks import HealthCheck, health_service
from agents.workloads.platform_protocols import HttpConnection
from agents.workloads.sockets import NamespaceSockets, Opening
from lab.contract.node_state import ContainerPort, Protocol

HEALTH_CHECKS = "health-checks"
"""In place of a pod's uid: the status of the ports."""


@dataclass(slots=True, kw_only=True)
class _Listening:
    """A port that is answered."""

    server: asyncio.AbstractServer
    connections: set[asyncio.Transport] = field(default_factory=set)


class HealthCheckHost:
    """Starts and ends the answering of ports."""

    def __init__(self, sockets: NamespaceSockets) -> None:
        self._sockets = sockets
        self._checks: dict[int, HealthCheck] = {}
        self._listening: dict[int, _Listening] = {}
        self._reasons: dict[int, str] = {}
        """Why a port isn't answered."""

    @property
    def statuses(self) -> tuple[WorkloadStatus, ...]:
        """How the ports are; none when there are none."""
        if not self._checks:
            return ()
        phase = Phase.FAILED if self._reasons else Phase.RUNNING
        reason = "; ".join(f"healthCheckNodePort: {why}" for why in self._reasons.values())
        return (WorkloadStatus(uid=HEALTH_CHECKS, phase=phase, reason=reason),)

    async def apply(self, checks: Sequence[HealthCheck]) -> None:
        """Have exactly these answered; what failed before is tried again."""
        self._checks = {check.port: check for check in checks}
        self._reasons = {}
        self._end([port for port in self._listening if port not in self._checks])
        await self._listen([port for port in self._checks if port not in self._listening])

    def close(self) -> None:
        """Answer nobody any more."""
        self._checks = {}
        self._end(list(self._listening))

    def _end(self, ports: Sequence[int]) -> None:
        for port in ports:
            listening = self._listening.pop(port)
            listening.server.close()
            for connection in list(listening.connections):
                connection.abort()

    async def _listen(self, ports: Sequence[int]) -> None:
        if not ports:
            return
        loop = asyncio.get_running_loop()
        wanted = tuple(ContainerPort(protocol=Protocol.TCP, port=port) for port in ports)
        opening = Opening(pin=NODE_PIN, ports=wanted)
        (outcomes,) = await loop.run_in_executor(
            self._sockets.thread, self._sockets.open, [opening]
        )
        for port, outcome in zip(ports, outcomes, strict=True):
            if isinstance(outcome, str):
                self._reasons[port] = outcome
                continue
            connections: set[asyncio.Transport] = set()
            respond = health_service(self._looking_up(port))
            connection = partial(HttpConnection, respond, connections)
            server = await loop.create_server(connection, sock=outcome)
            self._listening[port] = _Listening(server=server, connections=connections)

    def _looking_up(self, port: int) -> Callable[[], HealthCheck]:
        return lambda: self._checks[port]
