"""The hosts that one process looks after: each a task, until it ends or its host goes.

One host to a process is the plain case. Several share what a process costs, its
pages and its threads, which is what a big lab mostly consists of. They share
nothing else: whatever concerns one host, its task owns.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar

logger = logging.getLogger(__name__)

Life = Callable[[], Coroutine[None, None, None]]
"""What is done for a host, until cancelled."""

_host: ContextVar[str] = ContextVar("host", default="")


async def serve(lives: Mapping[str, Life], *, departures: socket.socket | None = None) -> None:
    """Live for every host at once until SIGTERM or SIGINT; for the main task of a process.

    `departures` brings the names of hosts that go, a line each. A name comes back
    when nothing of that host is left here. What a host's life raises ends all.
    """
    loop = asyncio.get_running_loop()
    with _signing(several=len(lives) > 1):
        async with asyncio.TaskGroup() as crew:
            hosts = {
                name: crew.create_task(_live(name, life), name=name) for name, life in lives.items()
            }
            listening = (
                None
                if departures is None
                else crew.create_task(_heed(departures, hosts), name="departures")
            )

            def end() -> None:
                for task in [*hosts.values(), *([listening] if listening else [])]:
                    task.cancel()

            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, end)


async def _live(name: str, life: Life) -> None:
    _host.set(name)
    await life()


@contextmanager
def _signing(*, several: bool) -> Iterator[None]:
    """Have the log say which host a line is about where the name of the process does not."""
    handlers = logging.getLogger().handlers if several else []
    for handler in handlers:
        handler.addFilter(_sign)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(_sign)


def _sign(record: logging.LogRecord) -> bool:
    host = _host.get()
    # Once, however many handlers there are.
    if host and not hasattr(record, "host"):
        record.host = host
        record.msg = f"{host}: {record.msg}"
    return True


async def _heed(departures: socket.socket, hosts: Mapping[str, asyncio.Task[None]]) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=departures)
    try:
        while line := await reader.readline():
            name = line.decode().rstrip("\n")
            # Unknown names are those of hosts that went while this process started anew.
            if task := hosts.get(name):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([task])
                logger.info("%s has gone", name)
            writer.write(line)
    finally:
        writer.close()
