import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from lab.contract.load_balancing import ProbedBackend
from lab.contract.state_parts import Parts, encode_health
from lab.control import rollout as rollout_module
from lab.control.compiling import Compiled
from lab.control.convergence import Convergence, Report
from lab.control.health import Health
from lab.control.outbox import Outbox
from lab.control.rollout import LabInUseError, Rollout
from lab.control.sessions import Sessions
from lab.control.store import Applied, StateFileError
from lab.topology.problems import LabFileError
from lab.topology.sources import LabSources
from tests.unit.lab.control.labs import Memory, compile_words, request
from tests.unit.lab.control.listener import Listener


@asynccontextmanager
async def rollout(
    memory: Memory, *, sessions: Sessions | None = None, convergence: Convergence | None = None
) -> AsyncIterator[Rollout]:
    under_test = Rollout(
        store=memory,
        compile_lab=compile_words,
        sessions=sessions or Sessions(),
        convergence=convergence or Convergence(),
        health=Health(),
    )
    await under_test.restore()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(under_test.run())
        yield under_test
        running.cancel()


async def test_what_is_asked_is_kept_before_an_agent_hears_of_it() -> None:
    sessions = Sessions()
    asked = []

    class Watching(Memory):
        def ask(self, source: bytes) -> None:
            assert sessions._target.revision == 0, "delivered before it was kept"
            super().ask(source)
            asked.append(source)

        def save(self, applied: Applied) -> None:
            assert self.is_asked == applied.source
            super().save(applied)

    memory = Watching()
    async with rollout(memory, sessions=sessions) as under_test:
        delivered = await under_test.apply(request("lab a=1"))

    assert delivered.revision.number == 1
    assert sessions._target.states == {"a": (b"1",)}
    assert memory.applied is not None
    assert memory.applied.revision == 1
    assert asked == [memory.applied.source]
    assert memory.is_asked is None


async def test_hosts_come_before_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as all have answered it is saved, and the caller hears of it."""
    monkeypatch.setattr(rollout_module, "GRACE", 3600)
    memory, sessions, convergence = Memory(), Sessions(), Convergence()
    sessions.open("a", outbox := Outbox())
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=1))
    convergence.connected("a")
    async with (
        rollout(memory, sessions=sessions, convergence=convergence) as under_test,
        asyncio.TaskGroup() as tasks,
    ):
        applying = tasks.create_task(under_test.apply(request("lab a=1")))
        (told,) = (await outbox.next()).messages
        await asyncio.to_thread(lambda: "behind whatever was begun before")
        assert memory.applied is None
        desired = told.desired_state
        convergence.report("a", Report(revision=desired.revision, ask=desired.ask))
        await applying
    assert memory.applied is not None


class Forgetful(Memory):
    """Nothing more is saved: there is no room, or the process is killed as agents are told."""

    full = True

    def save(self, applied: Applied) -> None:
        if self.full:
            raise StateFileError("no room")
        super().save(applied)


async def test_killed_between_the_two_the_process_comes_to_the_same_when_it_comes_back() -> None:
    memory, sessions, again = Forgetful(), Sessions(), Sessions()
    memory.applied = Applied(revision=4, source=_serialised("lab b=1"), ledger="b,z")
    async with rollout(memory, sessions=sessions) as under_test:
        with pytest.raises(StateFileError):
            await under_test.apply(request("lab a=1 b=1"))
        assert sessions._target.revision == 5

    heir = Memory(memory.applied, asked=memory.is_asked)
    async with rollout(heir, sessions=again) as under_test:
        assert under_test.current is not None
        assert under_test.current.number == 5
    assert again._target.states == sessions._target.states == {"a": (b"1",), "b": (b"1",)}
    assert heir.applied == Applied(revision=5, source=_serialised("lab a=1 b=1"), ledger="a,b,z")
    assert heir.is_asked is None


async def test_what_is_not_saved_is_before_the_next_request_follows_from_it() -> None:
    memory = Forgetful()
    async with rollout(memory) as under_test:
        for _ in range(2):
            with pytest.raises(StateFileError):
                await under_test.apply(request("lab a=1"))
        assert under_test.current is not None
        assert under_test.current.number == 1
        memory.full = False
        await under_test.apply(request("lab b=1"))
    assert memory.written == 2
    assert memory.applied is not None
    assert (memory.applied.revision, memory.applied.ledger) == (2, "a,b")


@pytest.mark.parametrize("text", ["lab wrong", "other a=1"])
async def test_what_is_refused_is_not_asked_any_more(text: str) -> None:
    memory = Memory()
    async with rollout(memory) as under_test:
        await under_test.apply(request("lab a=1"))
        with pytest.raises((LabFileError, LabInUseError)):
            await under_test.apply(request(text))
    assert memory.is_asked is None
    assert memory.written == 1


async def test_why_a_request_is_refused_is_said_even_if_it_can_not_be_withdrawn() -> None:
    class Stuck(Memory):
        def withdraw(self) -> None:
            raise StateFileError("no room")

    async with rollout(Stuck()) as under_test:
        with pytest.raises(LabFileError, match="wrong is no node"):
            await under_test.apply(request("lab wrong"))


async def test_what_has_ended_a_process_is_tried_once_more() -> None:
    """And refused, or not tried again by the one that comes after that one."""
    memory = Memory(asked=_serialised("lab wrong"))
    async with rollout(memory) as under_test:
        assert under_test.current is None
    assert memory.is_asked is None


def _serialised(text: str) -> bytes:
    return request(text).SerializeToString(deterministic=True)


async def test_identical_files_keep_their_revision_and_are_asked_for_again() -> None:
    """A second deploy repairs drift: hosts are asked to look, and nothing is written."""
    memory, sessions = Memory(), Sessions()
    async with rollout(memory, sessions=sessions) as under_test:
        await under_test.apply(request("lab a=1"))
        before = sessions._target
        again = await under_test.apply(request("lab a=1"))

    assert again.revision.number == 1
    assert sessions._target.ask == before.ask + 1
    assert memory.written == 1


async def test_files_that_change_no_host_are_kept_under_the_same_revision() -> None:
    """A revision numbers a set of desired states; the files may say the same in other words."""
    memory = Memory()
    async with rollout(memory) as under_test:
        await under_test.apply(request("lab a=1"))
        again = await under_test.apply(request("lab   a=1"))

    assert again.revision.number == 1
    assert again.revision.source.lab.content == b"lab   a=1"
    assert memory.written == 2


async def test_a_changed_state_is_a_new_revision() -> None:
    async with rollout(Memory()) as under_test:
        await under_test.apply(request("lab a=1"))
        changed = await under_test.apply(request("lab a=2"))

    assert changed.revision.number == 2


async def test_concurrent_requests_are_brought_about_one_after_the_other() -> None:
    memory = Memory()
    async with rollout(memory) as under_test, asyncio.TaskGroup() as tasks:
        first = tasks.create_task(under_test.apply(request("lab a=1")))
        second = tasks.create_task(under_test.apply(request("lab a=2 b=1")))

    assert first.result().revision.number == 1
    assert second.result().revision.number == 2
    assert memory.applied is not None
    assert memory.applied.ledger == "a,b", "the second builds on what the first allocated"


async def test_a_request_goes_on_without_its_caller() -> None:
    memory = Memory()
    async with rollout(memory) as under_test:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await under_test.apply(request("lab a=1"))
        following = await under_test.apply(request("lab a=1"))

    assert following.revision.number == 1
    assert memory.written == 1


async def test_files_with_problems_leave_what_stands_alone() -> None:
    memory, sessions = Memory(), Sessions()
    async with rollout(memory, sessions=sessions) as under_test:
        await under_test.apply(request("lab a=1"))
        with pytest.raises(LabFileError, match="wrong is no node"):
            await under_test.apply(request("lab wrong"))

        assert under_test.current is not None
        assert under_test.current.compiled.states == {"a": (b"1",)}
        assert sessions._target.ask == 1


async def test_what_can_not_be_kept_is_not_delivered() -> None:
    sessions = Sessions()

    class Full(Memory):
        def ask(self, source: bytes) -> None:
            raise StateFileError("disk full")

    async with rollout(Full(), sessions=sessions) as under_test:
        with pytest.raises(StateFileError, match="disk full"):
            await under_test.apply(request("lab a=1"))

    assert sessions._target.revision == 0


async def test_a_process_that_comes_back_stands_where_it_stood() -> None:
    memory = Memory()
    async with rollout(memory) as before:
        await before.apply(request("lab a=1", origin="/home/me/lab.yaml"))
        await before.apply(request("lab a=2", origin="/home/me/lab.yaml"))

    sessions = Sessions()
    async with rollout(memory, sessions=sessions) as after:
        assert after.current is not None
        assert after.current.number == 2
        assert after.current.source.origin == "/home/me/lab.yaml"
        assert sessions._target.states == {"a": (b"2",)}
        assert (await after.apply(request("lab a=2"))).revision.number == 2


async def test_a_kept_lab_that_is_refused_now_waits_for_the_next_apply() -> None:
    """A newer version may be stricter: hosts keep what they have, allocations are kept."""
    kept = Applied(revision=4, source=request("lab wrong").SerializeToString(), ledger="z")
    memory, sessions = Memory(kept), Sessions()
    async with rollout(memory, sessions=sessions) as under_test:
        assert under_test.current is None
        assert sessions._target.revision == 0

        delivered = await under_test.apply(request("lab a=1"))

    assert delivered.revision.number == 5
    assert memory.applied is not None
    assert memory.applied.ledger == "a,z"


@pytest.mark.parametrize(
    ("text", "origin", "message"),
    [
        ("lab a=1", "/elsewhere/lab.yaml", "deployed from /here/lab.yaml, not from /elsewhere"),
        ("other a=1", "/here/lab.yaml", "keeps the lab lab, not other"),
    ],
)
async def test_another_lab_is_refused(text: str, origin: str, message: str) -> None:
    """Two files of one name are not changes of one lab, nor are two labs in one file."""
    async with rollout(Memory()) as under_test:
        await under_test.apply(request("lab a=1", origin="/here/lab.yaml"))
        with pytest.raises(LabInUseError, match=message):
            await under_test.apply(request(text, origin=origin))
        assert under_test.current is not None
        assert under_test.current.number == 1


async def test_an_unknown_origin_is_no_other_origin() -> None:
    async with rollout(Memory()) as under_test:
        await under_test.apply(request("lab a=1", origin="/here/lab.yaml"))
        again = await under_test.apply(request("lab a=1"))

    assert again.revision.source.origin == "/here/lab.yaml"


BACKEND = ProbedBackend(probe="lb/alive", host="vm1")


def compile_probed(
    sources: LabSources, ledger: str | None, standing: LabSources | None
) -> Compiled:
    """A lab in words, of which `lb` is a load balancer that has vm1 probed."""
    return replace(compile_words(sources, ledger, standing), probed={"lb": frozenset({BACKEND})})


async def test_a_load_balancer_alone_hears_who_is_up() -> None:
    sessions, health = Sessions(), Health()
    under_test = Rollout(
        store=Memory(),
        compile_lab=compile_probed,
        sessions=sessions,
        convergence=Convergence(),
        health=health,
    )
    await under_test.bring_about(request("lab lb=edge vm1=guest vm2=guest"))
    told = {name: sessions.open(name, Outbox()) for name in ("lb", "vm1")}

    listeners = {name: Listener() for name in told}

    def heard(name: str) -> list[Parts]:
        listener = listeners[name]
        return [listener.state(each) for each in listener.take(told[name])]

    assert heard("lb") == [(b"edge", encode_health([]))], "nobody is up until somebody says so"
    heard("vm1")
    health.heard("vm2", up=["lb/alive"], down=[])
    assert heard("lb") == []
    health.heard("vm1", up=["lb/alive"], down=[])
    assert heard("lb") == [(b"edge", encode_health([BACKEND]))]
    assert heard("vm1") == []
    assert under_test.current is not None
    assert under_test.current.number == 1


async def test_a_process_that_begins_anew_takes_nobody_out() -> None:
    memory = Memory()
    first = Rollout(
        store=memory,
        compile_lab=compile_probed,
        sessions=Sessions(),
        convergence=Convergence(),
        health=Health(),
    )
    await first.bring_about(request("lab lb=edge vm1=guest"))
    sessions = Sessions()
    again = Rollout(
        store=memory,
        compile_lab=compile_probed,
        sessions=sessions,
        convergence=Convergence(),
        health=Health(),
    )
    await again.restore()
    listener = Listener()
    (message,) = listener.take(sessions.open("lb", Outbox()))
    assert listener.state(message) == (b"edge", encode_health([BACKEND]))
