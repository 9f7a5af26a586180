"""A stream of datagrams through the fabric of a native lab, and what became of each."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measurement import NotMeasured
from benchmarks.processes import listener
from lab.runtime.native.filesystem import HOSTS

DRIVER = Path(__file__).parent / "drivers" / "probe_stream.py"
SYSTEM_PYTHON = "/usr/bin/python3"
"""The capsule may not show the one that runs this."""

AT_ONCE = ("chrt", "--fifo", "1")
"""The clock must not wait for what it measures: a node that sends has processors of its own.
Whoever may not have that sees changes later than they are."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a node sends."""

    interval: float
    """Seconds between two datagrams."""
    flows: bool
    """Whether each is a flow of its own, as rules have to be asked; else they are one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When what the hosts do with a flow turned, after somebody wanted it to."""

    latest: float
    """Seconds until the last host did what was wanted: its first datagram that was treated so."""
    relapses: int
    """Hosts that treated a later datagram the old way again."""


class Stream:
    """Datagrams of many nodes, under way."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def turn(self, *, since: float, carried: bool) -> Turn:
        """When the last host began to carry the datagrams, or ceased to.

        `since`: `time.monotonic`. Raises `NotMeasured` when a host has not.
        """
        delays = []
        relapses = 0
        for node, probes in self._since(since).items():
            first = next((i for i, probe in enumerate(probes) if probe[1] == carried), None)
            if first is None:
                raise NotMeasured(f"{node} did not change what it does")
            delays.append(probes[first][0] - since)
            relapses += any(probe[1] != carried for probe in probes[first:])
        return Turn(latest=max(delays), relapses=relapses)

    def _since(self, start: float) -> Mapping[str, list[tuple[float, bool]]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{start}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise NotMeasured("the stream of probes has ended")
        answer: Mapping[str, list[tuple[float, bool]]] = json.loads(line)
        return answer


def _at_once() -> tuple[str, ...]:
    tried = subprocess.run([*AT_ONCE, "true"], capture_output=True, check=False)
    return AT_ONCE if tried.returncode == 0 else ()


@contextmanager
def streaming(
    cloud_socket: str,
    sources: Mapping[str, str],
    *,
    destination: str,
    port: int,
    pace: Pace,
) -> Iterator[Stream]:
    """Datagrams from each of `sources` (node to address)."""
    specification = {
        "sources": {
            name: [str(HOSTS / name / "netns" / "node"), address]
            for name, address in sources.items()
        },
        "destination": destination,
        "port": port,
        "interval": pace.interval,
        "flows": pace.flows,
    }
    enter = ["nsenter", "--preserve-credentials", "-U", "-m", "-n", "-p"]
    argv = [*_at_once(), *enter, "-t", str(listener(cloud_socket)), SYSTEM_PYTHON, "-I", "-c"]
    with subprocess.Popen(
        [*argv, DRIVER.read_text(encoding="utf-8"), json.dumps(specification)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if process.stdout.readline() != "ready\n":
                raise NotMeasured("the stream of probes did not begin")
            yield Stream(process)
        finally:
            process.stdin.close()
            process.wait()
