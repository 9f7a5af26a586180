"""Writing goes before verifying, among the hosts that one process looks after.

A change of a lab reaches all hosts of a process at once, and all their rounds share
one processor. Were each to verify what it wrote before the next one writes, the last
host would enforce the change when all others had long been verified.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PATIENCE = 1.0
"""Seconds after which a round goes on although another one still writes much."""


class Precedence:
    """Shared by the rounds of a process."""

    def __init__(self) -> None:
        self._writing = 0
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """For the part of a round that ends with what is wanted being written."""
        self._writing += 1
        self._none.clear()
        try:
            yield
        finally:
            self._writing -= 1
            if not self._writing:
                self._none.set()

    async def give_way(self) -> None:
        """Wait until nobody is `writing`; at most `PATIENCE`."""
        if self._none.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._none.wait()
