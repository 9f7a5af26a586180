"""The agents' end of gRPC: whose stream it is, what goes down it, what comes up."""

import asyncio
import logging
from contextlib import suppress

import grpc

from lab.contract.condition import from_wire
from lab.contract.v1 import agent_pb2, agent_pb2_grpc
from lab.control.convergence import Convergence, Report
from lab.control.health import Health
from lab.control.sessions import AgentSession, SessionEnded, Sessions

logger = logging.getLogger(__name__)

Context = grpc.aio.ServicerContext[agent_pb2.AgentMessage, agent_pb2.CloudMessage]


class AgentService(agent_pb2_grpc.AgentServiceServicer):
    """Serves one stream per agent."""

    def __init__(
        self, *, sessions: Sessions, convergence: Convergence, health: Health, verify: bool
    ) -> None:
        """`verify`: an agent must be who its certificate says (mutual TLS)."""
        self._sessions = sessions
        self._convergence = convergence
        self._health = health
        self._verify = verify

    async def Session(  # type: ignore[override]  # the generated stub knows generators only
        self, _: object, context: Context
    ) -> None:
        """One agent, from its Hello until either end closes.

        Ends with INVALID_ARGUMENT when the first message is no Hello,
        PERMISSION_DENIED when the agent's certificate is another node's, and
        ABORTED when a newer session of the same node replaces this one.
        """
        hello = await self._greeted(context)
        node = hello.node
        self._heard(node, hello.backend_health)
        session = self._sessions.open(node)
        self._convergence.connected(node)
        logger.info("the agent of %s is here", node)
        try:
            await self._converse(session, context)
            replaced = self._sessions.get(node) is not session
        finally:
            if self._sessions.close(session):
                self._convergence.disconnected(node)
                logger.info("the agent of %s is gone", node)
        if replaced:
            await context.abort(
                grpc.StatusCode.ABORTED,
                f"a newer session of {node} has taken the place of this one",
            )

    def _heard(self, node: str, health: agent_pb2.BackendHealth) -> None:
        self._health.heard(node, up=health.up, down=health.down)

    async def _greeted(self, context: Context) -> agent_pb2.Hello:
        first = await context.read()
        if not isinstance(first, agent_pb2.AgentMessage) or not first.hello.node:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                "a session begins with a Hello that names its node",
            )
        node = first.hello.node
        if self._verify:
            names = context.auth_context().get("x509_common_name", [])
            if names != [node.encode()]:
                certified = ", ".join(name.decode(errors="replace") for name in names) or "nobody"
                await context.abort(
                    grpc.StatusCode.PERMISSION_DENIED,
                    f"the certificate is for {certified}, not for {node}",
                )
        return first.hello

    async def _converse(self, session: AgentSession, context: Context) -> None:
        """Both directions at once, until one of them ends."""
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(
                self._listen(session, context), name=f"listening to {session.node}"
            )
            speaking = tasks.create_task(
                self._speak(session, context), name=f"speaking to {session.node}"
            )
            await asyncio.wait({listening, speaking}, return_when=asyncio.FIRST_COMPLETED)
            listening.cancel()
            speaking.cancel()

    async def _speak(self, session: AgentSession, context: Context) -> None:
        with suppress(SessionEnded):
            while True:
                await context.write(await session.next())

    async def _listen(self, session: AgentSession, context: Context) -> None:
        while isinstance(message := await context.read(), agent_pb2.AgentMessage):
            if session.ended:
                # A newer session speaks for the node; this one's last words are out of date.
                return
            match message.WhichOneof("message"):
                case "report":
                    self._convergence.report(session.node, _report(message.report))
                case "backend_health":
                    self._heard(session.node, message.backend_health)
                case "probe_reply":
                    session.answer(message.probe_reply)
                case unknown:
                    logger.warning("ignored a message of %s: %s", session.node, unknown)


def _report(message: agent_pb2.Report) -> Report:
    return Report(
        revision=message.revision,
        ask=message.ask,
        conditions=tuple(map(from_wire, message.conditions)),
        operations=message.operations,
        pods_attached=message.pods_attached,
    )
