"""One stream for the hosts of a process; that streams work is for tests/processes."""

import asyncio
from collections.abc import AsyncIterator, Container, Mapping, Sequence
from contextlib import asynccontextmanager

import grpc
import pytest

from agents.line import Conversation, Line, Say, Succession
from lab.contract.v1 import agent_pb2 as pb
from lab.contract.v1.agent_pb2 import (
    AgentMessage,
    AgentMessages,
    CloudMessage,
    CloudMessages,
    Farewell,
    Hello,
    Part,
    Reconcile,
    Report,
)


class Host:
    """A host on the line."""

    succeeded: asyncio.Queue[tuple[str, Succession, dict[int, bytes]]]

    def __init__(self, node: str, *, part: int = 0) -> None:
        self.node = node
        self.part = part
        """Of what it was told."""
        self.heard: asyncio.Queue[CloudMessage] = asyncio.Queue()
        self.parts: list[dict[int, bytes]] = []
        """Known with each message."""
        self.ended = 0
        self.say: Say | None = None

    def begin(self, say: Say) -> Hello:
        self.say = say
        return Hello(version=self.node)

    def take(self, message: CloudMessage, parts: Mapping[int, bytes]) -> None:
        self.heard.put_nowait(message)
        self.parts.append(dict(parts))

    def has(self, parts: Container[int]) -> bool:
        return self.part in parts

    def succeed(self, succession: Succession, parts: Mapping[int, bytes]) -> None:
        self.succeeded.put_nowait((self.node, succession, dict(parts)))

    def end(self) -> None:
        self.ended += 1

    def report(self, number: int) -> None:
        assert self.say is not None
        self.say(AgentMessage(report=Report(revision=number)))


class Cloud:
    """The other end of a stream: says what the test says, and hears."""

    def __init__(self) -> None:
        self._to_say: asyncio.Queue[CloudMessages | Exception | None] = asyncio.Queue()
        self._speech: asyncio.Queue[AsyncIterator[AgentMessages]] = asyncio.Queue()
        self._heard: AsyncIterator[AgentMessages] | None = None
        self.cancelled = False

    def open(self, speech: AsyncIterator[AgentMessages]) -> "Cloud":
        self._speech.put_nowait(speech)
        return self

    def say(
        self, *messages: CloudMessage, parts: Sequence[Part] = (), forgotten: Sequence[int] = ()
    ) -> None:
        self.say_all(CloudMessages(messages=messages, parts=parts, forgotten_parts=forgotten))

    def say_all(self, messages: CloudMessages) -> None:
        self._to_say.put_nowait(messages)

    def end(self, error: Exception | None = None) -> None:
        """An exception breaks the stream."""
        self._to_say.put_nowait(error)

    async def hear(self) -> list[AgentMessage]:
        if self._heard is None:
            self._heard = await self._speech.get()
        return list((await anext(self._heard)).messages)

    def cancel(self) -> None:
        self.cancelled = True

    async def __aiter__(self) -> AsyncIterator[CloudMessages]:
        while (message := await self._to_say.get()) is not None:
            if isinstance(message, Exception):
                raise message
            yield message


def hello(node: str) -> AgentMessage:
    return AgentMessage(node=node, hello=Hello(version=node))


def to(node: str) -> CloudMessage:
    return CloudMessage(node=node, reconcile=Reconcile(ask=1))


def report(node: str, number: int) -> AgentMessage:
    return AgentMessage(node=node, report=Report(revision=number))


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@asynccontextmanager
async def running(conversation: Conversation, cloud: Cloud) -> AsyncIterator[asyncio.Task[str]]:
    """The stream, ended by the cloud with the block."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(conversation.run(cloud.open))
        yield task
        cloud.end()


async def test_a_stream_begins_with_a_hello_of_every_host(cloud: Cloud) -> None:
    conversation = Conversation()
    for node in "ab":
        conversation.join(Host(node))
    async with running(conversation, cloud):
        assert await cloud.hear() == [hello("a"), hello("b")]
        conversation.join(Host("c"))
        assert await cloud.hear() == [hello("c")]


async def test_what_is_said_while_the_stream_is_busy_goes_together(cloud: Cloud) -> None:
    one, other = Host("a"), Host("b")
    conversation = Conversation()
    conversation.join(one)
    conversation.join(other)
    async with running(conversation, cloud):
        await cloud.hear()
        one.report(1)
        other.report(2)
        one.report(3)
        assert await cloud.hear() == [report("a", 1), report("b", 2), report("a", 3)]


async def test_everybody_hears_what_is_for_it(cloud: Cloud) -> None:
    one, other = Host("a"), Host("b")
    conversation = Conversation()
    conversation.join(one)
    conversation.join(other)
    async with running(conversation, cloud):
        assert not conversation.heard
        cloud.say(to("b"), to("stranger"), to("a"))
        assert (await one.heard.get()).node == "a"
        assert (await other.heard.get()).node == "b"
        assert conversation.heard
    assert one.heard.empty()
    assert other.heard.empty()


async def test_parts_are_known_until_they_are_forgotten(cloud: Cloud) -> None:
    host = Host("a")
    conversation = Conversation()
    conversation.join(host)
    async with running(conversation, cloud):
        cloud.say(to("a"), parts=[Part(number=1, node_state=b"one")])
        cloud.say(to("a"), parts=[Part(number=2, node_state=b"two")], forgotten=[1])
        cloud.say(to("a"))
        for _ in range(3):
            await host.heard.get()
    assert host.parts == [{1: b"one"}, {1: b"one", 2: b"two"}, {2: b"two"}]


async def test_what_is_for_all_is_heard_first_by_those_for_whom_something_changes(
    cloud: Cloud,
) -> None:
    hosts = [Host(node, part=number) for number, node in enumerate("abc", 1)]
    conversation = Conversation()
    heard: asyncio.Queue[tuple[str, Succession, dict[int, bytes]]] = asyncio.Queue()
    for host in hosts:
        host.succeeded = heard
        conversation.join(host)
    async with running(conversation, cloud):
        cloud.say_all(
            CloudMessages(
                succession=pb.Succession(
                    revision=7, ask=8, replacements=[pb.Replacement(old=2, new=4)]
                ),
                parts=[Part(number=4, node_state=b"four")],
                forgotten_parts=[2],
            )
        )
        said = [await heard.get() for _ in hosts]
    assert [node for node, _, _ in said] == ["b", "a", "c"]
    succession = Succession(revision=7, ask=8, replacements={2: 4})
    assert said[0][1:] == (succession, {4: b"four"})


async def test_a_host_that_goes_says_so_and_takes_nothing_from_those_that_stay(
    cloud: Cloud,
) -> None:
    one, other = Host("a"), Host("b")
    conversation = Conversation()
    conversation.join(one)
    conversation.join(other)
    async with running(conversation, cloud):
        await cloud.hear()
        conversation.leave(one)
        assert await cloud.hear() == [AgentMessage(node="a", farewell=Farewell())]
        cloud.say(to("a"), to("b"))
        await other.heard.get()
        assert (one.ended, other.ended) == (1, 0)
    assert one.heard.empty()
    assert (one.ended, other.ended) == (1, 1)


async def test_the_end_of_a_stream_is_that_of_all_its_sessions(cloud: Cloud) -> None:
    host = Host("a")
    conversation = Conversation()
    conversation.join(host)
    no_metadata = grpc.aio.Metadata()
    broken = grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE, no_metadata, no_metadata, details="gone"
    )
    async with running(conversation, cloud) as task:
        await cloud.hear()
        cloud.end(broken)
    host.report(1)

    assert task.result() == "UNAVAILABLE: gone"
    assert host.ended == 1
    assert cloud.cancelled
    with pytest.raises(StopAsyncIteration):
        await cloud.hear()


class Clock:
    """A clock on which only waiting is recorded, and which ends the test after enough."""

    def __init__(self, *, enough: int) -> None:
        self.waits: list[float] = []
        self._enough = enough

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if len(self.waits) == self._enough:
            raise TimeoutError


async def test_without_a_cloud_it_tries_again_after_growing_bounded_waits() -> None:
    clock = Clock(enough=8)
    line = Line("unix:/nonexistent/cloud.sock", sleep=clock.sleep)
    host = Host("a")
    with line.on(host), pytest.raises(TimeoutError):
        await line.run()

    assert clock.waits == sorted(clock.waits)
    assert clock.waits[0] < clock.waits[-1] == clock.waits[-2] <= 0.2
    assert host.say is None
