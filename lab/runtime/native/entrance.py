"""The program that enters a capsule and runs a command in it.

Started afresh by `lab.runtime.native.entering`, as only a process with a single
thread may change its user namespace, and a process that has talked gRPC has more
than one even after a fork. Imports little (`typing` alone takes 5 ms): it stands
between a person and every command.
"""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from lab.runtime.native.id_calls import answer_id_calls, single_user
from lab.runtime.native.syscalls import CAPSULE, die_with_parent, setns

PASSED_ON = (signal.SIGTERM, signal.SIGHUP)
FROM_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
"""What the terminal sends to the command as well, being in its foreground like the caller."""

DEFAULTS = (*PASSED_ON, *FROM_TERMINAL, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)

NOT_FOUND, NOT_RUN = 127, 126
"""Exit codes as a shell gives them."""


def enter(pidfd: int, argv: Sequence[str]) -> int:
    """Run a command in the capsule whose first process `pidfd` is; its exit code.

    Raises OSError when the capsule can't be entered.
    """
    directory = _current_directory()
    # A caller that is killed can't pass anything on; to the command it is as if
    # its terminal had gone.
    die_with_parent(signal.SIGHUP)
    setns(pidfd, CAPSULE)
    _go_to(directory)
    # The pid namespace takes in children only; with it, the command ends with the lab.
    command = os.fork()
    if command == 0:
        _become(argv)
    with passed_on_to(command):
        _, status = os.waitpid(command, 0)
    return exit_code(os.waitstatus_to_exitcode(status))


def exit_code(outcome: int) -> int:
    """As a shell gives it: 128 + n where `outcome` is -n, ended by signal n."""
    return outcome if outcome >= 0 else 128 - outcome


@contextmanager
def passed_on_to(process: int) -> Iterator[None]:
    """Signals that reach this process meanwhile go on to a child. On the main thread only."""

    def pass_on(number: int, _: FrameType | None) -> None:
        os.kill(process, number)

    def let_terminal_tell(number: int, frame: FrameType | None) -> None:
        if not _in_foreground():
            pass_on(number, frame)

    before = {number: signal.signal(number, pass_on) for number in PASSED_ON}
    before |= {number: signal.signal(number, let_terminal_tell) for number in FROM_TERMINAL}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _become(argv: Sequence[str]) -> None:
    code = NOT_RUN
    try:
        die_with_parent(signal.SIGHUP)
        if single_user():
            answer_id_calls()
        for number in DEFAULTS:
            signal.signal(number, signal.SIG_DFL)
        os.execvp(argv[0], list(argv))
    except FileNotFoundError:
        _complain(f"{argv[0]} is not installed")
        code = NOT_FOUND
    except OSError as problem:
        _complain(f"{argv[0]} can't be run: {problem}")
    finally:
        os._exit(code)


def _in_foreground() -> bool:
    """Whether the terminal sends its signals to this process, and so to its children."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)


def _current_directory() -> tuple[str, os.stat_result] | None:
    try:
        return os.getcwd(), os.stat(".")
    except OSError:  # it has been removed
        return None


def _go_to(directory: tuple[str, os.stat_result] | None) -> None:
    """The caller's directory where it is visible inside, else the root directory."""
    os.chdir("/")
    if directory is None:
        return
    path, there = directory
    try:
        if os.path.samestat(os.stat(path), there):
            os.chdir(path)
    except OSError:
        return


def _complain(text: str) -> None:
    os.write(2, f"vnetlab: {text}\n".encode())


def main() -> None:
    """``PIDFD COMMAND…`` as arguments."""
    code = NOT_RUN
    try:
        code = enter(int(sys.argv[1]), sys.argv[2:])
    except OSError as problem:
        _complain(f"the lab can't be entered: {problem}")
    finally:
        os._exit(code)
