"""Hosts without a kernel: what an agent makes of a desired state, for the test to see and steer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from lab.contract.condition import Condition, ConditionStatus
from lab.contract.node_state import NodeState
from lab.contract.state_parts import Parts
from lab.contract.v1.agent_pb2 import CommandResult, ProbeReply, ProbeRequest

APPLIED = Condition(object="node", status=ConditionStatus.APPLIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """As `agents.reconciler.Round`."""

    operations: int
    conditions: tuple[Condition, ...]
    pods_attached: int


@dataclass(kw_only=True)
class Host:
    """A host that becomes what it is told: an operation whenever it was something else."""

    is_now: NodeState | None = None
    """None: nothing was ever brought about, or all of it drifted away."""
    conditions: tuple[Condition, ...] = (APPLIED,)
    rounds: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """While cleared, a round does not end."""
    began: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by every round."""

    def __post_init__(self) -> None:
        self.idle.set()

    def anticipate(self, before: Parts, after: Parts) -> None:
        """It has no routes."""

    async def reconcile(self, state: NodeState, *, afresh: bool = False) -> Round:
        """Become `state`."""
        del afresh
        self.rounds += 1
        self.began.set()
        await self.idle.wait()
        changed = self.is_now != state
        self.is_now = state
        return Round(
            operations=int(changed), conditions=self.conditions, pods_attached=len(state.pods)
        )


class Answers:
    """Answers every probe with the words of its command; ``hang`` never ends."""

    def __init__(self) -> None:
        self.hanging = asyncio.Event()
        self.given_up = asyncio.Event()

    async def run(
        self, request: ProbeRequest, reply: Callable[[ProbeReply], Awaitable[None]]
    ) -> None:
        """As `agents.probes.runner.ProbeRunner`."""
        words = list(request.command.argv)
        if "capture" in words:
            await reply(ProbeReply(id=request.id, capture_started=True))
        if "hang" in words:
            self.hanging.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.given_up.set()
        text = " ".join([*words, "in", request.place.WhichOneof("place") or "nowhere"])
        await reply(ProbeReply(id=request.id, command=CommandResult(stdout=text.encode())))
