"""When probes ask, and what their answers come to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from agents.workloads.health_prober import HealthProber, Tally
from lab.contract.load_balancing import HealthProbe

PROBE = HealthProbe(name="lb/alive", port=80, interval_seconds=5, threshold=2)
GUEST = "10.0.0.4"


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([True], [True]),
        ([False], [False]),
        ([False, True], [False, True]),
        ([True, False], [True]),
        ([True, False, False], [True, False]),
        ([True, False, True, False], [True]),
        ([True, False, False, True], [True, False, True]),
    ],
)
def test_failures_in_a_row_take_out_and_one_answer_brings_back(
    answers: list[bool], found: list[bool]
) -> None:
    tally = Tally(2)
    assert [tally.up for each in answers if tally.note(answered=each)] == found


class Guest:
    """Answers what it is told to, once it is asked; intervals pass when it is let on."""

    def __init__(self) -> None:
        self.asked: list[tuple[HealthProbe, str]] = []
        self.answers: asyncio.Queue[bool | OSError] = asyncio.Queue()
        self.pauses: asyncio.Queue[None] = asyncio.Queue()
        self.told: asyncio.Queue[None] = asyncio.Queue()

    async def ask(self, probe: HealthProbe, address: str) -> bool:
        self.asked.append((probe, address))
        answer = await self.answers.get()
        if isinstance(answer, OSError):
            raise answer
        return answer

    async def sleep(self, _: float) -> None:
        await self.pauses.get()


@asynccontextmanager
async def probing(guest: Guest) -> AsyncIterator[HealthProber]:
    async with asyncio.TaskGroup() as tasks:
        prober = HealthProber(
            guest.ask,
            tasks=tasks,
            changed=lambda: guest.told.put_nowait(None),
            sleep=guest.sleep,
        )
        yield prober
        prober.close()


async def test_the_first_question_comes_at_once_and_changes_are_told() -> None:
    guest = Guest()
    async with probing(guest) as prober:
        prober.apply(GUEST, (PROBE,))
        assert prober.health == {}, "nothing is known yet"
        for answer in (True, OSError("refused"), False):
            guest.answers.put_nowait(answer)
            guest.pauses.put_nowait(None)
        await guest.told.get()
        await guest.told.get()
        assert prober.health == {"lb/alive": False}
        assert guest.told.empty()
        assert set(guest.asked) == {(PROBE, GUEST)}


async def test_a_probe_that_stays_is_not_begun_anew() -> None:
    guest, other = Guest(), HealthProbe(name="lb/x", port=81, interval_seconds=5, threshold=2)
    async with probing(guest) as prober:
        prober.apply(GUEST, (PROBE,))
        guest.answers.put_nowait(True)
        await guest.told.get()
        prober.apply(GUEST, (PROBE, other))
        assert prober.health == {"lb/alive": True}
        prober.apply(GUEST, (other,))
        assert prober.health == {}


async def test_another_address_is_another_guest() -> None:
    guest = Guest()
    async with probing(guest) as prober:
        prober.apply(GUEST, (PROBE,))
        guest.answers.put_nowait(True)
        await guest.told.get()
        prober.apply("10.0.0.5", (PROBE,))
        assert prober.health == {}
