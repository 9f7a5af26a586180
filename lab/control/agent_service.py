"""The agents' end of gRPC: whose sessions a stream carries, what goes down it, what comes up."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

import grpc

from lab.contract.condition import from_wire
from lab.contract.v1 import agent_pb2, agent_pb2_grpc
from lab.control.convergence import Convergence, Report
from lab.control.health import Health
from lab.control.outbox import Outbox, StreamEnded
from lab.control.sessions import AgentSession, Sessions

logger = logging.getLogger(__name__)

Context = grpc.aio.ServicerContext[agent_pb2.AgentMessages, agent_pb2.CloudMessages]

_NO_HELLO = "a session begins with a Hello that names its node"


class _Refused(Exception):
    """The stream must not go on."""

    def __init__(self, code: grpc.StatusCode, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


class AgentService(agent_pb2_grpc.AgentServiceServicer):
    """Serves one stream per process of agents."""

    def __init__(
        self, *, sessions: Sessions, convergence: Convergence, health: Health, verify: bool
    ) -> None:
        """`verify`: an agent must be who its certificate says (mutual TLS)."""
        self._sessions = sessions
        self._convergence = convergence
        self._health = health
        self._verify = verify

    async def Connect(  # type: ignore[override]  # the generated stub knows generators only
        self, _: object, context: Context
    ) -> None:
        """The agents of one process, each from its Hello on, until either end closes.

        Ends with INVALID_ARGUMENT when somebody speaks who has said no Hello,
        PERMISSION_DENIED when the certificate is another node's, and ABORTED when a
        newer session of one of the nodes has begun on another stream.
        """
        stream = _Stream(
            self._sessions, self._convergence, self._health, context, verify=self._verify
        )
        await stream.converse()
        if stream.refused is not None:
            await context.abort(stream.refused.code, stream.refused.reason)
        if replaced := stream.outbox.replaced:
            await context.abort(
                grpc.StatusCode.ABORTED,
                f"a newer session of {replaced} has taken the place of this one",
            )


class _Stream:
    """One stream, and the sessions that it carries."""

    def __init__(
        self,
        sessions: Sessions,
        convergence: Convergence,
        health: Health,
        context: Context,
        *,
        verify: bool,
    ) -> None:
        self.outbox = Outbox()
        self.refused: _Refused | None = None
        """Why the stream may not go on."""
        self._sessions = sessions
        self._convergence = convergence
        self._health = health
        self._context = context
        self._verify = verify
        self._own: dict[str, AgentSession] = {}

    async def converse(self) -> None:
        """Both directions at once, until one of them ends."""
        try:
            async with asyncio.TaskGroup() as tasks:
                listening = tasks.create_task(self._listen(), name="listening to agents")
                speaking = tasks.create_task(self._speak(), name="speaking to agents")
                await asyncio.wait({listening, speaking}, return_when=asyncio.FIRST_COMPLETED)
                listening.cancel()
                speaking.cancel()
        finally:
            for session in self._own.values():
                self._close(session)

    async def _speak(self) -> None:
        with suppress(StreamEnded):
            while True:
                await self._context.write(await self.outbox.next())

    async def _listen(self) -> None:
        try:
            while (messages := await self._read()) is not None:
                for message in messages:
                    self._hear(message)
        except _Refused as refused:
            self.refused = refused
        if not self._own:
            self.refused = self.refused or _Refused(grpc.StatusCode.INVALID_ARGUMENT, _NO_HELLO)

    async def _read(self) -> Sequence[agent_pb2.AgentMessage] | None:
        """What agents say next; None when they say no more."""
        batch: object = await self._context.read()
        return batch.messages if isinstance(batch, agent_pb2.AgentMessages) else None

    def _hear(self, message: agent_pb2.AgentMessage) -> None:
        kind = message.WhichOneof("message")
        if kind == "hello":
            self._greet(message.node)
            self._heard(message.node, message.hello.backend_health)
            return
        session = self._own.get(message.node)
        if session is None:
            raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, _NO_HELLO)
        if session.ended:
            # A newer session speaks for the node; this one's last words are out of date.
            return
        match kind:
            case "report":
                self._convergence.report(session.node, _report(message.report))
            case "probe_reply":
                session.answer(message.probe_reply)
            case "backend_health":
                self._heard(session.node, message.backend_health)
            case "farewell":
                self._close(session)
            case unknown:
                logger.warning("ignored a message of %s: %s", session.node, unknown)

    def _heard(self, node: str, health: agent_pb2.BackendHealth) -> None:
        self._health.heard(node, up=health.up, down=health.down)

    def _greet(self, node: str) -> None:
        if not node:
            raise _Refused(grpc.StatusCode.INVALID_ARGUMENT, _NO_HELLO)
        if self._verify:
            names = self._context.auth_context().get("x509_common_name", [])
            if names != [node.encode()]:
                certified = ", ".join(name.decode(errors="replace") for name in names) or "nobody"
                raise _Refused(
                    grpc.StatusCode.PERMISSION_DENIED,
                    f"the certificate is for {certified}, not for {node}",
                )
        self._own[node] = self._sessions.open(node, self.outbox)
        self._convergence.connected(node)
        logger.info("the agent of %s is here", node)

    def _close(self, session: AgentSession) -> None:
        if self._sessions.close(session):
            self._convergence.disconnected(session.node)
            logger.info("the agent of %s is gone", session.node)


def _report(message: agent_pb2.Report) -> Report:
    return Report(
        revision=message.revision,
        ask=message.ask,
        conditions=tuple(map(from_wire, message.conditions)),
        operations=message.operations,
        pods_attached=message.pods_attached,
    )
