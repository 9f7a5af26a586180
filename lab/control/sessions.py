"""The one session of each agent: what it still has to be told, and whom to tell what it answers.

Pure bookkeeping on one event loop; streams, each of which carries the sessions of the
hosts of one process, are `lab.control.agent_service`'s. A session holds a slot, not a
queue: the newest desired state replaces one that the stream had not taken yet, so
that a slow agent holds up nobody and hears only what still counts. Probes are
questions of their own and all delivered, in order.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType

from lab.contract.state_parts import Parts
from lab.contract.v1 import agent_pb2
from lab.control.outbox import Goal, Outbox
from lab.control.told_parts import ToldParts

NOBODY: Mapping[str, Parts] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What all agents are to bring about."""

    revision: int
    ask: int
    """Grows with every request to look at the hosts again, also at the same revision."""
    states: Mapping[str, Parts]
    """Encoded desired state by node."""


NOTHING = Target(revision=0, ask=0, states=NOBODY)


class SessionEnded(Exception):
    """The session is over: a newer one of the same node took its place, or the agent left."""


class Replies:
    """What an agent answers to one probe."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[agent_pb2.ProbeReply | None] = asyncio.Queue()

    def put(self, reply: agent_pb2.ProbeReply | None) -> None:
        """One more reply; None: there will be none, the agent is gone."""
        self._queue.put_nowait(reply)

    async def next(self) -> agent_pb2.ProbeReply:
        """The next reply. Raises `SessionEnded` when the agent is gone."""
        reply = await self._queue.get()
        if reply is None:
            raise SessionEnded
        return reply


class AgentSession:
    """What one agent still has to be told."""

    def __init__(self, node: str, outbox: Outbox) -> None:
        """`outbox` is that of the stream which carries the session."""
        self.node = node
        self.outbox = outbox
        self.ended = False
        self._desired: Target | None = None
        self._reconcile: agent_pb2.Reconcile | None = None
        self._told = NOTHING.revision
        self._asides: list[agent_pb2.CloudMessage] = []
        self._replies: dict[int, Replies] = {}
        self._last_probe = 0

    def want(self, target: Target, *, amended: bool = False) -> None:
        """Let `target` be what the agent hears next, in place of any older one.

        An agent that was told the same revision in this session is only asked
        to look at its host again, unless what the revision is for it was `amended`.
        """
        if self.node not in target.states:
            return
        if self._told == target.revision and not amended:
            self._reconcile = agent_pb2.Reconcile(ask=target.ask)
        else:
            self._desired = target
            self._reconcile = None
        self.outbox.due(self)

    @property
    def goal(self) -> Target | None:
        """What the agent is to hear of, if that is all that there is to say."""
        more = self.ended or self._reconcile is not None or self._asides
        return None if more else self._desired

    def tell(self, goal: Goal) -> None:
        """The agent has heard of its `goal`."""
        self._desired = None
        self._told = goal.revision

    @contextmanager
    def probe(self, request: agent_pb2.ProbeRequest) -> Iterator[Replies]:
        """Ask the agent; when the block ends before the last reply, the agent gives up too."""
        self._last_probe += 1
        number = self._last_probe
        numbered = agent_pb2.ProbeRequest()
        numbered.CopyFrom(request)
        numbered.id = number
        replies = self._replies[number] = Replies()
        if self.ended:
            replies.put(None)
        self._say(agent_pb2.CloudMessage(probe_request=numbered))
        try:
            yield replies
        finally:
            if self._replies.pop(number, None) is not None:
                self._say(agent_pb2.CloudMessage(abandoned_probe=number))

    def answer(self, reply: agent_pb2.ProbeReply) -> None:
        """Hand `reply` to whoever asked; nobody does any more after the last one."""
        last = reply.WhichOneof("result") != "capture_started"
        replies = self._replies.pop(reply.id, None) if last else self._replies.get(reply.id)
        if replies is not None:
            replies.put(reply)

    def end(self) -> None:
        """Let all waiting probes know that nothing will follow. Idempotent."""
        if self.ended:
            return
        self.ended = True
        self.outbox.told.forget(self.node)
        for replies in self._replies.values():
            replies.put(None)

    def take(self, told: ToldParts) -> list[agent_pb2.CloudMessage]:
        """All that the agent is to hear now, as `lab.control.outbox.Speaker`."""
        messages: list[agent_pb2.CloudMessage] = []
        if self.ended:
            return messages
        if self._desired is not None:
            desired = self._desired
            state = agent_pb2.DesiredState(
                revision=desired.revision,
                ask=desired.ask,
                parts=told.tell(self.node, desired.states[self.node]),
            )
            messages.append(agent_pb2.CloudMessage(node=self.node, desired_state=state))
            self.tell(desired)
        if self._reconcile is not None:
            messages.append(agent_pb2.CloudMessage(node=self.node, reconcile=self._reconcile))
            self._reconcile = None
        messages += self._asides
        self._asides.clear()
        return messages

    def _say(self, message: agent_pb2.CloudMessage) -> None:
        message.node = self.node
        self._asides.append(message)
        self.outbox.due(self)


class Sessions:
    """Every agent that is here."""

    def __init__(self) -> None:
        self._target = NOTHING
        self._sessions: dict[str, AgentSession] = {}

    def open(self, node: str, outbox: Outbox) -> AgentSession:
        """A session for the agent of `node`; an older one of the same node ends.

        So does the stream of that one, if it is another: who speaks there has to hear
        that it speaks for nobody.
        """
        if older := self._sessions.get(node):
            older.end()
            if older.outbox is not outbox:
                older.outbox.end(replaced=node)
        session = self._sessions[node] = AgentSession(node, outbox)
        session.want(self._target)
        return session

    def close(self, session: AgentSession) -> bool:
        """Forget `session`; returns whether its node is without an agent now."""
        session.end()
        if self._sessions.get(session.node) is not session:
            return False
        del self._sessions[session.node]
        return True

    def get(self, node: str) -> AgentSession | None:
        """The session of the agent of `node`; None when it is not here."""
        return self._sessions.get(node)

    def amend(self, node: str, state: Parts) -> None:
        """Let `state` be what the revision that stands is for `node`: something was observed."""
        if self._target.states.get(node) == state:
            return
        states = {**self._target.states, node: state}
        self._target = replace(self._target, states=states)
        if session := self._sessions.get(node):
            session.want(self._target, amended=True)

    def end(self) -> None:
        """End every session and stream; agents come back to whoever listens next."""
        for session in self._sessions.values():
            session.end()
            session.outbox.end()

    def deliver(self, target: Target) -> None:
        """Tell every agent, now and whenever one arrives, of `target`.

        Those for whom something changes hear it first: the others only note its number.
        """
        before, self._target = self._target, target

        def unchanged(session: AgentSession) -> bool:
            return target.states.get(session.node) == before.states.get(session.node)

        for session in sorted(self._sessions.values(), key=unchanged):
            session.want(target)
