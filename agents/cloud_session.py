"""A host's sessions with the cloud process: what it is asked, one after another, for ever.

A session is the host's part of one stream (`agents.line`). The cloud answers every
Hello with the whole desired state, so nothing has to be carried over from one
session to the next, and nothing is: reports and probe replies answer the session
that asked, or nobody.

Which state to work on, and what happens to it, is `agents.agent`'s business.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container, Coroutine, Mapping
from contextlib import AbstractContextManager
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Protocol

from agents.line import Member, Say, Succession
from lab.contract.state_parts import Parts
from lab.contract.v1 import agent_pb2

logger = logging.getLogger(__name__)

Start = Callable[[Coroutine[None, None, None], str], asyncio.Task[None]]
"""Have something run, under a name, as one of the host's own tasks."""

PROBE_GRACE = 5.0
"""Seconds beyond its deadline after which a probe counts as hung."""


class Probing(Protocol):
    """What answers the cloud's questions: `agents.probes.runner.ProbeRunner`."""

    async def run(
        self,
        request: agent_pb2.ProbeRequest,
        reply: Callable[[agent_pb2.ProbeReply], Awaitable[None]],
    ) -> None:
        """Answer `request` by calling `reply`, at the latest when its deadline has passed."""


class HasMembers(Protocol):
    """The way to the cloud process: `agents.line.Line`."""

    def on(self, member: Member) -> AbstractContextManager[None]:
        """Have `member` take part in every stream while the block lasts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a session asks the host to be; undecoded, because a newer one may follow at once."""

    session: "Session"
    revision: int
    node_state: Parts
    ask: int
    """Number of the request within the session, to be repeated in the report."""
    afresh: bool = False
    """Nothing new is wanted: the cloud asks to look at the whole host once more."""


class Session:
    """A host's part of one stream, from Hello to its end."""

    def __init__(
        self,
        say: Say,
        *,
        start: Start,
        probes: Probing,
        demand: Callable[[Demand], None],
        probe_grace: float = PROBE_GRACE,
    ) -> None:
        """`start` has the probes run."""
        self._say = say
        self._start = start
        self._probes = probes
        self._demand = demand
        self._probe_grace = probe_grace
        self._newest: Demand | None = None
        self._parts: tuple[int, ...] = ()
        """Numbers of those that make up what is wanted."""
        self._ended = False
        self._probing: dict[int, asyncio.Task[None]] = {}

    def send(self, message: agent_pb2.AgentMessage) -> None:
        """Say `message` after everything said before; forgotten when the session has ended."""
        if not self._ended:
            self._say(message)

    def end(self) -> None:
        """Give up what was asked: nobody waits for it any more."""
        self._ended = True
        for probe in list(self._probing.values()):
            probe.cancel()

    def take(self, message: agent_pb2.CloudMessage, parts: Mapping[int, bytes]) -> None:
        """Hear what the cloud process says; `parts` by number, as `agents.line` has them."""
        match message.WhichOneof("message"):
            case "desired_state":
                desired = message.desired_state
                self._want(tuple(desired.parts), parts, revision=desired.revision, ask=desired.ask)
            case "reconcile" if self._newest is not None:
                self._demand(replace(self._newest, ask=message.reconcile.ask, afresh=True))
            case "probe_request":
                self._begin(message.probe_request)
            case "abandoned_probe":
                if probe := self._probing.get(message.abandoned_probe):
                    probe.cancel()
            case unknown:
                logger.warning("ignored a message of the cloud process: %s", unknown)

    def has(self, parts: Container[int]) -> bool:
        """Whether one of `parts` is of what is wanted, as `agents.line.Member`."""
        return any(number in parts for number in self._parts)

    def succeed(self, succession: Succession, parts: Mapping[int, bytes]) -> None:
        """Hear what the cloud process says to all hosts, as `agents.line.Member`."""
        successors = succession.replacements
        self._want(
            tuple(successors.get(number, number) for number in self._parts),
            parts,
            revision=succession.revision,
            ask=succession.ask,
        )

    def _want(
        self, numbers: tuple[int, ...], parts: Mapping[int, bytes], *, revision: int, ask: int
    ) -> None:
        self._parts = numbers
        self._newest = Demand(
            session=self,
            revision=revision,
            node_state=tuple(parts[number] for number in numbers),
            ask=ask,
        )
        self._demand(self._newest)

    def _begin(self, request: agent_pb2.ProbeRequest) -> None:
        name = f"probe {request.id}: {request.WhichOneof('probe')}"
        probe = self._start(self._probe(request), name)
        self._probing[request.id] = probe
        probe.add_done_callback(lambda _: self._probing.pop(request.id))

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
    """Keeps a host in session with the cloud process, as long as it is on the line."""

    def __init__(
        self,
        node: str,
        line: HasMembers,
        *,
        hello: Callable[[], agent_pb2.Hello],
        probes: Probing,
        demand: Callable[[Demand], None],
    ) -> None:
        """`hello` is what a session begins with."""
        self.node = node
        self._line = line
        self._hello = hello
        self._probes = probes
        self._demand = demand
        self._start: Start | None = None
        self._session: Session | None = None

    async def run(self) -> None:
        """Be on the line until cancelled; on return nothing that was asked goes on."""
        # The stream is all hosts': what it has started for this one is still this one's.
        context = copy_context()
        async with asyncio.TaskGroup() as tasks:
            self._start = lambda work, name: tasks.create_task(work, name=name, context=context)
            with self._line.on(self):
                await asyncio.Event().wait()

    def send(self, message: agent_pb2.AgentMessage) -> None:
        """Say `message` in the session that there is; forgotten when there is none."""
        if self._session is not None:
            self._session.send(message)

    def begin(self, say: Say) -> agent_pb2.Hello:
        """A stream is there: as `agents.line.Member`."""
        assert self._start is not None
        self._session = Session(say, start=self._start, probes=self._probes, demand=self._demand)
        return self._hello()

    def take(self, message: agent_pb2.CloudMessage, parts: Mapping[int, bytes]) -> None:
        """The cloud process says something: as `agents.line.Member`."""
        if self._session is not None:
            self._session.take(message, parts)

    def has(self, parts: Container[int]) -> bool:
        """Whether it was told one of `parts`: as `agents.line.Member`."""
        return self._session is not None and self._session.has(parts)

    def succeed(self, succession: Succession, parts: Mapping[int, bytes]) -> None:
        """The cloud process says something to all hosts: as `agents.line.Member`."""
        if self._session is not None:
            self._session.succeed(succession, parts)

    def end(self) -> None:
        """The stream has ended: as `agents.line.Member`."""
        if self._session is not None:
            self._session.end()
            self._session = None
