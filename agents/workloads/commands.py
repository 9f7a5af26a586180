"""Processes of containers that bring a command of their own.

A command runs in the place of its pod, in a session of its own, and is started
again whenever it ends, as restartPolicy Always has it. Its processes carry a
mark in their environment, so that those it left behind can be found even by a
later workloads process.
"""

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from agents.kernel.processes import search_path
from agents.restarts import Restarts

MARK = "VNETLAB_WORKLOAD"
"""Environment variable of every process of a command; its value says whose it is."""

LARGEST_LOG = 1 << 20
"""Bytes; a log that is larger when a command starts begins anew."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run, and where what it prints goes."""

    argv: tuple[str, ...]
    """With the prefix that enters the place."""
    environment: Mapping[str, str]
    mark: str
    log: Path


async def keep_running(command: Command, tell: Callable[[str], None]) -> None:
    """Run a command again and again until cancelled; then none of its processes is left.

    `tell` hears why it doesn't run, and the empty string when it does.
    """
    loop = asyncio.get_running_loop()
    restarts = Restarts(first=1.0, bound=60.0, settled=60.0)
    try:
        while True:
            started = loop.time()
            outcome = await _run_once(command, tell)
            if wait := restarts.wait_after(loop.time() - started):
                tell(f"{outcome}; starting again in {wait:.0f} s")
                await asyncio.sleep(wait)
    finally:
        kill_marked(command.mark)


async def _run_once(command: Command, tell: Callable[[str], None]) -> str:
    """Start it and wait for its end; how it ended."""
    try:
        with _log(command.log) as log:
            process = await asyncio.create_subprocess_exec(
                *command.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(command),
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
    except OSError as problem:
        return f"can't be started: {problem}"
    tell("")
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    return f"ended with exit code {code}" if code >= 0 else f"was ended by signal {-code}"


def _log(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    large = path.exists() and path.stat().st_size > LARGEST_LOG
    return path.open("wb" if large else "ab")


def _environment(command: Command) -> dict[str, str]:
    return {"PATH": search_path(), "HOME": "/root", **command.environment, MARK: command.mark}


def _die_with_parent() -> None:
    """A workloads process that is killed takes its commands along; the next starts them again."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def kill_marked(mark: str) -> None:
    """End every process that carries a mark, or one below it: ``a/b`` is below ``a``.

    Looks at all processes: some may have left their session or their parent.
    """
    exact = f"{MARK}={mark}".encode()
    for entry in os.scandir("/proc"):
        if not entry.name.isdecimal():
            continue
        try:
            environment = Path(entry.path, "environ").read_bytes()
        except OSError:  # it has ended, or is nobody's business
            continue
        if any(
            variable == exact or variable.startswith(exact + b"/")
            for variable in environment.split(b"\0")
        ):
            with suppress(ProcessLookupError):
                os.kill(int(entry.name), signal.SIGKILL)
