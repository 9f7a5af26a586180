"""Namespaces of the benchmark's own, so that another tool touches nothing of the machine."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.commands import CommandFailed, output

# Root keeps its uid in the namespace, and with it the right to write sysctls of
# the whole machine: they are put out of reach.
PREPARE = """
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/lock
for part in fs kernel vm; do
  mount --bind /proc/sys/$part /proc/sys/$part && mount -o remount,bind,ro /proc/sys/$part
done
ip link set lo up
exec "$@"
"""

PREFIX = (
    *("unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork"),
    *("--uts", "--ipc", "--mount-proc", "--kill-child"),
    *("sh", "-euc", PREPARE, "enclosure"),
)


def enclosed(argv: Sequence[str], *, deadline: float) -> str:
    """Standard output of `argv`, run in namespaces that end with it."""
    return output([*PREFIX, *argv], deadline=deadline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """Namespaces that stay for as long as their first process does."""

    pid: int

    def inside(self, namespace: str) -> tuple[str, ...]:
        """Prefix for a command in a network namespace of the enclosure."""
        return (
            *("nsenter", "--target", str(self.pid), "--preserve-credentials"),
            *("--user", "--mount", "--pid", "--net", "--uts", "--ipc"),
            *("ip", "netns", "exec", namespace),
        )


@contextmanager
def standing(setup: Sequence[str], *, deadline: float) -> Iterator[Enclosure]:
    """An enclosure in which `setup` has run; gone when the block ends.

    Raises `CommandFailed` when `setup` fails.
    """
    stay = '"$@" >&2 && echo ready && exec cat'
    process = subprocess.Popen(
        [*PREFIX, "sh", "-euc", stay, "standing", *setup],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Enclosure(pid=_first_process(process, deadline))
    finally:
        process.kill()
        process.communicate()


def _first_process(unshare: subprocess.Popen[str], deadline: float) -> int:
    """Waits for the word of the set-up; the pid, as we see it, of its shell."""
    assert unshare.stdout is not None
    assert unshare.stderr is not None
    started = time.monotonic()
    if unshare.stdout.readline() != "ready\n" or time.monotonic() - started > deadline:
        unshare.kill()
        raise CommandFailed(f"set-up of an enclosure failed:\n{unshare.stderr.read()}")
    children = Path(f"/proc/{unshare.pid}/task/{unshare.pid}/children").read_text()
    return int(children.split()[0])
