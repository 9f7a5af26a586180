"""Running one of the distribution's tools, which never outlives the probe that asked for it."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

OUTPUT_LIMIT = 1 << 20
"""Bytes kept of each output; a reply has to fit into one gRPC message."""

ENDING_GRACE = 2.0
"""Seconds that an interrupted tool gets to print its summary."""

NOT_FOUND = 127
"""Exit code of a shell, and of nsenter, that could not find what it was to run (POSIX)."""


class ProbeError(Exception):
    """The probe could not be made at all; the message says why and what to do next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a tool left behind."""

    exit_code: int
    """Negative: the number of the signal that ended it."""
    stdout: bytes
    stderr: bytes


@asynccontextmanager
async def started(argv: Sequence[str]) -> AsyncGenerator[Process]:
    """A running tool; when the block ends, the tool and all that it started have ended.

    Raises `ProbeError` when nothing can be started at all.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            # A group of its own, so that a command's children end with it.
            start_new_session=True,
            env=tool_environment(os.environ),
        )
    except OSError as error:
        raise ProbeError(f"{argv[0]} can't be started: {error.strerror}") from error
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def output_of(argv: Sequence[str], *, deadline: float, tool: str) -> Output:
    """Runs a tool to its end, or interrupts it after `deadline` seconds.

    An interrupted tool may still print what it found so far. `tool` is the
    name to complain about when it is missing. Raises `ProbeError`.
    """
    async with started(argv) as process, asyncio.TaskGroup() as tasks:
        assert process.stdout is not None
        assert process.stderr is not None
        stdout = tasks.create_task(read_bounded(process.stdout))
        stderr = tasks.create_task(read_bounded(process.stderr))
        exit_code = await end_of(process, deadline=deadline)
    output = Output(exit_code=exit_code, stdout=stdout.result(), stderr=stderr.result())
    refuse_missing_tool(output, tool=tool)
    return output


async def end_of(process: Process, *, deadline: float) -> int:
    """Exit code of a process that is interrupted after `deadline` seconds, then killed."""
    with suppress(TimeoutError):
        async with asyncio.timeout(deadline):
            return await process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    with suppress(TimeoutError):
        async with asyncio.timeout(ENDING_GRACE):
            return await process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return await process.wait()


async def read_bounded(stream: asyncio.StreamReader) -> bytes:
    """Reads to the end, so that the writer never blocks, and keeps the first `OUTPUT_LIMIT`."""
    kept = bytearray()
    while chunk := await stream.read(1 << 16):
        kept += chunk[: OUTPUT_LIMIT - len(kept)]
    return bytes(kept)


def refuse_missing_tool(output: Output, *, tool: str) -> None:
    """Raises `ProbeError` when `output` says that `tool` or the place to run it was not there."""
    message = output.stderr.decode(errors="replace").strip()
    if output.exit_code == NOT_FOUND and ("not found" in message or "execute" in message):
        raise ProbeError(f"{tool} is not installed where the lab runs; `vnetlab doctor` says more")
    if output.exit_code != 0 and message.startswith(("nsenter:", "unshare:")):
        raise ProbeError(f"the place can't be entered: {message.splitlines()[0]}")


def tool_environment(inherited: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    """The environment of a tool: untranslated output, and the folders of system tools.

    An ordinary user's PATH often lacks the sbin folders.
    """
    folders = inherited.get("PATH", "").split(os.pathsep)
    system = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    path = [folder for folder in folders if folder]
    path += [folder for folder in system if folder not in path]
    return {**inherited, "LC_ALL": "C.UTF-8", "PATH": os.pathsep.join(path)}
