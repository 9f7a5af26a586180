import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import grpc
import pytest

from agents.cloud_session import CloudSession, Demand, Session
from agents.dialling import Line
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

HELLO = Hello(node="a", revision=7, version="1")


class Cloud:
    """The other end of a session's stream: says what the test says, and hears."""

    def __init__(self) -> None:
        self._to_say: asyncio.Queue[CloudMessage | Exception | None] = asyncio.Queue()
        self._speech: asyncio.Queue[AsyncIterator[AgentMessage]] = asyncio.Queue()
        self._heard: AsyncIterator[AgentMessage] | None = None
        self.cancelled = False

    def open(self, speech: AsyncIterator[AgentMessage]) -> "Cloud":
        self._speech.put_nowait(speech)
        return self

    def say(self, message: CloudMessage | Exception | None) -> None:
        """None ends the stream, an exception breaks it."""
        self._to_say.put_nowait(message)

    async def hear(self) -> AgentMessage:
        if self._heard is None:
            self._heard = await self._speech.get()
        return await anext(self._heard)

    def cancel(self) -> None:
        self.cancelled = True

    async def __aiter__(self) -> AsyncIterator[CloudMessage]:
        while (message := await self._to_say.get()) is not None:
            if isinstance(message, Exception):
                raise message
            yield message


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
            case "crash":
                raise ZeroDivisionError("oops")


def probe(what: str, *, number: int = 1, deadline: float = 60) -> CloudMessage:
    return CloudMessage(
        probe_request=ProbeRequest(id=number, deadline=deadline, command=CommandProbe(argv=[what]))
    )


def state(revision: int, *, ask: int) -> CloudMessage:
    return CloudMessage(desired_state=DesiredState(revision=revision, node_state=b"state", ask=ask))


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def probes() -> Probes:
    return Probes()


@pytest.fixture
def demands() -> list[Demand]:
    return []


@pytest.fixture
def session(probes: Probes, demands: list[Demand]) -> Session:
    return Session(HELLO, probes=probes, demand=demands.append, probe_grace=0)


@asynccontextmanager
async def running(session: Session, cloud: Cloud) -> AsyncIterator[asyncio.Task[str]]:
    """The session, heard up to its Hello; the stream ends with the block."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(session.run(cloud.open))
        assert (await cloud.hear()).hello == HELLO
        yield task
        cloud.say(None)


async def test_every_state_is_a_demand_with_the_request_it_answers(
    session: Session, cloud: Cloud, demands: list[Demand]
) -> None:
    async with running(session, cloud):
        cloud.say(state(1, ask=1))
        cloud.say(state(2, ask=2))

    assert [(d.revision, d.ask, d.node_state, d.session) for d in demands] == [
        (1, 1, b"state", session),
        (2, 2, b"state", session),
    ]


async def test_to_look_again_is_to_demand_the_newest_state_again(
    session: Session, cloud: Cloud, demands: list[Demand]
) -> None:
    async with running(session, cloud):
        cloud.say(state(1, ask=1))
        cloud.say(CloudMessage(reconcile=Reconcile(ask=2)))

    assert [(d.revision, d.ask, d.node_state, d.afresh) for d in demands] == [
        (1, 1, b"state", False),
        (1, 2, b"state", True),
    ]


async def test_to_look_again_before_any_state_is_no_demand(
    session: Session, cloud: Cloud, demands: list[Demand]
) -> None:
    async with running(session, cloud):
        cloud.say(CloudMessage(reconcile=Reconcile(ask=2)))

    assert demands == []


async def test_what_is_sent_is_said_in_order(session: Session, cloud: Cloud) -> None:
    reports = [AgentMessage(report=Report(revision=number)) for number in range(3)]
    async with running(session, cloud):
        for report in reports:
            session.send(report)
        assert [await cloud.hear() for _ in reports] == reports


async def test_what_is_sent_after_the_end_is_forgotten(session: Session, cloud: Cloud) -> None:
    """A report answers the session that asked, or nobody."""
    async with running(session, cloud):
        pass
    session.send(AgentMessage(report=Report(revision=1)))

    with pytest.raises(StopAsyncIteration):
        await cloud.hear()
    assert cloud.cancelled


async def test_a_session_ends_with_its_stream_and_says_why(session: Session, cloud: Cloud) -> None:
    no_metadata = grpc.aio.Metadata()
    broken = grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE, no_metadata, no_metadata, details="gone"
    )
    async with running(session, cloud) as task:
        cloud.say(state(1, ask=1))
        cloud.say(broken)

    assert task.result() == "UNAVAILABLE: gone"
    assert session.heard


async def test_a_session_in_which_nothing_was_said_was_only_an_attempt(
    session: Session, cloud: Cloud
) -> None:
    async with running(session, cloud):
        pass

    assert not session.heard


async def test_probes_run_beside_each_other(session: Session, cloud: Cloud) -> None:
    """A capture that waits for packets must not hold up the ping that sends them."""
    async with running(session, cloud):
        cloud.say(probe("hang", number=1))
        cloud.say(probe("answer", number=2))
        assert (await cloud.hear()).probe_reply == ProbeReply(id=2)


async def test_an_abandoned_probe_is_given_up(
    session: Session, cloud: Cloud, probes: Probes
) -> None:
    async with running(session, cloud):
        cloud.say(probe("hang", number=1))
        await probes.hanging.wait()
        cloud.say(CloudMessage(abandoned_probe=1))
        cloud.say(CloudMessage(abandoned_probe=8))
        cloud.say(probe("answer", number=2))
        assert (await cloud.hear()).probe_reply.id == 2
        await probes.cancelled.wait()


async def test_a_probe_that_is_abandoned_before_it_began_never_begins(
    session: Session, cloud: Cloud, probes: Probes
) -> None:
    async with running(session, cloud):
        cloud.say(probe("hang", number=1))
        cloud.say(CloudMessage(abandoned_probe=1))
        cloud.say(probe("answer", number=2))
        assert (await cloud.hear()).probe_reply.id == 2

    assert not probes.hanging.is_set()


async def test_probes_end_with_the_session_that_asked(
    session: Session, cloud: Cloud, probes: Probes
) -> None:
    async with running(session, cloud):
        cloud.say(probe("hang"))
        await probes.hanging.wait()
    assert probes.cancelled.is_set()


async def test_a_probe_that_outlives_its_deadline_is_answered_for(
    session: Session, cloud: Cloud
) -> None:
    async with running(session, cloud):
        cloud.say(probe("hang", deadline=0))
        reply = (await cloud.hear()).probe_reply

    assert reply == ProbeReply(id=1, error="the probe did not end within its 0 s")


async def test_a_probe_that_crashes_is_an_answer_and_no_end(session: Session, cloud: Cloud) -> None:
    async with running(session, cloud):
        cloud.say(probe("crash", number=1))
        crashed = (await cloud.hear()).probe_reply
        cloud.say(probe("answer", number=2))
        assert (await cloud.hear()).probe_reply.id == 2

    assert crashed.error == "bug of the agent: ZeroDivisionError('oops')"


class Clock:
    """A clock on which only waiting is recorded, and which ends the test after enough."""

    def __init__(self, *, enough: int) -> None:
        self.waits: list[float] = []
        self._enough = enough

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if len(self.waits) == self._enough:
            raise TimeoutError


async def test_an_agent_without_a_cloud_tries_again_after_growing_bounded_waits(
    probes: Probes,
) -> None:
    clock = Clock(enough=8)
    with pytest.raises(TimeoutError):
        await CloudSession(
            Line("unix:/nonexistent/cloud.sock"),
            hello=Hello,
            probes=probes,
            demand=_unexpected,
            sleep=clock.sleep,
        ).run()

    assert clock.waits == sorted(clock.waits)
    assert clock.waits[0] < clock.waits[-1] == clock.waits[-2] <= 0.2


def _unexpected(demand: Demand) -> None:
    raise AssertionError(demand)
