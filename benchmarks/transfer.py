"""What one TCP connection does between two places, each named by a command prefix."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.commands import CommandFailed, output

PORT = 5201
ROUND_TRIPS = (sys.executable, str(Path(__file__).parent / "drivers" / "round_trips.py"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """A client and its server."""

    client: Sequence[str]
    server: Sequence[str]
    address: str
    """The server's."""
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrips:
    """One byte there and one back, one at a time."""

    per_second: float
    microseconds: float
    """Median of one."""


def gigabits_per_second(ends: Ends, *, seconds: int) -> float:
    """What the receiver got, one stream of iperf3."""
    serving = ["iperf3", "--server", "--one-off", "--forceflush", "--port", str(PORT)]
    asking = ["iperf3", "--client", ends.address, "--time", str(seconds), "--json"]
    report = _report(ends, serving, [*asking, "--port", str(PORT)], seconds=seconds)
    return float(report["end"]["sum_received"]["bits_per_second"]) / 1e9


def round_trips(ends: Ends, *, seconds: int) -> RoundTrips:
    """Of a client and a server that are the same small program everywhere."""
    serving = [*ROUND_TRIPS, "serve", str(PORT)]
    asking = [*ROUND_TRIPS, "ask", ends.address, str(PORT), str(seconds)]
    report = _report(ends, serving, asking, seconds=seconds)
    return RoundTrips(per_second=report["per_second"], microseconds=report["microseconds"])


def _report(
    ends: Ends, serving: Sequence[str], asking: Sequence[str], *, seconds: int
) -> dict[str, Any]:
    """What the client says, as JSON, once the server has said that it listens."""
    with _listening([*ends.server, *serving], ends.environment):
        argv = [*ends.client, *asking]
        said = output(argv, deadline=seconds + 30, environment=ends.environment)
    return dict(json.loads(said))


@contextmanager
def _listening(argv: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        argv,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "listening" in line:
                break
        else:
            raise CommandFailed(f"{shlex.join(argv)}\nnobody listens:\n{''.join(said)}")
        yield
    finally:
        process.kill()
        process.communicate()
