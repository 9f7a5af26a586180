"""The agent's end of the stream to the cloud process: one session after another, for ever.

A session begins with a Hello and ends whenever the stream does, for whatever
reason; the next one follows after a short wait that grows to a bound. The cloud
answers every Hello with the whole desired state, so nothing has to be carried
over from one session to the next, and nothing is: reports and probe replies
answer the session that asked, or nobody.

Which state to work on, and what happens to it, is `agents.agent`'s business.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import grpc

from agents.dialling import Backoff, Line, knock
from lab.contract.v1 import agent_pb2, agent_pb2_grpc

logger = logging.getLogger(__name__)

PROBE_GRACE = 5.0
"""Seconds beyond its deadline after which a probe counts as hung."""


class Stream(Protocol):
    """What comes from the cloud process; raises `grpc.aio.AioRpcError` when it breaks."""

    def __aiter__(self) -> AsyncIterator[agent_pb2.CloudMessage]:
        """One message after another, until the cloud process ends the stream."""

    def cancel(self) -> object:
        """End the stream, if it has not ended."""


OpenStream = Callable[[AsyncIterator[agent_pb2.AgentMessage]], Stream]


class Probing(Protocol):
    """What answers the cloud's questions: `agents.probes.runner.ProbeRunner`."""

    async def run(
        self,
        request: agent_pb2.ProbeRequest,
        reply: Callable[[agent_pb2.ProbeReply], Awaitable[None]],
    ) -> None:
        """Answer `request` by calling `reply`, at the latest when its deadline has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a session asks the host to be; undecoded, because a newer one may follow at once."""

    session: "Session"
    revision: int
    node_state: bytes
    ask: int
    """Number of the request within the session, to be repeated in the report."""
    afresh: bool = False
    """Nothing new is wanted: the cloud asks to look at the whole host once more."""


class Session:
    """One stream, from Hello to its end."""

    def __init__(
        self,
        hello: agent_pb2.Hello,
        *,
        probes: Probing,
        demand: Callable[[Demand], None],
        probe_grace: float = PROBE_GRACE,
    ) -> None:
        self._probes = probes
        self._demand = demand
        self._probe_grace = probe_grace
        self._newest: agent_pb2.DesiredState | None = None
        self._outgoing = deque([agent_pb2.AgentMessage(hello=hello)])
        self._wake = asyncio.Event()
        self._ended = False
        self._probing: dict[int, asyncio.Task[None]] = {}
        self.heard = False
        """Whether the cloud has said anything: the session was more than an attempt."""

    def send(self, message: agent_pb2.AgentMessage) -> None:
        """Say `message` after everything said before; forgotten when the session has ended."""
        if not self._ended:
            self._outgoing.append(message)
            self._wake.set()

    async def run(self, stream: OpenStream) -> str:
        """Listen and speak until the stream ends; returns why it did."""
        call = stream(self._speech())
        try:
            async with asyncio.TaskGroup() as tasks:
                try:
                    return await self._listen(call, tasks)
                finally:
                    for probe in list(self._probing.values()):
                        probe.cancel()
        finally:
            self._ended = True
            self._wake.set()
            call.cancel()

    async def _speech(self) -> AsyncIterator[agent_pb2.AgentMessage]:
        while not self._ended:
            self._wake.clear()
            while self._outgoing:
                yield self._outgoing.popleft()
            await self._wake.wait()

    async def _listen(self, call: Stream, tasks: asyncio.TaskGroup) -> str:
        try:
            async for message in call:
                self.heard = True
                self._take(message, tasks)
        except grpc.aio.AioRpcError as error:
            return f"{error.code().name}: {error.details()}"
        return "the cloud process ended it"

    def _take(self, message: agent_pb2.CloudMessage, tasks: asyncio.TaskGroup) -> None:
        match message.WhichOneof("message"):
            case "desired_state":
                self._newest = message.desired_state
                self._want(message.desired_state, ask=message.desired_state.ask)
            case "reconcile" if self._newest is not None:
                self._want(self._newest, ask=message.reconcile.ask, afresh=True)
            case "probe_request":
                request = message.probe_request
                name = f"probe {request.id}: {request.WhichOneof('probe')}"
                task = tasks.create_task(self._probe(request), name=name)
                self._probing[request.id] = task
                task.add_done_callback(lambda _: self._probing.pop(request.id))
            case "abandoned_probe":
                if probe := self._probing.get(message.abandoned_probe):
                    probe.cancel()
            case unknown:
                logger.warning("ignored a message of the cloud process: %s", unknown)

    def _want(self, state: agent_pb2.DesiredState, *, ask: int, afresh: bool = False) -> None:
        self._demand(
            Demand(
                session=self,
                revision=state.revision,
                node_state=state.node_state,
                ask=ask,
                afresh=afresh,
            )
        )

    async def _probe(self, request: agent_pb2.ProbeRequest) -> None:
        async def reply(answer: agent_pb2.ProbeReply) -> None:
            self.send(agent_pb2.AgentMessage(probe_reply=answer))

        try:
            async with asyncio.timeout(request.deadline + self._probe_grace):
                await self._probes.run(request, reply)
        except TimeoutError:
            error = f"the probe did not end within its {request.deadline:g} s"
            await reply(agent_pb2.ProbeReply(id=request.id, error=error))
        except Exception as error:
            # A question that cannot be answered must not end the session.
            logger.exception("probe %d failed", request.id)
            await reply(agent_pb2.ProbeReply(id=request.id, error=f"bug of the agent: {error!r}"))


class CloudSession:
    """Keeps a session with the cloud process, whatever happens to either."""

    def __init__(
        self,
        line: Line,
        *,
        hello: Callable[[], agent_pb2.Hello],
        probes: Probing,
        demand: Callable[[Demand], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`hello` is what a session begins with; `sleep` waits between attempts."""
        self._line = line
        self._hello = hello
        self._probes = probes
        self._demand = demand
        self._sleep = sleep
        self._session: Session | None = None

    def send(self, message: agent_pb2.AgentMessage) -> None:
        """Say `message` in the session that there is; forgotten when there is none."""
        if self._session is not None:
            self._session.send(message)

    async def run(self) -> None:
        """Be in session until cancelled."""
        waits: Iterator[float] = Backoff.towards(self._line.target).waits()
        while True:
            if await self._attend():
                waits = Backoff.towards(self._line.target).waits()
            await self._sleep(next(waits))

    async def _attend(self) -> bool:
        """One attempt at a session, to its end; returns whether the cloud was there."""
        if not await knock(self._line.target):
            return False
        async with self._line.channel() as channel:
            session = Session(self._hello(), probes=self._probes, demand=self._demand)
            self._session = session
            ended = await session.run(agent_pb2_grpc.AgentServiceStub(channel).Session)
        logger.info("session ended: %s", ended)
        return session.heard
