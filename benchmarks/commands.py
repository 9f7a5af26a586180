"""Starting other programs with a deadline, and saying what they said when they fail."""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence

from benchmarks.measurement import NotMeasured


class CommandFailed(NotMeasured):
    """A program ended badly; the message is the command as pasted into a shell, and its output."""


def output(
    argv: Sequence[str],
    *,
    deadline: float,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Standard output of `argv`.

    Raises `CommandFailed` when it fails or is not done after `deadline` seconds.
    """
    try:
        done = subprocess.run(
            argv,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=deadline,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        raise CommandFailed(f"{shlex.join(argv)}\nnot done after {deadline:g} s") from expired
    except OSError as error:
        raise CommandFailed(f"{shlex.join(argv)}\n{error}") from error
    if done.returncode != 0:
        raise CommandFailed(
            f"{shlex.join(argv)}\nended with {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done.stdout
