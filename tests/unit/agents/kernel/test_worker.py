"""One thread for everything that touches the kernel."""

import asyncio
import threading
from contextvars import ContextVar

import pytest

from agents.kernel.worker import Worker


async def release(held: threading.Event) -> None:
    """Let go, once all that was begun before has asked: tasks begin in their order."""
    held.set()


async def test_all_work_runs_on_one_thread_that_is_not_the_loops() -> None:
    """The network namespace is the thread's: two threads would be in two places."""
    worker = Worker("host1")
    threads = {await worker.run(threading.get_ident) for _ in range(5)}
    worker.close()
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_errors_come_back_to_who_asked() -> None:
    worker = Worker("host1")
    with pytest.raises(ZeroDivisionError):
        await worker.run(divmod, 1, 0)
    worker.close()


async def test_the_thread_is_named_after_the_host() -> None:
    worker = Worker("host1")
    name = (await worker.run(threading.current_thread)).name
    worker.close()
    assert name.startswith("kernel-host1")


async def test_closing_twice_is_no_error() -> None:
    worker = Worker("host1")
    worker.close()
    worker.close()


async def test_nothing_runs_after_the_end() -> None:
    worker = Worker("host1")
    worker.close()
    with pytest.raises(RuntimeError, match="kernel-host1 has ended"):
        await worker.run(divmod, 1, 1)


async def test_what_was_asked_before_the_end_is_done() -> None:
    worker = Worker("host1")
    holding, done = threading.Event(), []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(holding.wait))
        for number in range(3):
            tasks.create_task(worker.run(done.append, number))
        tasks.create_task(release(holding))
    worker.close()
    assert done == [0, 1, 2]


async def test_who_does_not_wait_any_more_disturbs_nobody() -> None:
    worker = Worker("host1")
    loop, begun, holding = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hold() -> None:
        loop.call_soon_threadsafe(begun.set)
        holding.wait()

    given_up = asyncio.create_task(worker.run(hold))
    await begun.wait()
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(worker.run(divmod, 7, 2))
        tasks.create_task(release(holding))
    assert waiting.result() == (3, 1)
    worker.close()


def test_one_thread_serves_one_loop_after_the_other() -> None:
    worker = Worker("host1")
    assert asyncio.run(worker.run(divmod, 7, 2)) == (3, 1)
    assert asyncio.run(worker.run(divmod, 9, 2)) == (4, 1)
    worker.close()


async def test_the_context_is_that_of_who_asks() -> None:
    """The log tells hosts of a process apart by it."""
    worker = Worker("host1")
    host: ContextVar[str] = ContextVar("host")
    host.set("a")
    one = asyncio.create_task(worker.run(host.get))
    host.set("b")
    assert [await one, await worker.run(host.get)] == ["a", "b"]
    worker.close()


async def test_nothing_begins_before_all_of_a_turn_have_asked() -> None:
    """Else the first job and the loop would wait for each other, job by job."""
    worker = Worker("host1")
    asked: list[int] = []
    known: list[int] = []

    async def ask(number: int) -> None:
        job = worker.submit(lambda: known.append(len(asked)))
        asked.append(number)
        await job

    async with asyncio.TaskGroup() as tasks:
        for number in range(20):
            tasks.create_task(ask(number))
    worker.close()
    assert known == [20] * 20
