"""Answers the probes of one host: picks what to run, bounds it, replies whatever happens."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.config import AgentConfig
from agents.probes import command, dns, http, ping, tcp, udp
from agents.probes.capture import RunningCaptures
from agents.probes.place import layout_of, place_of, socket_opener
from agents.probes.sockets import OpenSocket
from agents.probes.tool import Output, ProbeError, output_of
from agents.render.entry import entry, network_entry, pin
from lab.contract.v1.agent_pb2 import ConnectionResult, ProbeReply, ProbeRequest

logger = logging.getLogger(__name__)

Reply = Callable[[ProbeReply], Awaitable[None]]

DEFAULT_DEADLINE = 10.0
"""Seconds for a request that names no deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A probe that is one run of a tool: its words, and what they come to mean."""

    words: Callable[[ProbeRequest, float], list[str]]
    """For a request and its deadline."""
    reply: Callable[[Output], ProbeReply]
    reads_files: Callable[[ProbeRequest], bool] = lambda _: True
    """Whether it looks at the place's own files, as resolv.conf."""


TOOLS: Mapping[str, Tool] = {
    "ping": Tool(
        words=lambda request, deadline: ping.command_of(request.ping, deadline=deadline),
        reply=lambda output: ProbeReply(ping=ping.result_of(output)),
        reads_files=lambda request: ping.looks_up_a_name(request.ping),
    ),
    "dns": Tool(
        words=lambda request, deadline: dns.command_of(request.dns, deadline=deadline),
        reply=lambda output: ProbeReply(dns=dns.result_of(output)),
    ),
    "http": Tool(
        words=lambda request, deadline: http.command_of(request.http, deadline=deadline),
        reply=lambda output: ProbeReply(http=http.result_of(output)),
    ),
    "command": Tool(
        words=lambda request, _: command.command_of(request.command),
        reply=lambda output: ProbeReply(command=command.result_of(output)),
    ),
}
"""By the name that the request has for them."""


class ProbeRunner:
    """All probes of one host. Several `run` at once; only captures know of each other."""

    def __init__(self, config: AgentConfig, *, open_socket: OpenSocket | None = None) -> None:
        """`open_socket` is for tests; None: sockets inside this host's places."""
        self._layout = layout_of(config)
        self._node = config.node
        self._open_socket = open_socket or socket_opener(config)
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
        except (OSError, ExceptionGroup) as error:
            logger.exception("probe failed", extra={"probe": request.WhichOneof("probe")})
            answer = ProbeReply(error=f"the probe could not be made: {error}")
        answer.id = request.id
        await reply(answer)

    async def _answer(self, request: ProbeRequest, reply: Reply) -> ProbeReply:
        deadline = request.deadline or DEFAULT_DEADLINE
        match request.WhichOneof("probe"):
            case "tcp" | "udp":
                return ProbeReply(connection=await self._connect(request, deadline=deadline))
            case "capture":
                return await self._capture(request, reply, deadline=deadline)
            case "stop_capture":
                self._captures.stop(request.stop_capture.token)
                return ProbeReply()
            case kind if kind in TOOLS:
                tool = TOOLS[kind]
                words = tool.words(request, deadline)
                argv = [*self._prefix(request, files=tool.reads_files(request)), *words]
                return tool.reply(await output_of(argv, deadline=deadline, tool=words[0]))
            case unknown:
                raise ProbeError(f"this agent does not know the probe {unknown!r}; is it older?")

    async def _connect(self, request: ProbeRequest, *, deadline: float) -> ConnectionResult:
        namespace = self._namespace(request)
        if request.WhichOneof("probe") == "tcp":
            return await tcp.connect(
                request.tcp,
                namespace=namespace,
                deadline=deadline,
                open_socket=self._open_socket,
            )
        return await udp.exchange(
            request.udp, namespace=namespace, deadline=deadline, open_socket=self._open_socket
        )

    async def _capture(self, request: ProbeRequest, reply: Reply, *, deadline: float) -> ProbeReply:
        async def on_started() -> None:
            await reply(ProbeReply(id=request.id, capture_started=True))

        result = await self._captures.run(
            request.capture,
            prefix=self._prefix(request),
            deadline=deadline,
            on_started=on_started,
        )
        return ProbeReply(capture=result)

    def _prefix(self, request: ProbeRequest, *, files: bool = True) -> Sequence[str]:
        self._namespace(request)
        enter = entry if files else network_entry
        return enter(self._layout, place_of(request.place))

    def _namespace(self, request: ProbeRequest) -> Path:
        """Where the place is pinned. Raises `ProbeError` when it is not there."""
        where = pin(self._layout, place_of(request.place))
        if not where.exists():
            raise ProbeError(f"{where.name} is not there on {self._node} (yet, or any more)")
        return where
