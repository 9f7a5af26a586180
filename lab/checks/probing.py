"""Asks what tests expect, until it comes true or its time is over.

One attempt asks everything that a test expects: captures first, and each has
said that it sees packets before the traffic begins. What follows a failed
attempt is the next one; only attempts that fail at once are spaced, so that a
refused connection is not asked for ten thousand times a second.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lab.checks.expectations import Expected, expected_of
from lab.checks.outcome import Attempt, Outcome, Verdict
from lab.checks.questions import Question, captures_for, questions_for
from lab.checks.verdict import Addresses, findings_for
from lab.contract.v1.agent_pb2 import ProbeReply, ProbeRequest, StopCaptureProbe
from lab.topology.model import Test

KEPT_ATTEMPTS = 3
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between an attempt that failed and the next."""

AT_ONCE = 8
"""Tests that are asked at the same time."""


class CanNotAsk(Exception):
    """A question reached nobody; the message says why."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent
        """Asking again would not help: there is no such target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What a target of a test turned out to be."""

    address: str
    """What a packet to it is addressed to."""
    addresses: Addresses = field(default_factory=Addresses)
    cluster: str = ""
    """That it is in; empty outside of clusters."""
    is_target: bool = True
    """False: a bare address, which nothing can be captured at."""


class Lab(Protocol):
    """A running lab, as far as tests need it."""

    def ask(self, target: str, request: ProbeRequest) -> AsyncIterator[ProbeReply]:
        """Make a probe at a target; every reply as it comes. Raises `CanNotAsk`."""
        ...

    async def find(self, name: str, *, cluster: str = "") -> Peer:
        """The target called `name`, or the bare address, as it is asked from inside `cluster`
        or from outside of all. Raises `CanNotAsk`."""
        ...


class Clock(Protocol):
    """Time, as far as tests need it."""

    def time(self) -> float:
        """Seconds since some moment."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Come back later."""
        ...


class LoopClock:
    """The time of the running loop."""

    def time(self) -> float:
        """Seconds of the loop's monotonic clock."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Let the loop do other things for `seconds`."""
        await asyncio.sleep(seconds)


async def run_tests(
    tests: Sequence[Test],
    *,
    lab: Lab,
    on_outcome: Callable[[Outcome], None] = lambda _: None,
    clock: Clock | None = None,
) -> tuple[Outcome, ...]:
    """Every test's outcome, in the order of `tests`.

    Tests that capture count packets, so they run alone and after all others,
    which run beside each other.
    """
    clock = clock or LoopClock()
    outcomes: dict[str, Outcome] = {}
    places = asyncio.Semaphore(AT_ONCE)

    async def run(test: Test) -> None:
        async with places:
            outcome = await run_test(test, lab=lab, clock=clock)
        outcomes[test.name] = outcome
        on_outcome(outcome)

    watching = [test for test in tests if expected_of(test.expect).watches]
    async with asyncio.TaskGroup() as tasks:
        for test in tests:
            if test not in watching:
                tasks.create_task(run(test))
    for test in watching:
        await run(test)
    return tuple(outcomes[test.name] for test in tests)


async def run_test(test: Test, *, lab: Lab, clock: Clock) -> Outcome:
    """Attempts until one holds, or `test.within` seconds are over; at least one."""
    began = clock.time()
    expected = expected_of(test.expect)
    attempts: list[Attempt] = []
    while True:
        number = attempts[-1].number + 1 if attempts else 1
        started = clock.time() - began
        attempt, hopeless = await _attempt(test, expected, lab=lab, number=number, started=started)
        attempts = [*attempts[-KEPT_ATTEMPTS + 1 :], attempt]
        seconds = clock.time() - began
        if attempt.holds or hopeless or seconds >= test.within:
            return Outcome(
                test=test, verdict=_verdict_of(attempt), attempts=tuple(attempts), seconds=seconds
            )
        pause = min(FIRST_PAUSE * 2 ** min(number - 1, 10), LONGEST_PAUSE)
        await clock.sleep(min(pause, test.within - seconds))


def _verdict_of(attempt: Attempt) -> Verdict:
    if attempt.holds:
        return Verdict.PASSED
    return Verdict.BROKEN if attempt.trouble else Verdict.FAILED


async def _attempt(
    test: Test, expected: Expected, *, lab: Lab, number: int, started: float
) -> tuple[Attempt, bool]:
    """One attempt, and whether a further one would be in vain."""
    try:
        source = await lab.find(test.source)
        destination = None
        if test.destination:
            destination = await lab.find(test.destination, cluster=source.cluster)
        replies = await _ask_everything(test, expected, destination=destination, lab=lab)
    except CanNotAsk as error:
        return Attempt(number=number, started=started, trouble=str(error)), error.permanent
    except ExceptionGroup as group:
        errors = list(_flat(group))
        attempt = Attempt(number=number, started=started, trouble=str(errors[0]))
        return attempt, errors[0].permanent
    if trouble := next((reply.error for reply in replies.values() if reply.error), ""):
        return Attempt(number=number, started=started, trouble=trouble), False
    findings = findings_for(expected, replies, addresses=source.addresses)
    return Attempt(number=number, started=started, findings=findings), False


def _flat(group: ExceptionGroup[Exception]) -> Iterable[CanNotAsk]:
    """The reasons within a group; anything that is no `CanNotAsk` is a bug and rises."""
    known, other = group.split(CanNotAsk)
    if other is not None:
        raise other
    assert known is not None
    for error in known.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _flat(error)
        elif isinstance(error, CanNotAsk):
            yield error


async def _ask_everything(
    test: Test, expected: Expected, *, destination: Peer | None, lab: Lab
) -> dict[str, ProbeReply]:
    """Captures, then the traffic, then the captures' results."""
    address = destination.address if destination else ""
    if expected.source_by_capture and not (destination and destination.is_target):
        raise CanNotAsk(
            f"sourceSeen without http is read off packets at the receiver, "
            f"and {test.destination} is no target of the lab",
            permanent=True,
        )
    captures = captures_for(
        expected, destination=test.destination, address=address, token=secrets.token_hex(8)
    )
    questions = questions_for(expected, source=test.source, address=address)
    async with asyncio.TaskGroup() as tasks:
        running = [RunningCapture(question, lab) for question in captures]
        for capture in running:
            tasks.create_task(capture.run())
        for capture in running:
            await capture.started.wait()
        replies = {} if any(c.reply for c in running) else await _ask_all(questions, lab)
        for capture in running:
            await capture.stop()
    return replies | {capture.question.name: capture.result for capture in running}


async def _ask_all(questions: Sequence[Question], lab: Lab) -> dict[str, ProbeReply]:
    async with asyncio.TaskGroup() as tasks:
        asked = {
            question.name: tasks.create_task(last_reply(question, lab)) for question in questions
        }
    return {name: task.result() for name, task in asked.items()}


async def last_reply(question: Question, lab: Lab) -> ProbeReply:
    """The reply that ends a probe. Raises `CanNotAsk` when none came."""
    replies = [reply async for reply in lab.ask(question.target, question.request)]
    if not replies:
        raise went_away(question)
    return replies[-1]


def went_away(question: Question) -> CanNotAsk:
    """The answer that never came: it must not pass for silence on the wire."""
    return CanNotAsk(f"{question.target} went away without an answer", permanent=False)


class RunningCapture:
    """A capture from its request to its result."""

    def __init__(self, question: Question, lab: Lab) -> None:
        self.question = question
        self.started = asyncio.Event()
        """Set once packets are seen, or the capture has ended without that."""
        self.reply: ProbeReply | None = None
        self._lab = lab

    @property
    def result(self) -> ProbeReply:
        """What it saw, once `run` has returned. Raises `CanNotAsk` when nobody said."""
        if self.reply is None:
            raise went_away(self.question)
        return self.reply

    async def run(self) -> None:
        """Until its result is there."""
        try:
            async for reply in self._lab.ask(self.question.target, self.question.request):
                if reply.capture_started:
                    self.started.set()
                else:
                    self.reply = reply
        finally:
            self.started.set()

    async def stop(self) -> None:
        """Have it answer with what it saw; one that has ended by itself is left alone."""
        if self.reply is None:
            token = self.question.request.capture.token
            stop = ProbeRequest(deadline=5.0, stop_capture=StopCaptureProbe(token=token))
            async for _ in self._lab.ask(self.question.target, stop):
                pass
