"""The one thread that netlink, setns and tools run on."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from queue import SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

PATIENCE = 0.02
"""Seconds that an outcome waits for those of jobs behind it: then it is told before another
one begins."""


class Worker:
    """Runs functions one after the other on a thread of its own.

    The network namespace is a property of a thread, and netlink blocks (shortly):
    neither may concern the thread of the event loop. One thread also makes every
    sequence of kernel calls of a host atomic towards the others of that host.

    A change of a lab makes as many short jobs as the process has hosts. Both threads take
    what there is together: all that is asked in one turn of the loop, and what has come of
    several jobs. A thread that is woken for each of them would have the other one wait.
    """

    def __init__(self, name: str) -> None:
        """The thread begins with the first job, so that a process may be forked until then."""
        self._asked: list[Callable[[], _Outcome]] = []
        """In this turn of the loop."""
        self._jobs: SimpleQueue[Callable[[], _Outcome] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name=f"kernel-{name}", daemon=True)
        self._closed = False

    async def run(
        self,
        function: Callable[_Arguments, _Result],
        *arguments: _Arguments.args,
        **keywords: _Arguments.kwargs,
    ) -> _Result:
        """Run a function on the thread and wait for what it returns or raises.

        Cancelling the wait does not stop the function: what it changes stays consistent with
        what it recorded.

        Raises:
            RuntimeError: the thread was closed.
        """
        return await self.submit(function, *arguments, **keywords)

    def submit(
        self,
        function: Callable[_Arguments, _Result],
        *arguments: _Arguments.args,
        **keywords: _Arguments.kwargs,
    ) -> "asyncio.Future[_Result]":
        """Have a function run on the thread: what will it return or raise?

        It runs in the context of who asks, by which the log tells hosts apart.

        Raises:
            RuntimeError: the thread was closed.
        """
        if self._closed:
            raise RuntimeError(f"{self._thread.name} has ended")
        loop, context = asyncio.get_running_loop(), copy_context()
        waiting: asyncio.Future[_Result] = loop.create_future()

        def job() -> _Outcome:
            try:
                result = context.run(function, *arguments, **keywords)
            except BaseException as problem:
                return _Outcome(loop, waiting, problem=problem)
            return _Outcome(loop, waiting, result)

        if not self._asked:
            loop.call_soon(self._hand_over)
        self._asked.append(job)
        return waiting

    def close(self) -> None:
        """End the thread once its work is done. Idempotent."""
        self._closed = True
        self._hand_over()
        self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _hand_over(self) -> None:
        asked, self._asked = self._asked, []
        for job in asked:
            self._jobs.put(job)
        if asked and self._thread.ident is None:
            self._thread.start()

    def _work(self) -> None:
        untold: list[_Outcome] = []
        since = 0.0
        while (job := self._jobs.get()) is not None:
            outcome, now = job(), monotonic()
            since = since if untold else now
            untold.append(outcome)
            if self._jobs.empty() or now - since >= PATIENCE:
                _tell(untold)
                untold = []


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Of a job."""

    loop: asyncio.AbstractEventLoop
    """Of who waits for it."""
    waiting: "asyncio.Future[Any]"
    result: object = None
    problem: BaseException | None = None

    def tell(self) -> None:
        """In the loop."""
        if self.waiting.done():
            # Cancelled meanwhile.
            return
        if self.problem is None:
            self.waiting.set_result(self.result)
        else:
            self.waiting.set_exception(self.problem)


def _tell(outcomes: list[_Outcome]) -> None:
    for loop, those in groupby(outcomes, key=attrgetter("loop")):
        # In a loop that has ended nobody waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_tell_here, list(those))


def _tell_here(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        outcome.tell()
