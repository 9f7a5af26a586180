"""Who waits for whom."""

import asyncio

import pytest

from agents import precedence as module
from agents.precedence import Precedence


async def test_nobody_waits_when_nobody_writes() -> None:
    precedence = Precedence()
    await precedence.give_way()
    with precedence.writing():
        pass
    await precedence.give_way()


async def test_who_has_written_waits_for_all_others() -> None:
    precedence = Precedence()
    order: list[str] = []
    begun = asyncio.Event()

    async def slow() -> None:
        with precedence.writing():
            await begun.wait()
            order.append("written")

    async def quick() -> None:
        with precedence.writing():
            pass
        begun.set()
        await precedence.give_way()
        order.append("verified")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(slow())
        tasks.create_task(quick())
    assert order == ["written", "verified"]


async def test_a_writer_that_fails_holds_nobody_up() -> None:
    precedence = Precedence()
    with pytest.raises(ValueError, match="x"), precedence.writing():
        raise ValueError("x")
    await precedence.give_way()


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.001)
    precedence = Precedence()
    with precedence.writing():
        await precedence.give_way()
