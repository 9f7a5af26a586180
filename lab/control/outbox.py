"""What one stream of agents still has to carry, gathered from the sessions of its hosts.

A stream carries one message at a time. What sessions have to say meanwhile goes
together in the next one, so that a change of a lab wakes a process of many hosts once.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Protocol

from lab.contract.state_parts import Parts
from lab.contract.v1 import agent_pb2
from lab.control.told_parts import ToldParts

LARGEST_MESSAGE = 1 << 20
"""Bytes after which a message goes, whatever else there is to say: states may be large."""


class StreamEnded(Exception):
    """Nothing is to be carried any more."""


class Goal(Protocol):
    """What all hosts are to be: `lab.control.sessions.Target`."""

    @property
    def revision(self) -> int:
        """Its number."""

    @property
    def ask(self) -> int:
        """That of the request."""

    @property
    def states(self) -> Mapping[str, Parts]:
        """By host."""


class Speaker(Protocol):
    """A session: `lab.control.sessions.AgentSession`."""

    @property
    def node(self) -> str:
        """The host's name."""

    @property
    def goal(self) -> Goal | None:
        """What the host is to hear of, if that is all that there is to say."""

    def tell(self, goal: Goal) -> None:
        """It has heard of its goal."""

    def take(self, told: ToldParts) -> Iterable[agent_pb2.CloudMessage]:
        """All that there is to say now; it is not said again.

        `told` gives the parts of desired states their numbers.
        """
        ...


class Outbox:
    """Of one stream."""

    def __init__(self) -> None:
        self.replaced = ""
        """The host whose newer session, on another stream, is why this one ended."""
        self.told = ToldParts(most=LARGEST_MESSAGE)
        self._ended = False
        self._due: dict[Speaker, None] = {}
        """Who has something to say, in the order in which they came to it."""
        self._wake = asyncio.Event()

    def due(self, speaker: Speaker) -> None:
        """`speaker` has something to say."""
        self._due[speaker] = None
        self._wake.set()

    def end(self, *, replaced: str = "") -> None:
        """Let `next` know that nothing will follow."""
        self._ended = True
        self.replaced = self.replaced or replaced
        self._wake.set()

    async def next(self) -> agent_pb2.CloudMessages:
        """The next message to carry. Raises `StreamEnded` once the stream is over."""
        while not (self._due or self._ended):
            self._wake.clear()
            await self._wake.wait()
        if self._ended:
            raise StreamEnded
        messages: list[agent_pb2.CloudMessage] = []
        size = 0
        succession = self._succession()
        while self._due and size + self.told.unsaid < LARGEST_MESSAGE:
            speaker = next(iter(self._due))
            del self._due[speaker]
            for message in speaker.take(self.told):
                messages.append(message)
                size += message.ByteSize()
        parts, forgotten = self.told.take()
        return agent_pb2.CloudMessages(
            messages=messages, parts=parts, forgotten_parts=forgotten, succession=succession
        )

    def _succession(self) -> agent_pb2.Succession | None:
        """What is to be said to all hosts of the stream, if it can be said to all at once."""
        speakers = list(self._due)
        goal = speakers[0].goal
        if goal is None or any(speaker.goal is not goal for speaker in speakers):
            return None
        replacements = self.told.succeed({each.node: goal.states[each.node] for each in speakers})
        if replacements is None:
            return None
        for speaker in speakers:
            speaker.tell(goal)
        self._due.clear()
        return agent_pb2.Succession(revision=goal.revision, ask=goal.ask, replacements=replacements)
