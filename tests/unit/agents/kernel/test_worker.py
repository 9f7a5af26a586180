"""One thread for everything that touches the kernel."""

import threading

import pytest

from agents.kernel.worker import Worker


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
