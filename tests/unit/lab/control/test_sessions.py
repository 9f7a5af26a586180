import asyncio

import pytest

from lab.contract.v1.agent_pb2 import CloudMessage, ProbeReply, ProbeRequest
from lab.control.sessions import AgentSession, SessionEnded, Sessions, Target


def target(revision: int, *, ask: int, **states: bytes) -> Target:
    return Target(revision=revision, ask=ask, states=states)


async def said(session: AgentSession) -> list[CloudMessage]:
    """Everything that the session would say without waiting."""
    messages = []
    while True:
        coming = session.next()
        try:
            coming.send(None)
        except StopIteration as done:
            messages.append(done.value)
        else:
            coming.close()
            return messages


async def test_an_agent_that_arrives_hears_the_state_that_stands() -> None:
    sessions = Sessions()
    sessions.deliver(target(3, ask=7, a=b"state of a", b=b"state of b"))

    (message,) = await said(sessions.open("a"))

    assert message.desired_state.revision == 3
    assert message.desired_state.ask == 7
    assert message.desired_state.node_state == b"state of a"


async def test_only_the_newest_state_is_said_however_many_came_before() -> None:
    """The slot holds one desired state, never a queue of them."""
    sessions = Sessions()
    session = sessions.open("a")
    for revision in range(1, 6):
        sessions.deliver(target(revision, ask=revision, a=bytes([revision])))

    (message,) = await said(session)

    assert message.desired_state.revision == 5
    assert message.desired_state.node_state == b"\5"


async def test_the_same_revision_is_not_sent_twice_in_one_session_but_asked_for_again() -> None:
    sessions = Sessions()
    session = sessions.open("a")
    sessions.deliver(target(1, ask=1, a=b"state"))
    await said(session)

    sessions.deliver(target(1, ask=2, a=b"state"))

    (message,) = await said(session)
    assert message.WhichOneof("message") == "reconcile"
    assert message.reconcile.ask == 2


async def test_a_state_not_yet_said_carries_the_newest_request() -> None:
    """An untaken state and a request to look again are one message, not two."""
    sessions = Sessions()
    session = sessions.open("a")
    sessions.deliver(target(1, ask=1, a=b"state"))
    sessions.deliver(target(1, ask=2, a=b"state"))

    (message,) = await said(session)

    assert message.desired_state.ask == 2


async def test_a_new_state_makes_a_pending_request_to_look_again_void() -> None:
    sessions = Sessions()
    session = sessions.open("a")
    sessions.deliver(target(1, ask=1, a=b"one"))
    await said(session)
    sessions.deliver(target(1, ask=2, a=b"one"))
    sessions.deliver(target(2, ask=3, a=b"two"))

    (message,) = await said(session)

    assert message.desired_state.revision == 2


async def test_an_agent_reads_no_state_but_its_own() -> None:
    sessions = Sessions()
    sessions.deliver(target(1, ask=1, a=b"state of a"))

    assert await said(sessions.open("stranger")) == []


async def test_a_second_session_of_a_node_replaces_the_first() -> None:
    sessions = Sessions()
    first = sessions.open("a")
    second = sessions.open("a")

    with pytest.raises(SessionEnded):
        await first.next()
    assert sessions.get("a") is second
    assert not sessions.close(first), "the node still has an agent"
    assert sessions.close(second)
    assert sessions.get("a") is None


async def test_a_waiting_stream_wakes_for_a_new_state() -> None:
    sessions = Sessions()
    session = sessions.open("a")
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(session.next())
        tasks.create_task(deliver_later(sessions))

    assert waiting.result().desired_state.revision == 1


async def deliver_later(sessions: Sessions) -> None:
    sessions.deliver(target(1, ask=1, a=b"state"))


async def test_those_hear_first_for_whom_something_changes() -> None:
    sessions = Sessions()
    streams = {node: sessions.open(node) for node in "abc"}
    sessions.deliver(target(1, ask=1, a=b"a", b=b"b", c=b"c"))
    for session in streams.values():
        await said(session)
    heard: list[str] = []

    async def listen(node: str) -> None:
        await streams[node].next()
        heard.append(node)

    async with asyncio.TaskGroup() as tasks:
        for node in streams:
            tasks.create_task(listen(node))
        await asyncio.sleep(0)
        sessions.deliver(target(2, ask=2, a=b"a", b=b"other", c=b"c"))

    assert heard == ["b", "a", "c"]


async def test_replies_reach_the_probe_that_asked() -> None:
    """The agent sees numbers of the session; each caller may use whatever id it likes."""
    session = Sessions().open("a")
    with session.probe(ProbeRequest(id=99)) as first, session.probe(ProbeRequest(id=99)) as second:
        asked = [message.probe_request.id for message in await said(session)]
        session.answer(ProbeReply(id=asked[1], error="second"))
        session.answer(ProbeReply(id=asked[0], error="first"))

        assert (await first.next()).error == "first"
        assert (await second.next()).error == "second"


async def test_a_started_capture_has_a_second_reply() -> None:
    session = Sessions().open("a")
    with session.probe(ProbeRequest()) as replies:
        (message,) = await said(session)
        number = message.probe_request.id
        session.answer(ProbeReply(id=number, capture_started=True))
        session.answer(ProbeReply(id=number, error="done"))

        assert (await replies.next()).capture_started
        assert (await replies.next()).error == "done"
    assert await said(session) == [], "an answered probe needs no abandoning"


async def test_a_probe_that_nobody_waits_for_is_abandoned() -> None:
    session = Sessions().open("a")
    with session.probe(ProbeRequest()):
        (asked,) = await said(session)

    (message,) = await said(session)

    assert message.abandoned_probe == asked.probe_request.id
    session.answer(ProbeReply(id=asked.probe_request.id))  # too late, and harmless


async def test_probes_end_when_the_agent_goes() -> None:
    sessions = Sessions()
    session = sessions.open("a")
    with session.probe(ProbeRequest()) as asked_before:
        sessions.close(session)
        with pytest.raises(SessionEnded):
            await asked_before.next()
    with session.probe(ProbeRequest()) as asked_after, pytest.raises(SessionEnded):
        await asked_after.next()
