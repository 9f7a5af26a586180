"""The agent's end of the line to the workloads process of its host."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agents.workloads.desired import (
    LONGEST_LINE,
    Desired,
    Statuses,
    Workload,
    WorkloadStatus,
    decode_statuses,
    encode_desired,
)
from agents.workloads.platform import PlatformServices

logger = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds that `WorkloadsClient.apply` waits for an answer."""

FIRST_WAIT, LONGEST_WAIT = 0.02, 1.0


class WorkloadsUnreachable(ConnectionError):
    """The workloads process doesn't answer; it will get the newest list as soon as it does."""


def _nothing_to_do(_: object) -> None:
    return


class WorkloadsClient:
    """Keeps the workloads process informed of what has to run, through its restarts and ours."""

    def __init__(
        self,
        socket: Path,
        *,
        changed: Callable[[Sequence[WorkloadStatus]], None] = _nothing_to_do,
        health: Callable[[Mapping[str, bool]], None] = _nothing_to_do,
    ) -> None:
        """`changed` hears of every answer, also of those that nobody waits for; `health` of what
        load balancers' probes have found."""
        self._socket = socket
        self._changed = changed
        self._health = health
        self._writer: asyncio.StreamWriter | None = None
        self._desired: Desired | None = None
        self._revision = 0
        self._answered = asyncio.Condition()
        self._answer = Statuses(revision=0, statuses=())

    async def apply(
        self, workloads: Sequence[Workload], platform: PlatformServices | None = None
    ) -> tuple[WorkloadStatus, ...]:
        """Have exactly these running, and say how each is. Needs `run` running beside it.

        Raises `WorkloadsUnreachable` after `PATIENCE`.
        """
        if self._has_answered(workloads, platform):
            return self._answer.statuses
        self._revision += 1
        revision = self._revision
        self._desired = Desired(revision=revision, workloads=tuple(workloads), platform=platform)
        self._send()
        try:
            async with asyncio.timeout(PATIENCE), self._answered:
                await self._answered.wait_for(lambda: self._answer.revision >= revision)
                return self._answer.statuses
        except TimeoutError:
            raise WorkloadsUnreachable(
                f"no answer from the workloads process at {self._socket}"
            ) from None

    def _has_answered(
        self, workloads: Sequence[Workload], platform: PlatformServices | None
    ) -> bool:
        """Whether just these run, as far as is known: what changes is said unasked."""
        return (
            self._desired is not None
            and self._writer is not None
            and self._answer.revision >= self._desired.revision
            and self._desired.workloads == tuple(workloads)
            and self._desired.platform == platform
        )

    async def run(self) -> None:
        """Stay connected until cancelled; whenever it is anew, say again what has to run."""
        wait = FIRST_WAIT
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(
                    str(self._socket), limit=LONGEST_LINE
                )
            except OSError:
                # Nobody listens yet: the process is being started (native: never seen,
                # as its socket is kept open for it).
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
                continue
            wait = FIRST_WAIT
            await self._listen(reader, writer)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        # A new process counts from nothing: an older answer is none of its.
        self._answer = Statuses(revision=0, statuses=())
        self._send()
        try:
            while line := await reader.readline():
                answer = decode_statuses(line)
                async with self._answered:
                    self._answer = answer
                    self._answered.notify_all()
                self._changed(answer.statuses)
                self._health(answer.health)
        except (ConnectionError, ValueError, KeyError) as problem:
            logger.warning("line to the workloads process lost: %r", problem)
        finally:
            self._writer = None
            writer.close()

    def _send(self) -> None:
        if self._writer is not None and self._desired is not None:
            self._writer.write(encode_desired(self._desired))
