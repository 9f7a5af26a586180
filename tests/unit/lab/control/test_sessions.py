import asyncio
from random import Random

import pytest

from lab.contract.state_parts import Parts
from lab.contract.v1.agent_pb2 import ProbeReply, ProbeRequest
from lab.control.outbox import Outbox, StreamEnded
from lab.control.sessions import AgentSession, SessionEnded, Sessions, Target
from tests.unit.lab.control.listener import Listener


def target(revision: int, *, ask: int, **states: bytes) -> Target:
    return Target(
        revision=revision, ask=ask, states={name: (state,) for name, state in states.items()}
    )


def opened(sessions: Sessions, node: str = "a") -> AgentSession:
    """A session on a stream of its own."""
    return sessions.open(node, Outbox())


async def test_an_agent_that_arrives_hears_the_state_that_stands() -> None:
    sessions = Sessions()
    sessions.deliver(target(3, ask=7, a=b"state of a", b=b"state of b"))

    listener = Listener()
    (message,) = listener.take(opened(sessions))

    assert message.desired_state.revision == 3
    assert message.desired_state.ask == 7
    assert listener.state(message) == (b"state of a",)


async def test_only_the_newest_state_is_said_however_many_came_before() -> None:
    """The slot holds one desired state, never a queue of them."""
    sessions = Sessions()
    session = opened(sessions)
    for revision in range(1, 6):
        sessions.deliver(target(revision, ask=revision, a=bytes([revision])))

    listener = Listener()
    (message,) = listener.take(session)

    assert message.desired_state.revision == 5
    assert listener.state(message) == (b"\5",)


async def test_the_same_revision_is_not_sent_twice_in_one_session_but_asked_for_again() -> None:
    sessions = Sessions()
    listener = Listener()
    session = opened(sessions)
    sessions.deliver(target(1, ask=1, a=b"state"))
    listener.take(session)

    sessions.deliver(target(1, ask=2, a=b"state"))

    (message,) = listener.take(session)
    assert message.WhichOneof("message") == "reconcile"
    assert message.reconcile.ask == 2


async def test_a_state_not_yet_said_carries_the_newest_request() -> None:
    """An untaken state and a request to look again are one message, not two."""
    sessions = Sessions()
    session = opened(sessions)
    sessions.deliver(target(1, ask=1, a=b"state"))
    sessions.deliver(target(1, ask=2, a=b"state"))

    (message,) = Listener().take(session)

    assert message.desired_state.ask == 2


async def test_a_new_state_makes_a_pending_request_to_look_again_void() -> None:
    sessions = Sessions()
    listener = Listener()
    session = opened(sessions)
    sessions.deliver(target(1, ask=1, a=b"one"))
    listener.take(session)
    sessions.deliver(target(1, ask=2, a=b"one"))
    sessions.deliver(target(2, ask=3, a=b"two"))

    (message,) = listener.take(session)

    assert message.desired_state.revision == 2


async def test_an_agent_reads_no_state_but_its_own() -> None:
    sessions = Sessions()
    sessions.deliver(target(1, ask=1, a=b"state of a"))

    assert Listener().take(opened(sessions, "stranger")) == []


async def test_a_second_session_of_a_node_replaces_the_first_and_ends_its_stream() -> None:
    """Whoever speaks there has to hear that it speaks for nobody."""
    sessions = Sessions()
    sessions.deliver(target(1, ask=1, a=b"state"))
    first = opened(sessions)
    second = opened(sessions)

    assert Listener().take(first) == []
    with pytest.raises(StreamEnded):
        await first.outbox.next()
    assert first.outbox.replaced == "a"
    assert sessions.get("a") is second
    assert not sessions.close(first), "the node still has an agent"
    assert sessions.close(second)
    assert sessions.get("a") is None


async def test_a_host_that_comes_back_on_its_stream_leaves_the_stream_alone() -> None:
    sessions, outbox = Sessions(), Outbox()
    sessions.deliver(target(1, ask=1, a=b"state"))
    first = sessions.open("a", outbox)
    second = sessions.open("a", outbox)

    assert first.ended
    assert not second.ended
    listener = Listener()
    (message,) = listener.hear(await outbox.next())
    assert listener.state(message) == (b"state",)


async def test_all_streams_end_with_the_cloud_process() -> None:
    sessions = Sessions()
    several = [opened(sessions, node) for node in "ab"]
    sessions.end()

    for session in several:
        assert session.ended
        with pytest.raises(StreamEnded):
            await session.outbox.next()


async def test_a_waiting_stream_wakes_for_a_new_state() -> None:
    sessions = Sessions()
    session = opened(sessions)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(session.outbox.next())
        tasks.create_task(deliver_later(sessions))

    (message,) = waiting.result().messages
    assert message.desired_state.revision == 1


async def deliver_later(sessions: Sessions) -> None:
    sessions.deliver(target(1, ask=1, a=b"state"))


async def test_those_hear_first_for_whom_something_changes() -> None:
    sessions, outbox = Sessions(), Outbox()
    for node in "abc":
        sessions.open(node, outbox)
    sessions.deliver(target(1, ask=1, a=b"a", b=b"b", c=b"c", d=b"d"))
    await outbox.next()
    # Somebody who has been told nothing yet: not all can be told at once.
    sessions.open("d", outbox)
    sessions.deliver(target(2, ask=2, a=b"a", b=b"other", c=b"c", d=b"d"))

    assert [message.node for message in (await outbox.next()).messages] == ["d", "b", "a", "c"]


async def test_what_becomes_of_the_parts_of_all_is_said_once_to_all() -> None:
    sessions, outbox, listener = Sessions(), Outbox(), Listener()
    for node in "ab":
        sessions.open(node, outbox)
    for revision, shared in enumerate((b"old", b"new"), 1):
        states = {node: (node.encode(), shared) for node in "ab"}
        sessions.deliver(Target(revision=revision, ask=revision, states=states))
        said = await outbox.next()
        listener.hear(said)

    assert listener.states == states
    assert (said.succession.revision, said.succession.ask) == (2, 2)
    assert [part.node_state for part in said.parts] == [b"new"]
    assert len(said.forgotten_parts) == len(said.succession.replacements) == 1
    assert not said.messages


@pytest.mark.parametrize("seed", range(40))
async def test_everybody_hears_what_it_is_to_be(seed: int) -> None:
    """However states share parts, and whoever comes and goes."""
    random = Random(seed)
    sessions, outbox, listener = Sessions(), Outbox(), Listener()
    here: dict[str, AgentSession] = {}
    at_once = 0
    states: dict[str, Parts] = {}
    for revision in range(1, 40):
        states = _edited(states, random)
        if random.random() < 0.1 and here:
            node, session = here.popitem()
            sessions.close(session)
            listener.leave(node)
        if random.random() < 0.3 and (away := sorted(states.keys() - here.keys())):
            node = random.choice(away)
            here[node] = sessions.open(node, outbox)
        sessions.deliver(Target(revision=revision, ask=revision, states=states))
        if here:
            said = await outbox.next()
            listener.hear(said)
            at_once += said.HasField("succession")
        assert listener.states == {node: states[node] for node in here} or not here
        assert (
            set(listener.parts.values()) == {part for node in here for part in states[node]}
            or not here
        )
    assert at_once > 5


def _edited(states: dict[str, Parts], random: Random) -> dict[str, Parts]:
    """Others: one host's, some part wherever it is, or all anew."""
    kind = random.choice(["one", "part", "part", "part", "anew"]) if states else "anew"
    if kind == "part":
        parts = sorted({part for state in states.values() for part in state})
        old, new = random.choice(parts), random.choice([*parts, b"%d" % random.randrange(99)])
        return {
            node: tuple(new if part == old else part for part in state)
            for node, state in states.items()
        }
    chosen = [random.choice("abcde")] if kind == "one" else "abcde"
    return states | {
        node: tuple(random.choices([b"x", b"y", b"z", node.encode()], k=random.randint(1, 3)))
        for node in chosen
    }


async def test_replies_reach_the_probe_that_asked() -> None:
    """The agent sees numbers of the session; each caller may use whatever id it likes."""
    session = opened(Sessions())
    with session.probe(ProbeRequest(id=99)) as first, session.probe(ProbeRequest(id=99)) as second:
        asked = [message.probe_request.id for message in Listener().take(session)]
        session.answer(ProbeReply(id=asked[1], error="second"))
        session.answer(ProbeReply(id=asked[0], error="first"))

        assert (await first.next()).error == "first"
        assert (await second.next()).error == "second"


async def test_a_started_capture_has_a_second_reply() -> None:
    session = opened(Sessions())
    listener = Listener()
    with session.probe(ProbeRequest()) as replies:
        (message,) = listener.take(session)
        number = message.probe_request.id
        session.answer(ProbeReply(id=number, capture_started=True))
        session.answer(ProbeReply(id=number, error="done"))

        assert (await replies.next()).capture_started
        assert (await replies.next()).error == "done"
    assert listener.take(session) == [], "an answered probe needs no abandoning"


async def test_a_probe_that_nobody_waits_for_is_abandoned() -> None:
    session = opened(Sessions())
    listener = Listener()
    with session.probe(ProbeRequest()):
        (asked,) = listener.take(session)

    (message,) = listener.take(session)

    assert message.abandoned_probe == asked.probe_request.id
    session.answer(ProbeReply(id=asked.probe_request.id))  # too late, and harmless


async def test_probes_end_when_the_agent_goes() -> None:
    sessions = Sessions()
    session = opened(sessions)
    with session.probe(ProbeRequest()) as asked_before:
        sessions.close(session)
        with pytest.raises(SessionEnded):
            await asked_before.next()
    with session.probe(ProbeRequest()) as asked_after, pytest.raises(SessionEnded):
        await asked_after.next()


async def test_what_was_observed_amends_the_state_that_stands() -> None:
    """The revision is the same: who was told of it hears it again, who comes later as well."""
    sessions = Sessions()
    session = opened(sessions)
    sessions.deliver(target(1, ask=1, a=b"state"))
    listener = Listener()
    listener.take(session)

    sessions.amend("a", (b"state", b"more"))
    sessions.amend("a", (b"state", b"more"))

    (message,) = listener.take(session)
    assert listener.state(message) == (b"state", b"more")
    assert (message.desired_state.revision, message.desired_state.ask) == (1, 1)
    another = Listener()
    (again,) = another.take(opened(sessions))
    assert another.state(again) == (b"state", b"more")
