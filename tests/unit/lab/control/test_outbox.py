import asyncio
from collections.abc import Iterable

import pytest

from lab.contract.state_parts import Parts
from lab.contract.v1.agent_pb2 import CloudMessage
from lab.control.outbox import LARGEST_MESSAGE, Goal, Outbox, StreamEnded
from lab.control.told_parts import ToldParts


class Speaker:
    """Says what the test has given it."""

    def __init__(self, *messages: CloudMessage, states: Iterable[Parts] = ()) -> None:
        self.messages = list(messages)
        self.states = states
        self.node = "host"
        self.goal: Goal | None = None

    def tell(self, goal: Goal) -> None:
        raise AssertionError("it has no goal")

    def take(self, told: ToldParts) -> list[CloudMessage]:
        for state in self.states:
            told.tell("host", state)
        taken, self.messages = self.messages, []
        return taken


def probe(number: int) -> CloudMessage:
    return CloudMessage(abandoned_probe=number)


async def test_what_several_have_to_say_goes_together_in_their_order() -> None:
    outbox = Outbox()
    one, other = Speaker(probe(1), probe(2)), Speaker(probe(3))
    for speaker in (other, one, other):
        outbox.due(speaker)

    assert list((await outbox.next()).messages) == [probe(3), probe(1), probe(2)]


async def test_what_is_said_is_not_said_again() -> None:
    outbox = Outbox()
    speaker = Speaker(probe(1))
    outbox.due(speaker)
    await outbox.next()
    speaker.messages.append(probe(2))
    outbox.due(speaker)

    assert list((await outbox.next()).messages) == [probe(2)]


async def test_a_message_that_has_become_large_goes() -> None:
    outbox = Outbox()
    large = bytes(LARGEST_MESSAGE)
    for speaker in (Speaker(probe(0), states=[(large,)]), Speaker(probe(1))):
        outbox.due(speaker)

    first = await outbox.next()
    assert [part.node_state for part in first.parts] == [large]
    assert list(first.messages) == [probe(0)]
    assert list((await outbox.next()).messages) == [probe(1)]


async def test_a_stream_waits_until_somebody_has_something_to_say() -> None:
    outbox = Outbox()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(outbox.next())
        tasks.create_task(_later(outbox))

    assert list(waiting.result().messages) == [probe(1)]


async def _later(outbox: Outbox) -> None:
    outbox.due(Speaker(probe(1)))


async def test_nothing_is_carried_after_the_end() -> None:
    outbox = Outbox()
    outbox.due(Speaker(probe(1)))
    outbox.end(replaced="a")
    outbox.end(replaced="b")

    with pytest.raises(StreamEnded):
        await outbox.next()
    assert outbox.replaced == "a"
