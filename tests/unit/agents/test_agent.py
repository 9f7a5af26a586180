import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface

import pytest

from agents.agent import GRACE, Agent
from agents.cloud_session import Demand
from agents.line import Line
from lab.contract.codec import encode
from lab.contract.condition import Condition, ConditionStatus
from lab.contract.node_state import Nic, NodeKind, NodeState, Vswitch
from lab.contract.state_parts import Parts
from lab.contract.v1 import agent_pb2
from lab.contract.wire import CodecError

APPLIED = Condition(object="node", status=ConditionStatus.APPLIED)
PENDING = Condition(object="workloads", status=ConditionStatus.PENDING, reason="not up yet")
FAILED = Condition(object="node", status=ConditionStatus.FAILED, reason="no such device")


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    operations: int = 0
    conditions: tuple[Condition, ...] = (APPLIED,)
    pods_attached: int = 0


class Reconciler:
    """Does what the test says, one round per state put into `rounds`."""

    def __init__(self) -> None:
        self.began: asyncio.Queue[NodeState] = asyncio.Queue()
        self.rounds: asyncio.Queue[Round | Exception] = asyncio.Queue()
        self.afresh: list[bool] = []
        """Of each round."""
        self.begun: asyncio.Future[int] | Exception | None = None
        """What rounds are begun with, if their host matched."""
        self.begins: list[tuple[Parts, Parts]] = []

    def anticipate(self, before: Parts, after: Parts) -> "asyncio.Future[int] | None":
        self.begins.append((before, after))
        if isinstance(self.begun, Exception):
            raise self.begun
        return self.begun

    async def reconcile(self, state: NodeState, *, afresh: bool = False) -> Round:
        self.began.put_nowait(state)
        self.afresh.append(afresh)
        done = await self.rounds.get()
        if isinstance(done, Exception):
            raise done
        return done


class Session:
    """Where reports go."""

    def __init__(self) -> None:
        self.reports: asyncio.Queue[agent_pb2.Report] = asyncio.Queue()

    def send(self, message: agent_pb2.AgentMessage) -> None:
        self.reports.put_nowait(message.report)


class Timers:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.pending: dict[int, tuple[float, Callable[[], None]]] = {}
        self.set: asyncio.Queue[float] = asyncio.Queue()

    def call_later(self, delay: float, callback: Callable[[], None]) -> "Timer":
        timer = Timer(self)
        self.pending[id(timer)] = (delay, callback)
        self.set.put_nowait(delay)
        return timer

    def elapse(self) -> None:
        due, self.pending = self.pending, {}
        for _, callback in due.values():
            callback()


@dataclass
class Timer:
    timers: Timers

    def cancel(self) -> None:
        self.timers.pending.pop(id(self), None)


def state(name: str) -> NodeState:
    return NodeState(
        name=name,
        kind=NodeKind.VIRTUAL_MACHINE,
        nic=Nic(
            mac="00:0d:3a:00:00:04",
            primary=IPv4Interface("10.0.0.4/22"),
            gateway=IPv4Address("10.0.0.1"),
        ),
        vswitch=Vswitch(underlay_address=IPv4Address("198.18.0.10")),
    )


def demand(session: Session, *, revision: int = 1, ask: int = 1) -> Demand:
    return Demand(
        session=session,  # type: ignore[arg-type]  # only its send is used
        revision=revision,
        node_state=(encode(state(f"state-{revision}")),),
        ask=ask,
    )


class NoProbes:
    async def run(self, request: object, reply: object) -> None:
        raise AssertionError(request)


@pytest.fixture
def reconciler() -> Reconciler:
    return Reconciler()


@pytest.fixture
def session() -> Session:
    return Session()


NOWHERE = Line("unix:/nonexistent/cloud.sock")


@pytest.fixture
def timers() -> Timers:
    return Timers()


@pytest.fixture
async def agent(reconciler: Reconciler, timers: Timers) -> AsyncIterator[Agent]:
    agent = Agent("a", line=NOWHERE, reconciler=reconciler, probes=NoProbes())
    async with keeping(agent, timers):
        yield agent


@asynccontextmanager
async def keeping(agent: Agent, timers: Timers) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(agent.keep(call_later=timers.call_later))
        yield
        task.cancel()


async def test_a_round_is_reported_to_the_session_that_asked(
    agent: Agent, reconciler: Reconciler, session: Session
) -> None:
    reconciler.rounds.put_nowait(Round(operations=3, pods_attached=2))
    agent.demand(demand(session, revision=4, ask=9))

    report = await session.reports.get()

    assert (report.revision, report.ask) == (4, 9)
    assert (report.operations, report.pods_attached) == (3, 2)
    assert [c.object for c in report.conditions] == ["node"]
    assert (await reconciler.began.get()).name == "state-4"


async def test_a_question_about_the_whole_host_is_answered_by_a_look_at_it(
    agent: Agent, reconciler: Reconciler, session: Session
) -> None:
    """Also where something newer is wanted before the round begins."""
    for _ in range(3):
        reconciler.rounds.put_nowait(Round())
    agent.demand(demand(session, revision=1))
    await session.reports.get()
    agent.demand(replace(demand(session, revision=1, ask=2), afresh=True))
    agent.demand(demand(session, revision=2, ask=3))
    await session.reports.get()
    agent.demand(demand(session, revision=3, ask=4))
    await session.reports.get()
    assert reconciler.afresh == [False, True, False]


async def test_after_a_round_that_failed_everything_is_looked_at(
    agent: Agent, reconciler: Reconciler, session: Session, timers: Timers
) -> None:
    reconciler.rounds.put_nowait(Round(conditions=(FAILED,)))
    reconciler.rounds.put_nowait(Round())
    agent.demand(demand(session))
    await timers.set.get()
    timers.elapse()
    for _ in range(2):
        await session.reports.get()
    assert reconciler.afresh == [False, True]


async def test_what_came_between_two_rounds_was_never_looked_at(
    agent: Agent, reconciler: Reconciler, session: Session
) -> None:
    """The newest wins: a burst during a round leads to one further round."""
    agent.demand(demand(session, revision=1, ask=1))
    await reconciler.began.get()
    for revision in range(2, 50):
        agent.demand(demand(session, revision=revision, ask=revision))
    reconciler.rounds.put_nowait(Round())
    reconciler.rounds.put_nowait(Round())

    assert [(await session.reports.get()).revision for _ in range(2)] == [1, 49]
    assert (await reconciler.began.get()).name == "state-49"
    assert reconciler.began.empty()


async def test_a_state_may_have_a_lower_number_than_the_one_before(
    agent: Agent, reconciler: Reconciler, session: Session
) -> None:
    """A cloud process that lost its state file counts from 1 again and is right all the same."""
    for revision in (5, 1):
        reconciler.rounds.put_nowait(Round())
        agent.demand(demand(session, revision=revision))
        assert (await session.reports.get()).revision == revision


@pytest.mark.parametrize("condition", [PENDING, FAILED])
async def test_a_host_that_does_not_match_is_looked_at_again_by_itself(
    agent: Agent, reconciler: Reconciler, session: Session, timers: Timers, condition: Condition
) -> None:
    agent.demand(demand(session, ask=3))
    reconciler.rounds.put_nowait(Round(conditions=(APPLIED, condition)))
    await session.reports.get()
    await timers.set.get()
    timers.elapse()
    reconciler.rounds.put_nowait(Round())

    report = await session.reports.get()

    assert report.ask == 3
    assert timers.pending == {}, "a host that matches is left alone"


async def test_waits_between_retries_grow_until_something_new_is_wanted(
    agent: Agent, reconciler: Reconciler, session: Session, timers: Timers
) -> None:
    agent.demand(demand(session))
    waits = []
    for _ in range(3):
        reconciler.rounds.put_nowait(Round(conditions=(FAILED,)))
        waits.append(await timers.set.get())
        timers.elapse()
    reconciler.rounds.put_nowait(Round(conditions=(FAILED,)))
    waits.append(await timers.set.get())
    agent.demand(demand(session, revision=2))
    reconciler.rounds.put_nowait(Round(conditions=(FAILED,)))
    first_wait = await timers.set.get()

    assert waits == sorted(set(waits))
    assert first_wait == waits[0]
    assert len(timers.pending) == 1, "the retry of what is not wanted any more was called off"


@pytest.mark.parametrize("broken", [b"\xff\xff", encode(state("fine"))])
async def test_what_should_not_happen_is_reported_and_survived(
    agent: Agent, reconciler: Reconciler, session: Session, broken: bytes
) -> None:
    """The caller of an apply hears of a bug instead of waiting for ever."""
    reconciler.rounds.put_nowait(ZeroDivisionError("oops"))
    agent.demand(
        Demand(session=session, revision=2, node_state=(broken,), ask=1)  # type: ignore[arg-type]
    )

    report = await session.reports.get()

    (condition,) = report.conditions
    assert condition.object == "agent"
    assert condition.status == agent_pb2.CONDITION_STATUS_FAILED
    assert report.revision == 2


async def test_a_host_is_looked_at_again_when_something_on_it_changed(
    agent: Agent, reconciler: Reconciler, session: Session
) -> None:
    for _ in range(2):
        reconciler.rounds.put_nowait(Round())
    agent.look_again()  # before anything is wanted, there is nothing to look at
    agent.demand(demand(session, ask=3))
    await session.reports.get()
    agent.look_again()

    assert (await session.reports.get()).ask == 3


async def test_only_a_revision_that_the_host_matches_is_said_to_be_matched(
    reconciler: Reconciler, session: Session, timers: Timers
) -> None:
    """A container is healthy when its host is as it should be, not when its agent runs."""
    matched: asyncio.Queue[int] = asyncio.Queue()
    agent = Agent(
        "a",
        line=NOWHERE,
        reconciler=reconciler,
        probes=NoProbes(),
        matched=matched.put_nowait,
    )
    async with keeping(agent, timers):
        agent.demand(demand(session, revision=4))
        reconciler.rounds.put_nowait(Round(conditions=(FAILED,)))
        await timers.set.get()
        assert matched.empty()
        reconciler.rounds.put_nowait(Round(conditions=(APPLIED,)))
        timers.elapse()
        assert await matched.get() == 4


async def test_what_probes_find_is_told_when_it_changes_and_said_in_every_hello(
    agent: Agent,
) -> None:
    """A workloads process that has begun anew knows nothing yet: the host is as it was."""
    said: list[agent_pb2.AgentMessage] = []
    assert not agent._hello().HasField("backend_health")
    agent._session.send = said.append  # type: ignore[method-assign]
    for found in ({"lb/a": True, "lb/b": False}, {}, {"lb/a": True}, {"lb/a": False}):
        agent.tell_health(found)

    told = [(list(each.backend_health.up), list(each.backend_health.down)) for each in said]
    assert told == [(["lb/a"], ["lb/b"]), ([], ["lb/a", "lb/b"])]
    assert list(agent._hello().backend_health.down) == ["lb/a", "lb/b"]


@pytest.fixture
async def matched(agent: Agent, reconciler: Reconciler, session: Session) -> Agent:
    """One whose host was seen to match revision 1."""
    reconciler.rounds.put_nowait(Round())
    agent.demand(demand(session, revision=1))
    await session.reports.get()
    await reconciler.began.get()
    assert reconciler.begins == []
    return agent


async def test_what_is_quickly_done_is_begun_before_the_round_and_counts(
    matched: Agent, reconciler: Reconciler, session: Session, timers: Timers
) -> None:
    reconciler.begun = asyncio.get_running_loop().create_future()
    reconciler.rounds.put_nowait(Round(operations=1))
    matched.demand(demand(session, revision=2, ask=2))
    first, second = (demand(session, revision=number).node_state for number in (1, 2))
    assert reconciler.begins == [(first, second)]
    reconciler.begun.set_result(3)
    assert await timers.set.get() == GRACE
    assert reconciler.began.empty()
    timers.elapse()
    assert (await session.reports.get()).operations == 4
    assert (await reconciler.began.get()).name == "state-2"


async def test_a_round_waits_for_what_it_was_begun_with(
    matched: Agent, reconciler: Reconciler, session: Session, timers: Timers
) -> None:
    """Also where something newer is wanted, which is nothing to begin with: what is there by
    then is not known."""
    reconciler.begun = asyncio.get_running_loop().create_future()
    reconciler.rounds.put_nowait(Round(operations=1))
    matched.demand(demand(session, revision=2, ask=2))
    matched.demand(demand(session, revision=3, ask=3))
    assert len(reconciler.begins) == 1
    asyncio.get_running_loop().call_soon(reconciler.begun.set_result, 3)
    report = await session.reports.get()
    assert (report.revision, report.operations) == (3, 4)
    await timers.set.get()
    timers.elapse()
    assert not matched._due.is_set(), "nothing is left to follow"


async def test_a_look_at_everything_is_begun_with_nothing(
    matched: Agent, reconciler: Reconciler, session: Session
) -> None:
    reconciler.rounds.put_nowait(Round())
    matched.demand(replace(demand(session, revision=1, ask=2), afresh=True))
    await session.reports.get()
    assert reconciler.begins == []


async def test_a_state_that_is_none_is_reported_by_the_round(
    matched: Agent, reconciler: Reconciler, session: Session
) -> None:
    reconciler.begun = CodecError("no state")
    matched.demand(replace(demand(session, revision=2), node_state=(b"\xff",)))
    report = await session.reports.get()
    assert [c.status for c in report.conditions] == [agent_pb2.CONDITION_STATUS_FAILED]
