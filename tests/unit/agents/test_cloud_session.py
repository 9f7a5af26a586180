"""What a host does with what it is asked on the line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

import pytest

from agents.cloud_session import CloudSession, Demand, Session
from agents.line import Member, Succession
from lab.contract.v1.agent_pb2 import (
    AgentMessage,
    CloudMessage,
    CommandProbe,
    DesiredState,
    Hello,
    ProbeReply,
    ProbeRequest,
    Reconcile,
    Report,
)

PARTS = {1: b"own", 2: b"shared"}

host: ContextVar[str] = ContextVar("host", default="nobody")


class Probes:
    """Answers each probe by what its first argument says."""

    def __init__(self) -> None:
        self.hanging = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def run(
        self, request: ProbeRequest, reply: Callable[[ProbeReply], Awaitable[None]]
    ) -> None:
        match request.command.argv[0]:
            case "answer":
                await reply(ProbeReply(id=request.id))
            case "hang":
                self.hanging.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    self.cancelled.set()
            case "whose":
                await reply(ProbeReply(id=request.id, error=host.get()))
            case "crash":
                raise ZeroDivisionError("oops")


def probe(what: str, *, number: int = 1, deadline: float = 60) -> CloudMessage:
    return CloudMessage(
        probe_request=ProbeRequest(id=number, deadline=deadline, command=CommandProbe(argv=[what]))
    )


def state(revision: int, *, ask: int) -> CloudMessage:
    return CloudMessage(desired_state=DesiredState(revision=revision, parts=[1, 2], ask=ask))


@pytest.fixture
def probes() -> Probes:
    return Probes()


@pytest.fixture
def demands() -> list[Demand]:
    return []


Said = asyncio.Queue[AgentMessage]


@pytest.fixture
def said() -> Said:
    return asyncio.Queue()


@pytest.fixture
async def session(probes: Probes, demands: list[Demand], said: Said) -> AsyncIterator[Session]:
    """A session, which ends with the test."""
    async with asyncio.TaskGroup() as tasks:

        def start(work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
            return tasks.create_task(work, name=name)

        session = Session(
            said.put_nowait, start=start, probes=probes, demand=demands.append, probe_grace=0
        )
        yield session
        session.end()


async def test_every_state_is_a_demand_with_the_request_it_answers(
    session: Session, demands: list[Demand]
) -> None:
    session.take(state(1, ask=1), PARTS)
    session.take(state(2, ask=2), PARTS)

    assert [(d.revision, d.ask, d.node_state, d.session) for d in demands] == [
        (1, 1, (b"own", b"shared"), session),
        (2, 2, (b"own", b"shared"), session),
    ]


async def test_what_is_said_to_all_is_a_demand_of_each_with_its_own_parts(
    session: Session, demands: list[Demand]
) -> None:
    session.take(state(1, ask=1), PARTS)
    assert session.has({2: 3})
    assert not session.has({3: 2})
    for revision, replacements in ((2, {2: 3, 4: 1}), (3, {})):
        succession = Succession(revision=revision, ask=revision, replacements=replacements)
        session.succeed(succession, {**PARTS, 3: b"other"})

    assert [(d.revision, d.ask, d.node_state) for d in demands[1:]] == [
        (2, 2, (b"own", b"other")),
        (3, 3, (b"own", b"other")),
    ]


async def test_to_look_again_is_to_demand_the_newest_state_again(
    session: Session, demands: list[Demand]
) -> None:
    session.take(state(1, ask=1), PARTS)
    session.take(CloudMessage(reconcile=Reconcile(ask=2)), PARTS)

    assert [(d.revision, d.ask, d.node_state, d.afresh) for d in demands] == [
        (1, 1, (b"own", b"shared"), False),
        (1, 2, (b"own", b"shared"), True),
    ]


async def test_to_look_again_before_any_state_is_no_demand(
    session: Session, demands: list[Demand]
) -> None:
    session.take(CloudMessage(reconcile=Reconcile(ask=2)), PARTS)

    assert demands == []


async def test_what_is_sent_after_the_end_is_forgotten(session: Session, said: Said) -> None:
    """A report answers the session that asked, or nobody."""
    session.send(AgentMessage(report=Report(revision=1)))
    session.end()
    session.send(AgentMessage(report=Report(revision=2)))

    assert said.get_nowait().report.revision == 1
    assert said.empty()


async def test_probes_run_beside_each_other(session: Session, said: Said) -> None:
    """A capture that waits for packets must not hold up the ping that sends them."""
    session.take(probe("hang", number=1), PARTS)
    session.take(probe("answer", number=2), PARTS)
    assert (await said.get()).probe_reply == ProbeReply(id=2)


async def test_an_abandoned_probe_is_given_up(session: Session, said: Said, probes: Probes) -> None:
    session.take(probe("hang", number=1), PARTS)
    await probes.hanging.wait()
    session.take(CloudMessage(abandoned_probe=1), PARTS)
    session.take(CloudMessage(abandoned_probe=8), PARTS)
    session.take(probe("answer", number=2), PARTS)
    assert (await said.get()).probe_reply.id == 2
    await probes.cancelled.wait()


async def test_a_probe_that_is_abandoned_before_it_began_never_begins(
    session: Session, said: Said, probes: Probes
) -> None:
    session.take(probe("hang", number=1), PARTS)
    session.take(CloudMessage(abandoned_probe=1), PARTS)
    session.take(probe("answer", number=2), PARTS)
    assert (await said.get()).probe_reply.id == 2

    assert not probes.hanging.is_set()


async def test_probes_end_with_the_session_that_asked(session: Session, probes: Probes) -> None:
    session.take(probe("hang"), PARTS)
    await probes.hanging.wait()
    session.end()
    await probes.cancelled.wait()


async def test_a_probe_that_outlives_its_deadline_is_answered_for(
    session: Session, said: Said
) -> None:
    session.take(probe("hang", deadline=0), PARTS)

    reply = (await said.get()).probe_reply
    assert reply == ProbeReply(id=1, error="the probe did not end within its 0 s")


async def test_a_probe_that_crashes_is_an_answer_and_no_end(session: Session, said: Said) -> None:
    session.take(probe("crash", number=1), PARTS)
    crashed = (await said.get()).probe_reply
    session.take(probe("answer", number=2), PARTS)

    assert (await said.get()).probe_reply.id == 2
    assert crashed.error == "bug of the agent: ZeroDivisionError('oops')"


class OneHost:
    """A line with one host on it; the test is the stream."""

    def __init__(self) -> None:
        self.member: asyncio.Queue[Member] = asyncio.Queue()
        self.left = False

    @contextmanager
    def on(self, member: Member) -> Iterator[None]:
        self.member.put_nowait(member)
        try:
            yield
        finally:
            member.end()
            self.left = True


@asynccontextmanager
async def on_the_line(
    probes: Probes, demands: list[Demand]
) -> AsyncIterator[tuple[OneHost, CloudSession]]:
    line = OneHost()
    cloud_session = CloudSession(
        "a",
        line,
        hello=lambda: Hello(revision=7),
        probes=probes,
        demand=demands.append,
    )
    async with asyncio.TaskGroup() as tasks:
        token = host.set("a")
        task = tasks.create_task(cloud_session.run())
        host.reset(token)
        await line.member.get()
        yield line, cloud_session
        task.cancel()


async def test_a_new_stream_is_a_new_session(
    probes: Probes, demands: list[Demand], said: Said
) -> None:
    """Nothing is carried over: what the old one was asked it answers to nobody."""
    async with on_the_line(probes, demands) as (_, cloud_session):
        assert cloud_session.begin(said.put_nowait) == Hello(revision=7)
        cloud_session.take(state(1, ask=1), PARTS)
        cloud_session.end()
        cloud_session.begin(said.put_nowait)
        cloud_session.take(CloudMessage(reconcile=Reconcile(ask=2)), PARTS)
        demands[0].session.send(AgentMessage(report=Report(revision=1)))

    assert [demand.ask for demand in demands] == [1]
    assert said.empty()


async def test_a_host_that_goes_takes_its_probes_along(
    probes: Probes, demands: list[Demand], said: Said
) -> None:
    async with on_the_line(probes, demands) as (line, cloud_session):
        cloud_session.begin(said.put_nowait)
        cloud_session.take(probe("hang"), PARTS)
        await probes.hanging.wait()

    assert line.left
    assert probes.cancelled.is_set()


async def test_a_probe_is_the_hosts_own_whoever_reads_the_stream(
    probes: Probes, demands: list[Demand], said: Said
) -> None:
    """What it logs is signed with the host's name."""
    async with on_the_line(probes, demands) as (_, cloud_session):
        cloud_session.begin(said.put_nowait)
        cloud_session.take(probe("whose"), PARTS)

        assert (await said.get()).probe_reply.error == "a"
