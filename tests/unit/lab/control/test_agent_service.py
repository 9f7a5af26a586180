"""What a stream of agents leads to; that streams work is for tests/processes."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NoReturn

import grpc
import pytest

from lab.contract.load_balancing import ProbedBackend
from lab.contract.v1.agent_pb2 import (
    AgentMessage,
    AgentMessages,
    BackendHealth,
    CloudMessage,
    CloudMessages,
    Farewell,
    Hello,
    ProbeReply,
    ProbeRequest,
    Report,
)
from lab.control.agent_service import AgentService
from lab.control.convergence import Convergence
from lab.control.health import Health
from lab.control.outbox import Outbox
from lab.control.sessions import Sessions, Target
from tests.unit.lab.control.listener import Listener


class Aborted(Exception):
    """As gRPC ends a handler."""


class Stream:
    """The agents' end of a stream."""

    def __init__(self, *, certified: Sequence[str] = ()) -> None:
        self._said: asyncio.Queue[AgentMessages | None] = asyncio.Queue()
        self._names = [name.encode() for name in certified]
        self.heard: asyncio.Queue[CloudMessage] = asyncio.Queue()
        self.listener = Listener()
        self.status: tuple[grpc.StatusCode, str] | None = None

    def say(self, *messages: AgentMessage) -> None:
        self._said.put_nowait(AgentMessages(messages=messages))

    def end(self) -> None:
        """There will be no more."""
        self._said.put_nowait(None)

    async def read(self) -> AgentMessages | object:
        return await self._said.get() or object()

    async def write(self, batch: CloudMessages) -> None:
        for message in self.listener.hear(batch):
            self.heard.put_nowait(message)

    def auth_context(self) -> Mapping[str, Sequence[bytes]]:
        return {"x509_common_name": self._names} if self._names else {}

    async def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        self.status = code, details
        raise Aborted


HELLO = AgentMessage(node="a", hello=Hello())


DONE = Report(revision=2, ask=2)


@pytest.fixture
def sessions() -> Sessions:
    sessions = Sessions()
    sessions.deliver(Target(revision=1, ask=1, states={"a": (b"state of a",)}))
    return sessions


@pytest.fixture
def convergence() -> Convergence:
    convergence = Convergence()
    convergence.expect({"a": 0})
    return convergence


async def serve(
    sessions: Sessions, convergence: Convergence, stream: Stream, *, verify: bool = False
) -> None:
    service = AgentService(
        sessions=sessions, convergence=convergence, health=Health(), verify=verify
    )
    await service.Connect(None, stream)  # type: ignore[arg-type]  # what of a context is used


async def test_a_hello_is_answered_with_the_state(
    sessions: Sessions, convergence: Convergence
) -> None:
    stream = Stream()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(sessions, convergence, stream))
        stream.say(HELLO)
        assert stream.listener.state(await stream.heard.get()) == (b"state of a",)
        assert convergence.standings["a"].connected
        stream.end()

    assert not convergence.standings["a"].connected
    assert sessions.get("a") is None


async def test_a_stream_has_a_session_for_each_of_its_hosts(
    sessions: Sessions, convergence: Convergence
) -> None:
    sessions.deliver(Target(revision=2, ask=2, states={"a": (b"of a",), "b": (b"of b",)}))
    convergence.expect({"a": 0, "b": 0})
    stream = Stream()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(sessions, convergence, stream))
        stream.say(HELLO, AgentMessage(node="b", hello=Hello()))
        heard = [await stream.heard.get() for _ in "ab"]
        assert [(each.node, stream.listener.state(each)) for each in heard] == [
            ("a", (b"of a",)),
            ("b", (b"of b",)),
        ]
        stream.say(AgentMessage(node="a", farewell=Farewell()), AgentMessage(node="b", report=DONE))
        watch = convergence.watch(ask=2)
        while convergence.standings["b"].report.ask != 2:
            await watch.changed()
        assert sessions.get("a") is None
        assert not convergence.standings["a"].connected
        assert convergence.standings["b"].connected
        stream.end()

    assert not convergence.standings["b"].connected


async def test_reports_and_replies_reach_those_who_wait_for_them(
    sessions: Sessions, convergence: Convergence
) -> None:
    stream = Stream()
    watch = convergence.watch(ask=1)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(sessions, convergence, stream))
        stream.say(HELLO)
        await stream.heard.get()
        session = sessions.get("a")
        assert session is not None
        with session.probe(ProbeRequest()) as replies:
            asked = (await stream.heard.get()).probe_request
            stream.say(AgentMessage(node="a", probe_reply=ProbeReply(id=asked.id, error="no")))
            assert (await replies.next()).error == "no"
        stream.say(AgentMessage(node="a", report=Report(revision=1, ask=1, operations=4)))
        while not watch.progress().settled:
            await watch.changed()
        stream.end()

    assert watch.progress().operations == 4


async def test_the_last_words_of_a_replaced_session_count_for_nothing(
    sessions: Sessions, convergence: Convergence
) -> None:
    """An older report must not overwrite what the newer session has reported since."""
    stream = Stream()

    async def replaced() -> None:
        with pytest.raises(Aborted):
            await serve(sessions, convergence, stream)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(replaced())
        stream.say(HELLO)
        await stream.heard.get()
        sessions.open("a", Outbox())
        stream.say(AgentMessage(node="a", report=Report(revision=1, ask=1, operations=4)))

    assert convergence.standings["a"].report.ask == 0
    assert stream.status is not None
    assert stream.status[0] is grpc.StatusCode.ABORTED
    assert convergence.standings["a"].connected, "the newer session is there"


@pytest.mark.parametrize(
    "first",
    [
        [],
        [AgentMessage(node="a", report=Report())],
        [AgentMessage(hello=Hello())],
        [HELLO, AgentMessage(node="b", report=Report())],
    ],
)
async def test_a_session_begins_with_a_hello(
    sessions: Sessions, convergence: Convergence, first: Sequence[AgentMessage]
) -> None:
    stream = Stream()
    stream.say(*first)
    stream.end()
    with pytest.raises(Aborted):
        await serve(sessions, convergence, stream)

    assert stream.status == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "a session begins with a Hello that names its node",
    )


@pytest.mark.parametrize(
    ("certified", "whose"), [((), "nobody"), (("b",), "b"), (("a", "b"), "a, b")]
)
async def test_an_agent_is_who_its_certificate_says(
    sessions: Sessions, convergence: Convergence, certified: tuple[str, ...], whose: str
) -> None:
    stream = Stream(certified=certified)
    stream.say(HELLO)
    with pytest.raises(Aborted):
        await serve(sessions, convergence, stream, verify=True)

    assert stream.status == (
        grpc.StatusCode.PERMISSION_DENIED,
        f"the certificate is for {whose}, not for a",
    )
    assert sessions.get("a") is None


async def test_what_probes_found_is_heard_with_the_hello_and_later(
    sessions: Sessions, convergence: Convergence
) -> None:
    health, stream = Health(), Stream()
    service = AgentService(sessions=sessions, convergence=convergence, health=health, verify=False)
    news: asyncio.Queue[str] = asyncio.Queue()
    health.changed = news.put_nowait
    backend = ProbedBackend(probe="lb/alive", host="a")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(service.Connect(None, stream))  # type: ignore[arg-type]
        up = BackendHealth(up=["lb/alive"])
        stream.say(AgentMessage(node="a", hello=Hello(backend_health=up)))
        assert await news.get() == "a"
        assert health.is_up(backend)
        down = BackendHealth(down=["lb/alive"])
        stream.say(AgentMessage(node="a", backend_health=down))
        assert await news.get() == "a"
        assert not health.is_up(backend)
        stream.end()
