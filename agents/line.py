"""The line to the cloud process: one stream for all hosts of a process, for ever.

A change of a lab reaches many hosts at once. On one stream what is for the hosts of a
process comes together, and what they answer while it is busy leaves together.

A stream begins with a Hello of every host and ends for whatever reason; the next
one follows after a short wait that grows to a bound. What is said on it to and by one
host is that host's session (`agents.cloud_session`).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import grpc

from agents.dialling import Backoff, channel_to, knock
from lab.contract.credentials import Credentials
from lab.contract.v1 import agent_pb2, agent_pb2_grpc

logger = logging.getLogger(__name__)

Say = Callable[[agent_pb2.AgentMessage], None]
"""Say something on a stream after everything said before; for nobody once it has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """What becomes of the states of all hosts."""

    revision: int
    ask: int
    replacements: Mapping[int, int]
    """Parts in place of others, by their numbers."""


class Member(Protocol):
    """A host that is on the line."""

    @property
    def node(self) -> str:
        """Its name."""

    def begin(self, say: Say) -> agent_pb2.Hello:
        """A stream is there, and this is what it begins with."""

    def take(self, message: agent_pb2.CloudMessage, parts: Mapping[int, bytes]) -> None:
        """The cloud process says something to the host.

        `parts`: of desired states, by the numbers that the stream has given them.
        """

    def has(self, parts: Container[int]) -> bool:
        """Whether one of `parts`, by their numbers, is of what the host was told last."""

    def succeed(self, succession: Succession, parts: Mapping[int, bytes]) -> None:
        """The cloud process says something to all hosts; `parts` as in `take`."""

    def end(self) -> None:
        """The stream that began last has ended."""


class Stream(Protocol):
    """What comes from the cloud process; raises `grpc.aio.AioRpcError` when it breaks."""

    def __aiter__(self) -> AsyncIterator[agent_pb2.CloudMessages]:
        """One message after another, until the cloud process ends the stream."""

    def cancel(self) -> object:
        """End the stream, if it has not ended."""


OpenStream = Callable[[AsyncIterator[agent_pb2.AgentMessages]], Stream]


class Conversation:
    """One stream, from the Hellos to its end."""

    def __init__(self) -> None:
        self.heard = False
        """Whether the cloud has said anything: the stream was more than an attempt."""
        self._members: dict[str, Member] = {}
        self._outgoing: list[agent_pb2.AgentMessage] = []
        self._wake = asyncio.Event()
        self._ended = False

    def join(self, member: Member) -> None:
        """Let `member` take part from now on."""
        self._members[member.node] = member
        say = partial(self._say, member.node)
        say(agent_pb2.AgentMessage(hello=member.begin(say)))

    def leave(self, member: Member) -> None:
        """Let `member` take part no more, and say so."""
        del self._members[member.node]
        member.end()
        self._say(member.node, agent_pb2.AgentMessage(farewell=agent_pb2.Farewell()))

    async def run(self, stream: OpenStream) -> str:
        """Listen and speak until the stream ends; returns why it did."""
        call = stream(self._speech())
        try:
            return await self._listen(call)
        finally:
            self._ended = True
            self._wake.set()
            for member in self._members.values():
                member.end()
            call.cancel()

    def _say(self, node: str, message: agent_pb2.AgentMessage) -> None:
        if not self._ended:
            message.node = node
            self._outgoing.append(message)
            self._wake.set()

    async def _speech(self) -> AsyncIterator[agent_pb2.AgentMessages]:
        while not self._ended:
            self._wake.clear()
            if self._outgoing:
                messages, self._outgoing = self._outgoing, []
                yield agent_pb2.AgentMessages(messages=messages)
            else:
                await self._wake.wait()

    async def _listen(self, call: Stream) -> str:
        parts: dict[int, bytes] = {}
        try:
            async for batch in call:
                self.heard = True
                parts |= {part.number: part.node_state for part in batch.parts}
                if batch.HasField("succession"):
                    self._succeed(_succession(batch.succession), parts)
                for message in batch.messages:
                    # A host may have gone since this was said to it.
                    if member := self._members.get(message.node):
                        member.take(message, parts)
                for number in batch.forgotten_parts:
                    parts.pop(number, None)
        except grpc.aio.AioRpcError as error:
            return f"{error.code().name}: {error.details()}"
        return "the cloud process ended it"

    def _succeed(self, succession: Succession, parts: Mapping[int, bytes]) -> None:
        """Those for whom something changes hear it first: the others only note its number."""
        others = []
        for member in list(self._members.values()):
            if member.has(succession.replacements):
                member.succeed(succession, parts)
            else:
                others.append(member)
        for member in others:
            member.succeed(succession, parts)


def _succession(message: agent_pb2.Succession) -> Succession:
    return Succession(
        revision=message.revision,
        ask=message.ask,
        replacements={each.old: each.new for each in message.replacements},
    )


class Line:
    """Keeps a stream to the cloud process, whatever happens to either."""

    def __init__(
        self,
        target: str,
        credentials: Credentials | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`sleep` waits between attempts."""
        self._target = target
        self._credentials = credentials
        self._sleep = sleep
        self._members: list[Member] = []
        self._conversation: Conversation | None = None

    @contextmanager
    def on(self, member: Member) -> Iterator[None]:
        """Have `member` take part in every stream from now on, while the block lasts."""
        self._members.append(member)
        if self._conversation is not None:
            self._conversation.join(member)
        try:
            yield
        finally:
            self._members.remove(member)
            if self._conversation is not None:
                self._conversation.leave(member)

    async def run(self) -> None:
        """Have a stream, one after the other, until cancelled.

        Raises `OSError` when a file of the credentials can't be read.
        """
        waits = Backoff.towards(self._target).waits()
        while True:
            if await self._attend():
                waits = Backoff.towards(self._target).waits()
            await self._sleep(next(waits))

    async def _attend(self) -> bool:
        """One attempt at a stream, to its end; returns whether the cloud was there."""
        if not await knock(self._target):
            return False
        async with channel_to(self._target, self._credentials) as channel:
            conversation = Conversation()
            for member in self._members:
                conversation.join(member)
            self._conversation = conversation
            try:
                ended = await conversation.run(agent_pb2_grpc.AgentServiceStub(channel).Connect)
            finally:
                self._conversation = None
        logger.info("stream ended: %s", ended)
        return conversation.heard
