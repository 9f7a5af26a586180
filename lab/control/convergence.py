"""How far the hosts are: which revision each has reached, what is missing, when that changes.

Pure bookkeeping on one event loop. Nobody polls: whoever follows the way to a
target holds a `Watch`, which wakes on every change and coalesces those that came
meanwhile.
"""

import asyncio
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from lab.contract.condition import Condition, ConditionStatus

AGENT = "agent"
"""Object of the conditions that the cloud process itself states about an agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an agent said after a round."""

    revision: int
    ask: int
    """Newest request that it had heard when the round began."""
    conditions: tuple[Condition, ...] = ()
    operations: int = 0
    pods_attached: int = 0

    @property
    def applied(self) -> bool:
        """Whether the host was seen to match."""
        return all(condition.status is ConditionStatus.APPLIED for condition in self.conditions)

    @property
    def failures(self) -> tuple[Condition, ...]:
        """What the host could not bring about."""
        return tuple(c for c in self.conditions if c.status is ConditionStatus.FAILED)


NO_REPORT = Report(revision=0, ask=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far one host is."""

    connected: bool = False
    report: Report = NO_REPORT
    """The newest."""

    def ready(self, *, revision: int) -> bool:
        """Whether the agent is here and its host matches `revision`."""
        return self.connected and self.report.revision == revision and self.report.applied


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFailure:
    """What is wrong on one host."""

    node: str
    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far all hosts are on the way to one request."""

    nodes_ready: int
    nodes_total: int
    pods_attached: int
    pods_total: int
    operations: int
    """Executed in rounds that answered the request."""
    failures: tuple[NodeFailure, ...]
    settled: bool
    """Every host has answered: it matches, or it says why not."""


class Watch:
    """One follower of the way to a request; forgotten when nobody holds it."""

    def __init__(self, convergence: "Convergence", *, ask: int) -> None:
        self._convergence = convergence
        self._ask = ask
        self._operations = 0
        self._changed = asyncio.Event()
        self._settled = asyncio.Event()
        self._open: set[str] = set()
        """Hosts that have not answered: with hundreds, nobody counts all at every report."""
        self._take_stock()

    def expect(self) -> None:
        """The hosts of the target may be others now."""
        self._take_stock()
        self._changed.set()

    def note(self, node: str, report: Report) -> None:
        """`node` reported."""
        if report.ask >= self._ask:
            self._operations += report.operations
        self._consider(node, report)
        self._changed.set()

    def wake(self) -> None:
        """An agent came or went."""
        self._changed.set()

    async def changed(self, *, gathering: float = 0.0) -> None:
        """Wait until something has changed since this last returned.

        `gathering`: seconds that more may come in, unless every host has answered.
        """
        await self._changed.wait()
        if gathering:
            await self.settled(within=gathering)
        self._changed.clear()

    async def settled(self, *, within: float) -> None:
        """Wait until every host has answered, but no longer than so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._settled.wait()

    def progress(self) -> Progress:
        """How far the hosts are now."""
        reports = [
            (node, standing.report)
            for node, standing in self._convergence.standings.items()
            if standing.report.ask >= self._ask
        ]
        total = len(self._convergence.standings)
        failures = tuple(
            NodeFailure(node=node, condition=condition)
            for node, report in reports
            for condition in report.failures
        )
        ready = sum(report.applied for _, report in reports)
        return Progress(
            nodes_ready=ready,
            nodes_total=total,
            pods_attached=sum(report.pods_attached for _, report in reports),
            pods_total=sum(self._convergence.pods.values()),
            operations=self._operations,
            failures=failures,
            settled=self._settled.is_set(),
        )

    def _take_stock(self) -> None:
        self._open.clear()
        for node, standing in self._convergence.standings.items():
            if not self._answers(standing.report):
                self._open.add(node)
        self._conclude()

    def _consider(self, node: str, report: Report) -> None:
        if self._answers(report):
            self._open.discard(node)
        else:
            self._open.add(node)
        self._conclude()

    def _conclude(self) -> None:
        if self._open:
            self._settled.clear()
        else:
            self._settled.set()

    def _answers(self, report: Report) -> bool:
        return report.ask >= self._ask and (report.applied or bool(report.failures))

    def missing(self) -> tuple[NodeFailure, ...]:
        """What hosts that have not settled are waiting for, for when patience has ended."""
        return tuple(
            NodeFailure(node=node, condition=condition)
            for node, standing in self._convergence.standings.items()
            for condition in self._waiting_for(standing)
        )

    def _waiting_for(self, standing: Standing) -> tuple[Condition, ...]:
        if standing.report.ask >= self._ask:
            if standing.report.failures:
                return ()
            return tuple(
                c for c in standing.report.conditions if c.status is ConditionStatus.PENDING
            )
        if standing.connected:
            reason = "the agent has not finished its round yet"
        else:
            reason = "the agent has not connected yet; is its host up?"
        return (Condition(object=AGENT, status=ConditionStatus.PENDING, reason=reason),)


class Convergence:
    """Where every host of the target stands."""

    def __init__(self) -> None:
        self.standings: dict[str, Standing] = {}
        self.pods: dict[str, int] = {}
        self._watches: weakref.WeakSet[Watch] = weakref.WeakSet()
        self._connected: set[str] = set()

    def expect(self, pods: Mapping[str, int]) -> None:
        """Let the hosts of the target be those of `pods`, each with so many pods."""
        self.pods = dict(pods)
        self.standings = {
            node: self.standings.get(node) or Standing(connected=node in self._connected)
            for node in pods
        }
        for watch in self._watches:
            watch.expect()

    def watch(self, *, ask: int) -> Watch:
        """Follow the way to the request numbered `ask`, from now on."""
        watch = Watch(self, ask=ask)
        self._watches.add(watch)
        return watch

    def connected(self, node: str) -> None:
        """The agent of `node` is here."""
        self._connected.add(node)
        self._update(node, connected=True)

    def disconnected(self, node: str) -> None:
        """The agent of `node` is gone; what it reported last still stands."""
        self._connected.discard(node)
        self._update(node, connected=False)

    def report(self, node: str, report: Report) -> None:
        """A round of `node` has ended."""
        if standing := self.standings.get(node):
            self.standings[node] = replace(standing, report=report)
            for watch in self._watches:
                watch.note(node, report)

    def _update(self, node: str, *, connected: bool) -> None:
        if standing := self.standings.get(node):
            self.standings[node] = replace(standing, connected=connected)
            for watch in self._watches:
                watch.wake()
