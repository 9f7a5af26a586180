"""The machine that was measured: what it is, what runs on it, and when it is quiet."""

import datetime
import os
import platform
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from benchmarks.commands import CommandFailed, output

REPOSITORY = Path(__file__).resolve().parents[1]

QUIET_SHARE = 0.1
"""Of all processors: busy less than this counts as quiet."""
QUIET_DEADLINE = 30.0
"""Seconds; a machine that others use never gets quiet, and that is noted."""

PACKAGES = ("mininet", "containernetworking-plugins", "iperf3", "iproute2", "nftables", "docker.io")


def facts() -> dict[str, Any]:
    """What a reader needs to judge the figures."""
    return {
        "taken": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": {
            "kernel": platform.release(),
            "processor": _first(r"^model name\s*: (.*)$", "/proc/cpuinfo"),
            "processors": os.cpu_count(),
            "memory_mib": _memory("MemTotal"),
            "system": _first(r'^PRETTY_NAME="(.*)"$', "/etc/os-release"),
            "user": "root" if os.geteuid() == 0 else "ordinary",
        },
        "versions": {"python": platform.python_version(), **_packages()},
        "commit": _line(["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"]),
    }


def _first(pattern: str, file: str) -> str:
    found = re.search(pattern, Path(file).read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""


def _packages() -> dict[str, str]:
    versions = {}
    for package in PACKAGES:
        version = _line(["dpkg-query", "--show", "--showformat", "${Version}", package])
        if version:
            versions[package] = version
    return versions


def _line(argv: list[str]) -> str:
    try:
        return output(argv, deadline=10).strip()
    except CommandFailed:
        return ""


def _memory(field: str) -> int:
    """MiB of a line of /proc/meminfo."""
    return int(_first(rf"^{field}:\s+(\d+) kB$", "/proc/meminfo")) // 1024


def settle() -> bool:
    """Waits until the machine is quiet; False when it did not get there.

    The kernel takes namespaces down long after they are gone, and the next
    contender must not pay for that.
    """
    deadline = time.monotonic() + QUIET_DEADLINE
    before = _processor_times()
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = _processor_times()
        idle, total = now[0] - before[0], now[1] - before[1]
        if total and 1 - idle / total < QUIET_SHARE:
            return True
        before = now
    return False


def _processor_times() -> tuple[int, int]:
    """(idle, all) ticks since boot."""
    values = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return values[3] + values[4], sum(values)


class MemoryWatch:
    """The most memory that was in use at a time, above what was at the start."""

    def __init__(self) -> None:
        self._start = self._least = _memory("MemAvailable")

    def look(self) -> None:
        self._least = min(self._least, _memory("MemAvailable"))

    @property
    def peak_mib(self) -> int:
        return self._start - self._least


@contextmanager
def memory_watched() -> Iterator[MemoryWatch]:
    """Watches the machine's memory while the block runs."""
    watch, done = MemoryWatch(), Event()

    def work() -> None:
        while not done.wait(0.2):
            watch.look()

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()
        watch.look()
