"""A stream of datagrams through the fabric of a native lab, and what became of each."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.plan.node import FABRIC_MAC
from benchmarks.measurement import NotMeasured
from benchmarks.processes import listener
from lab.runtime.native.filesystem import HOSTS

DRIVER = Path(__file__).parent / "drivers" / "probe_stream.py"
SYSTEM_PYTHON = "/usr/bin/python3"
"""The capsule may not show the one that runs this."""

SENDERS = 2
"""Processes that send, each on a processor of its own: to ask a hundred nodes takes one 4 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When what the hosts do with a flow turned, after somebody wanted it to."""

    latest: float
    """Seconds until the last host did what was wanted: its first datagram that was treated so."""
    relapses: int
    """Hosts that treated a later datagram the old way again."""


class Stream:
    """Datagrams of many nodes, each time that something is about to change."""

    def __init__(self, processes: "Sequence[subprocess.Popen[str]]") -> None:
        """`processes`: those that send, each for nodes of its own."""
        self._processes = processes
        self._carried = False

    def watch(self, *, carried: bool) -> None:
        """Begin: soon every host will carry the datagrams, or none."""
        self._carried = carried
        self._say(f"watch {int(carried)}")
        if set(self._answers()) != {"watching\n"}:
            raise NotMeasured("the stream of probes has ended")

    def asked(self, at: float) -> None:
        """Somebody wanted it; `at`: `time.monotonic`."""
        self._say(f"asked {at}")

    def turn(self, *, since: float) -> Turn:
        """End: when did the last host begin to carry the datagrams, or cease to?

        `since`: `time.monotonic`. Raises `NotMeasured` when a host has not, or had before.
        """
        delays = []
        relapses = 0
        carried = self._carried
        for node, probes in self._seen().items():
            if any(probe[1] == carried for probe in probes if probe[0] < since):
                raise NotMeasured(f"{node} did what is wanted before anybody wanted it")
            first = next((i for i, probe in enumerate(probes) if probe[1] == carried), None)
            if first is None:
                raise NotMeasured(f"{node} did not change what it does")
            delays.append(probes[first][0] - since)
            relapses += any(probe[1] != carried for probe in probes[first:])
        return Turn(latest=max(delays), relapses=relapses)

    def _seen(self) -> Mapping[str, list[tuple[float, bool]]]:
        self._say("seen")
        seen: dict[str, list[tuple[float, bool]]] = {}
        for line in self._answers():
            if not line:
                raise NotMeasured("the stream of probes has ended")
            seen |= json.loads(line)
        return seen

    def _say(self, line: str) -> None:
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(f"{line}\n")
            process.stdin.flush()

    def _answers(self) -> list[str]:
        lines = []
        for process in self._processes:
            assert process.stdout is not None
            lines.append(process.stdout.readline())
        return lines


@contextmanager
def streaming(
    cloud_socket: str,
    sources: Mapping[str, str],
    *,
    destination: str,
    port: int,
    flows: bool,
) -> Iterator[Stream]:
    """Datagrams from each of `sources` (node to address).

    `flows`: each is a flow of its own, as rules have to be asked; else those of a node are one.
    """
    names, processors = list(sources), sorted(os.sched_getaffinity(0))[:SENDERS]
    shares = {each: names[first :: len(processors)] for first, each in enumerate(processors)}
    enter = ["nsenter", "--preserve-credentials", "-U", "-m", "-n", "-p"]
    argv = [*enter, "-t", str(listener(cloud_socket)), SYSTEM_PYTHON, "-I", "-c"]
    with ExitStack() as stack:
        processes = []
        for processor, share in shares.items():
            specification = {
                "sources": {
                    name: [str(HOSTS / name / "netns" / "node"), sources[name]] for name in share
                },
                "processor": processor,
                "gateway": FABRIC_MAC,
                "destination": destination,
                "port": port,
                "flows": flows,
            }
            processes.append(
                stack.enter_context(_sending([*argv, _driver(), json.dumps(specification)]))
            )
        yield Stream(processes)


def _driver() -> str:
    return DRIVER.read_text(encoding="utf-8")


@contextmanager
def _sending(argv: Sequence[str]) -> "Iterator[subprocess.Popen[str]]":
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if process.stdout.readline() != "ready\n":
                raise NotMeasured("the stream of probes did not begin")
            yield process
        finally:
            process.stdin.close()
            process.wait()
