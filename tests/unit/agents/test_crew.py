"""Several hosts in one process."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Coroutine

import pytest

from agents.crew import serve


class Host:
    """Lives until told otherwise, and says so."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.here = asyncio.Event()
        self.gone = asyncio.Event()

    async def live(self) -> None:
        logging.getLogger("test").warning("lives")
        self.here.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.gone.set()


async def within_a_second(wait: Coroutine[None, None, object]) -> object:
    async with asyncio.timeout(1):
        return await wait


def test_a_host_goes_and_the_others_stay() -> None:
    async def scenario() -> None:
        first, second = Host("first"), Host("second")
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        lives = {host.name: host.live for host in (first, second)}
        crew = asyncio.create_task(serve(lives, departures=theirs))
        await second.here.wait()
        writer.write(b"first\nnobody\n")
        assert await within_a_second(reader.readline()) == b"first\n"
        assert first.gone.is_set()
        assert await within_a_second(reader.readline()) == b"nobody\n"
        assert not second.gone.is_set()
        os.kill(os.getpid(), signal.SIGTERM)
        await within_a_second(asyncio.wait([crew]))
        assert second.gone.is_set()
        assert crew.exception() is None
        writer.close()

    asyncio.run(scenario())


def test_what_happens_to_one_host_ends_all() -> None:
    """Whoever started the process starts it again."""

    async def fail() -> None:
        raise OSError("no such host")

    async def scenario() -> None:
        staying = Host("staying")
        with pytest.raises(ExceptionGroup):
            await serve({"failing": fail, "staying": staying.live})
        assert staying.gone.is_set() or not staying.here.is_set()

    asyncio.run(scenario())


def test_the_log_says_which_host_a_line_is_about(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        hosts = [Host("first"), Host("second")]
        crew = asyncio.create_task(serve({host.name: host.live for host in hosts}))
        for host in hosts:
            await host.here.wait()
        crew.cancel()
        await asyncio.wait([crew])

    asyncio.run(scenario())
    assert [record.getMessage() for record in caplog.records] == ["first: lives", "second: lives"]
