"""Runs one probe at a time of many: picks its module, bounds it, answers for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from agents.config import AgentConfig
from agents.probes import command, dns, http, ping, tcp, udp
from agents.probes.capture import RunningCaptures
from agents.probes.place import entry_of, namespace_of
from agents.probes.sockets import OpenSocket, open_in_namespace
from agents.probes.tool import Output, ProbeError, output_of
from lab.contract.v1.agent_pb2 import ProbeReply, ProbeRequest

logger = logging.getLogger(__name__)

Reply = Callable[[ProbeReply], Awaitable[None]]

DEFAULT_DEADLINE = 10.0
"""Seconds for a request that names no deadline."""


class ProbeRunner:
    """All probes of one host. Several `run` at once; only captures know of each other."""

    def __init__(
        self, config: AgentConfig, *, open_socket: OpenSocket = open_in_namespace
    ) -> None:
        self._config = config
        self._open_socket = open_socket
        self._captures = RunningCaptures()

    async def run(self, request: ProbeRequest, reply: Reply) -> None:
        """Make a probe and answer with what came of it; cancelling ends all that it started.

        The last answer is the only one that is not ``capture_started``. What
        keeps the probe from being made is an answer too, never an exception.
        """
        try:
            answer = await self._answer(request, reply)
        except ProbeError as error:
            answer = ProbeReply(error=str(error))
        except OSError as error:
            answer = ProbeReply(error=f"the probe could not be made: {error}")
        except ExceptionGroup as group:
            logger.exception("probe failed", extra={"probe": request.WhichOneof("probe")})
            answer = ProbeReply(error=f"the probe could not be made: {group.exceptions[0]}")
        answer.id = request.id
        await reply(answer)

    async def _answer(self, request: ProbeRequest, reply: Reply) -> ProbeReply:
        deadline = request.deadline or DEFAULT_DEADLINE
        match request.WhichOneof("probe"):
            case "ping":
                argv = ping.command_of(request.ping, deadline=deadline)
                return ProbeReply(ping=ping.result_of(await self._run(request, argv)))
            case "dns":
                argv = dns.command_of(request.dns, deadline=deadline)
                return ProbeReply(dns=dns.result_of(await self._run(request, argv)))
            case "http":
                argv = http.command_of(request.http, deadline=deadline)
                return ProbeReply(http=http.result_of(await self._run(request, argv)))
            case "command":
                argv = command.command_of(request.command)
                return ProbeReply(command=command.result_of(await self._run(request, argv)))
            case "tcp":
                connection = await tcp.connect(
                    request.tcp,
                    namespace=self._namespace(request),
                    deadline=deadline,
                    open_socket=self._open_socket,
                )
                return ProbeReply(connection=connection)
            case "udp":
                connection = await udp.exchange(
                    request.udp,
                    namespace=self._namespace(request),
                    deadline=deadline,
                    open_socket=self._open_socket,
                )
                return ProbeReply(connection=connection)
            case "capture":
                return await self._capture(request, reply, deadline=deadline)
            case "stop_capture":
                self._captures.stop(request.stop_capture.token)
                return ProbeReply()
            case unknown:
                raise ProbeError(f"this agent does not know the probe {unknown!r}; is it older?")

    async def _capture(
        self, request: ProbeRequest, reply: Reply, *, deadline: float
    ) -> ProbeReply:
        async def on_started() -> None:
            await reply(ProbeReply(id=request.id, capture_started=True))

        result = await self._captures.run(
            request.capture,
            prefix=self._prefix(request),
            deadline=deadline,
            on_started=on_started,
        )
        return ProbeReply(capture=result)

    async def _run(self, request: ProbeRequest, argv: Sequence[str]) -> Output:
        deadline = request.deadline or DEFAULT_DEADLINE
        return await output_of([*self._prefix(request), *argv], deadline=deadline, tool=argv[0])

    def _prefix(self, request: ProbeRequest) -> Sequence[str]:
        self._namespace(request)
        return entry_of(request.place, self._config)

    def _namespace(self, request: ProbeRequest) -> Path:
        """Where the place is pinned. Raises `ProbeError` when it is not there (yet)."""
        pin = namespace_of(request.place, self._config)
        if not pin.exists():
            raise ProbeError(f"{pin.name} does not exist on {self._config.node} (yet, or any more)")
        return pin
