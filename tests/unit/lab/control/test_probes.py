import asyncio
from contextlib import aclosing

import pytest

from lab.contract.v1.agent_pb2 import ProbeReply, ProbeRequest
from lab.control.outbox import Outbox
from lab.control.probes import NoAgentError, NoAnswerError, Probes
from lab.control.sessions import AgentSession, Sessions


async def answering(session: AgentSession, *replies: ProbeReply) -> None:
    """An agent that gives `replies` to the next probe."""
    (message,) = (await session.outbox.next()).messages
    request = message.probe_request
    for reply in replies:
        reply.id = request.id
        session.answer(reply)


async def collected(probes: Probes, request: ProbeRequest) -> list[ProbeReply]:
    async with aclosing(probes.replies("a", request)) as replies:
        return [reply async for reply in replies]


async def test_replies_come_back_under_the_callers_own_id() -> None:
    sessions = Sessions()
    session = sessions.open("a", Outbox())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            answering(session, ProbeReply(capture_started=True), ProbeReply(error="end"))
        )
        asked = tasks.create_task(collected(Probes(sessions), ProbeRequest(id=42, deadline=60)))

    assert [(reply.id, reply.error) for reply in asked.result()] == [(42, ""), (42, "end")]


async def test_a_host_without_an_agent_is_said_at_once() -> None:
    with pytest.raises(NoAgentError, match="the agent of a is not connected"):
        await collected(Probes(Sessions()), ProbeRequest(deadline=60))


async def test_an_agent_that_leaves_ends_its_probes() -> None:
    sessions = Sessions()
    session = sessions.open("a", Outbox())

    async def leaving() -> None:
        await session.outbox.next()
        sessions.close(session)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(leaving())
        with pytest.raises(NoAgentError, match="left before it had answered"):
            await collected(Probes(sessions), ProbeRequest(deadline=60))


async def test_an_agent_that_does_not_answer_is_not_waited_for_beyond_the_deadline() -> None:
    sessions = Sessions()
    session = sessions.open("a", Outbox())

    with pytest.raises(NoAnswerError, match=r"did not answer within 0\.001 s"):
        await collected(Probes(sessions, grace=0), ProbeRequest(deadline=1e-3))

    asked, abandoned = (await session.outbox.next()).messages
    assert abandoned.abandoned_probe == asked.probe_request.id, "the agent gives up as well"


async def test_a_probe_without_a_deadline_gets_one() -> None:
    """Nothing may hang on a host for ever because a caller forgot to say for how long."""
    sessions = Sessions()
    session = sessions.open("a", Outbox())
    replies = Probes(sessions).replies("a", ProbeRequest(id=1))

    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(anext(replies))
        (message,) = (await session.outbox.next()).messages
        request = message.probe_request
        session.answer(ProbeReply(id=request.id))

    assert request.deadline > 0
    assert asking.result().id == 1
    await replies.aclose()
