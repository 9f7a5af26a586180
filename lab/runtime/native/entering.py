"""Running a command inside a capsule, as if it had been started where the caller is.

Three processes: the caller; `lab.runtime.native.entrance`, which enters the
capsule; and the command. Terminal, stdin, stdout and stderr are the caller's own.
Signals that reach the caller go on to the command.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from agents.kernel.processes import search_path
from lab.runtime.native.entrance import exit_code, passed_on_to

_PACKAGES = Path(__file__).resolve().parents[3]
"""Where `lab` is imported from."""

_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from lab.runtime.native.entrance import main; main()"
)
"""Without site-packages, which it needs nothing of, Python starts in half the time."""


def execute(pidfd: int, argv: Sequence[str], *, tty: bool) -> int:
    """Run `argv` in the capsule whose first process `pidfd` is; its exit code.

    128 + n if signal n ended it. `tty`: stdin is a terminal, and the command may
    take it over. Has to be called on the main thread.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    entrance = [sys.executable, "-I", "-S", "-c", _PROGRAM, str(_PACKAGES), str(pidfd)]
    process = subprocess.Popen(
        [*entrance, *argv],
        # Inside, everybody is root and looks for tools where root does.
        env={**os.environ, "PATH": search_path()},
        pass_fds=[pidfd],
    )
    try:
        with passed_on_to(process.pid):
            return exit_code(process.wait())
    finally:
        if tty:
            _take_terminal_back()


def _take_terminal_back() -> None:
    """Be in the foreground again after a shell that was.

    A shell gives the terminal back to the process group it came from, which it
    can't name from inside its pid namespace.
    """
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        os.tcsetpgrp(sys.stdin.fileno(), os.getpgrp())
    except OSError:  # no longer a terminal of ours: nothing to take back
        return
    finally:
        signal.signal(signal.SIGTTOU, before)
