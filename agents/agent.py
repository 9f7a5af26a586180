"""The loop of one host: the newest demand in, a round of the reconciler, a report out.

Level-triggered: only the newest demand counts, whatever came between was never
looked at. A host that does not match after a round is looked at again by itself,
after waits that double to a bound, until it matches or something newer is wanted.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextvars import Context, copy_context
from functools import partial
from importlib.metadata import version
from typing import Protocol

from agents.cloud_session import CloudSession, Demand, Probing
from agents.dialling import Backoff
from agents.line import Line
from lab.contract.condition import Condition, ConditionStatus, to_wire
from lab.contract.node_state import NodeState
from lab.contract.state_parts import Parts, assembled
from lab.contract.v1 import agent_pb2
from lab.contract.wire import CodecError

logger = logging.getLogger(__name__)

VERSION = version("vnetlab")
"""Read at import so that forked agents share it."""

RETRIES = Backoff(first=0.1, bound=5.0)
"""Waits before a host that does not match is looked at again."""


GRACE = 0.02
"""Seconds before a round follows what was begun ahead of it: other processes of hosts may still
be at what is urgent, and a round takes several times as long."""


class Round(Protocol):
    """What a round of the reconciler did: `agents.reconciler.Round`."""

    @property
    def operations(self) -> int:
        """Operations executed; 0: the host already matched."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """One per object of the host."""

    @property
    def pods_attached(self) -> int:
        """Pods of the state that are there."""


class Reconciling(Protocol):
    """What makes the host match: `agents.reconciler.Reconciler`."""

    def anticipate(self, before: Parts, after: Parts) -> "asyncio.Future[int] | None":
        """Begin at once with what is quickly done of the way from a state that is matched.

        The result is the number of operations executed; None: there is nothing to begin with.
        Raises `lab.contract.wire.CodecError` when `after` is no state.
        """

    async def reconcile(self, state: NodeState, *, afresh: bool = False) -> Round:
        """One round; a failing object is a condition, never an exception."""


class Timer(Protocol):
    """Something that would happen later."""

    def cancel(self) -> None:
        """Let it not happen."""


CallLater = Callable[[float, Callable[[], None]], Timer]
"""As `asyncio.AbstractEventLoop.call_later`."""


class Agent:
    """Keeps one host at what the cloud process wants."""

    def __init__(
        self,
        node: str,
        *,
        line: Line,
        reconciler: Reconciling,
        probes: Probing,
        matched: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`line` leads to the cloud process, for all hosts of this one. `matched` hears every
        revision that the host came to match, once it is reported.
        """
        self._matched = matched
        self._reconciler = reconciler
        self._newest: Demand | None = None
        self._afresh = False
        """Whether the next round has to look at everything."""
        self._due = asyncio.Event()
        self._reached = 0
        self._matching: Parts | None = None
        """The state that the host was seen to match last; None: it was not, or may not any more."""
        self._ahead: asyncio.Future[int] | None = None
        """What the next round was begun with."""
        self._call_later: CallLater | None = None
        self._context: Context | None = None
        """The host's own, by which the log tells it; None: it isn't kept yet."""
        self._health: Mapping[str, bool] = {}
        self._session = CloudSession(
            node, line, hello=self._hello, probes=probes, demand=self.demand
        )

    def demand(self, demand: Demand) -> None:
        """Let `demand` be the one that counts."""
        self._newest = demand
        self._afresh |= demand.afresh
        # Many hosts hear of a change at once: what is quick is done for all of them before the
        # first one begins with a round.
        if (begun := self._begun(demand)) is None:
            self._due.set()
        else:
            self._ahead = begun
            begun.add_done_callback(self._go_on)

    def _go_on(self, begun: "asyncio.Future[int]") -> None:
        assert self._call_later is not None
        self._call_later(GRACE, partial(self._follow, begun))

    def _follow(self, begun: "asyncio.Future[int]") -> None:
        # Unless a round that was due for another reason has gone on with it already.
        if self._ahead is begun:
            self._due.set()

    def _begun(self, demand: Demand) -> "asyncio.Future[int] | None":
        before, self._matching = self._matching, None
        if before is None or demand.afresh or self._context is None:
            return None
        try:
            return self._context.run(self._reconciler.anticipate, before, demand.node_state)
        except CodecError:
            # The round will say so.
            return None

    def look_again(self) -> None:
        """Something about the host may have changed: a round is due."""
        self._due.set()

    def tell_health(self, health: Mapping[str, bool]) -> None:
        """Have the cloud process know what load balancers' probes have found, if that is new."""
        # What a new workloads process doesn't know yet is as it was.
        known = {**self._health, **health}
        if known != self._health:
            self._health = known
            self._session.send(agent_pb2.AgentMessage(backend_health=_health(known)))

    async def run(self) -> None:
        """Stay on the line and keep the host until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._session.run(), name="cloud session")
            tasks.create_task(self.keep(), name="rounds")

    async def keep(self, *, call_later: CallLater | None = None) -> None:
        """Round after round, whenever one is due.

        `call_later` runs what can wait; None: the running loop's.
        """
        call_later = self._call_later = call_later or asyncio.get_running_loop().call_later
        self._context = copy_context()
        worked_on: Demand | None = None
        waits: Iterator[float] = RETRIES.waits()
        while True:
            await self._due.wait()
            self._due.clear()
            demand = self._newest
            if demand is None:
                continue
            if demand is not worked_on:
                waits = RETRIES.waits()
                worked_on = demand
            afresh, self._afresh = self._afresh, False
            report = await self._round(demand, afresh=afresh)
            demand.session.send(agent_pb2.AgentMessage(report=report))
            if all(c.status == agent_pb2.CONDITION_STATUS_APPLIED for c in report.conditions):
                self._reached = demand.revision
                self._matching = demand.node_state
                self._matched(demand.revision)
                continue
            self._afresh = True
            if not self._due.is_set():
                retry = call_later(next(waits), self._due.set)
                await self._due.wait()
                retry.cancel()

    def _hello(self) -> agent_pb2.Hello:
        return agent_pb2.Hello(
            revision=self._reached,
            version=VERSION,
            backend_health=_health(self._health) if self._health else None,
        )

    async def _round(self, demand: Demand, *, afresh: bool) -> agent_pb2.Report:
        begun, self._ahead, self._matching = self._ahead, None, None
        try:
            ahead = 0 if begun is None else await begun
            state = assembled(demand.node_state)
            done = await self._reconciler.reconcile(state, afresh=afresh)
        except Exception as error:
            # The caller of an apply has to hear of it; the host keeps forwarding as it is.
            logger.exception("revision %d: round failed", demand.revision)
            failure = Condition(
                object="agent",
                status=ConditionStatus.FAILED,
                reason=f"{error!r} (a bug of the agent, or a newer cloud process)",
            )
            return agent_pb2.Report(
                revision=demand.revision, ask=demand.ask, conditions=[to_wire(failure)]
            )
        operations = ahead + done.operations
        logger.info("revision %d: %d operations", demand.revision, operations)
        return agent_pb2.Report(
            revision=demand.revision,
            ask=demand.ask,
            conditions=[to_wire(condition) for condition in done.conditions],
            operations=operations,
            pods_attached=done.pods_attached,
        )


def _health(known: Mapping[str, bool]) -> agent_pb2.BackendHealth:
    return agent_pb2.BackendHealth(
        up=sorted(name for name, up in known.items() if up),
        down=sorted(name for name, up in known.items() if not up),
    )
