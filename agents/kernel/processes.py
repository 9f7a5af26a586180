"""Starts the tools that change a host, each to its end.

A tool is started from the thread that calls, and so in that thread's network
namespace: no ``nsenter``, no shell.
"""

import os
import shlex
import subprocess
from collections.abc import Sequence
from functools import cache

from agents.kernel.errors import ToolFailed, ToolMissing

# An ordinary user's search path lacks these.
_SYSTEM_DIRECTORIES = ("/usr/sbin", "/sbin")

_SHOWN_INPUT_LINES = 20


def run(argv: Sequence[str], *, standard_input: str = "", namespace: str = "") -> str:
    """Run a tool to its end and return what it printed. `namespace` is for messages.

    Raises:
        ToolMissing: it is not installed.
        ToolFailed: it exited with an error.
    """
    environment = {**os.environ, "PATH": search_path(), "LC_ALL": "C"}
    try:
        finished = subprocess.run(
            argv,
            input=standard_input,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
    except FileNotFoundError as missing:
        raise ToolMissing(
            f"{argv[0]} is not installed; vnetlab doctor names the package"
        ) from missing
    if finished.returncode:
        said = (finished.stderr or finished.stdout).strip()
        raise ToolFailed(
            f"{said} (exit {finished.returncode}): {pasteable(argv, standard_input, namespace)}"
        )
    return finished.stdout


def search_path() -> str:
    """The caller's search path, with the directories of system tools added.

    Without directories that can't be searched: after su they are another user's,
    and a shell calls each tool that is missing "Permission denied" because of them.
    """
    return _searchable(os.environ.get("PATH", os.defpath))


@cache
def _searchable(path: str) -> str:
    directories = [each for each in path.split(os.pathsep) if os.access(each, os.X_OK)]
    directories += [extra for extra in _SYSTEM_DIRECTORIES if extra not in directories]
    return os.pathsep.join(directories)


def pasteable(argv: Sequence[str], standard_input: str = "", namespace: str = "") -> str:
    """The command as one would type it; a long input shortened."""
    command = shlex.join(argv)
    if namespace:
        command = f"nsenter --net={shlex.quote(namespace)} {command}"
    if not standard_input:
        return command
    lines = standard_input.splitlines()
    if len(lines) > _SHOWN_INPUT_LINES:
        hidden = len(lines) - _SHOWN_INPUT_LINES
        lines = [*lines[:_SHOWN_INPUT_LINES], f"# … {hidden} lines more"]
    return "\n".join([f"{command} <<'END'", *lines, "END"])
