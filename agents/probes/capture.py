"""Packets on an interface of a place, seen by a real `tcpdump`."""

import asyncio
import os
import re
import signal
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from agents.probes.tool import NOT_FOUND, Output, ProbeError, end_of, refuse_missing_tool, started
from lab.contract.v1.agent_pb2 import CaptureProbe, CaptureResult

KEPT_PACKETS = 1000
"""Lines of a capture that travel; `CaptureResult.matched` counts the rest as well."""

SNAPSHOT = 2048
"""Bytes of a packet that tcpdump gets to see: more than it ever prints in a line."""

MATCHED = re.compile(r"(\d+) packets? received by filter")

LISTENING = b"listening on "
"""Said by tcpdump once its filter is in force, and not before (tcpdump.c, main)."""


def command_of(probe: CaptureProbe) -> list[str]:
    """The tcpdump that prints each packet as it comes.

    Immediate mode, because otherwise the kernel hands packets over in blocks
    that may take a second to fill. There the ring has a slot of the snapshot's
    length for each packet: eight at tcpdump's own length, which a burst overruns.
    """
    count = ["-c", str(probe.count)] if probe.count else []
    shown = ["-l", "-nn", "-U", "--immediate-mode", "-s", str(SNAPSHOT), *count]
    return ["tcpdump", *shown, "-i", probe.interface or "any", "--", probe.filter]


def result_of(packets: Sequence[str], messages: str) -> CaptureResult:
    """What tcpdump printed, with the kernel's own count from its closing words.

    On a loopback interface the kernel counts every packet on its way out and on
    its way in, and tcpdump shows one of the two.
    """
    counts = MATCHED.findall(messages)
    matched = int(counts[-1]) if counts else len(packets)
    return CaptureResult(packets=packets[:KEPT_PACKETS], matched=max(matched, len(packets)))


class RunningCaptures:
    """The captures of one host that a later request may end, by their tokens."""

    def __init__(self) -> None:
        self._processes: dict[str, Process] = {}

    def stop(self, token: str) -> None:
        """Lets the capture print what it has and end; none of that name is no error.

        It may have ended by itself, with its count or its deadline.
        """
        if process := self._processes.get(token):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)

    async def run(
        self,
        probe: CaptureProbe,
        *,
        prefix: Sequence[str],
        deadline: float,
        on_started: Callable[[], Awaitable[None]],
    ) -> CaptureResult:
        """Captures until `probe.count` packets, `stop` or `deadline` seconds.

        `on_started` is awaited once packets are seen. Raises `ProbeError` with
        tcpdump's words when it never came to that (no such interface, bad filter).
        """
        if probe.token in self._processes:
            raise ProbeError(f"a capture called {probe.token!r} is running here already")
        async with started([*prefix, *command_of(probe)]) as process:
            if probe.token:
                self._processes[probe.token] = process
            try:
                async with asyncio.TaskGroup() as tasks:
                    packets = tasks.create_task(read_packets(process))
                    messages = tasks.create_task(read_messages(process, on_started=on_started))
                    exit_code = await end_of(process, deadline=deadline)
            finally:
                self._processes.pop(probe.token, None)
        said = messages.result()
        if LISTENING not in said:
            output = Output(exit_code=exit_code or NOT_FOUND, stdout=b"", stderr=said)
            refuse_missing_tool(output, tool="tcpdump")
            raise ProbeError(said.decode(errors="replace").strip() or "tcpdump said nothing")
        return result_of(packets.result(), said.decode(errors="replace"))


async def read_packets(process: Process) -> list[str]:
    """Lines of stdout; of a long capture only the first ones are kept.

    An interrupted tcpdump ends with an empty line, in case one was not finished.
    """
    assert process.stdout is not None
    packets: list[str] = []
    async for line in process.stdout:
        if len(packets) <= KEPT_PACKETS and (packet := line.decode(errors="replace").strip()):
            packets.append(packet)
    return packets


async def read_messages(process: Process, *, on_started: Callable[[], Awaitable[None]]) -> bytes:
    """All of stderr, which is where tcpdump says that it listens and what it counted."""
    assert process.stderr is not None
    said = b""
    async for line in process.stderr:
        if line.startswith(LISTENING):
            await on_started()
        said += line
    return said
