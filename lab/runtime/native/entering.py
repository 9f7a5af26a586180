"""Running a command inside a capsule, as if it had been started where the caller is.

Three processes: the caller; one that enters the capsule's namespaces, of which
the pid namespace takes in children only; and the command, a child of that one
and therefore inside, so that it ends with the lab. Terminal, stdin, stdout and
stderr are the caller's own. Signals that reach the caller go on to the command.
"""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import NoReturn

from agents.kernel.processes import search_path
from lab.runtime.native.identity import answer_id_calls, single_user
from lab.runtime.native.syscalls import CAPSULE, die_with_parent, setns

PASSED_ON = (signal.SIGTERM, signal.SIGHUP)
FROM_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
"""What the terminal sends to the command as well, being in its foreground like the caller."""

DEFAULTS = (*PASSED_ON, *FROM_TERMINAL, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)

NOT_FOUND, NOT_RUN = 127, 126
"""Exit codes as a shell gives them."""


def execute(pidfd: int, argv: Sequence[str], *, tty: bool) -> int:
    """Run `argv` in the capsule whose first process `pidfd` is; its exit code.

    128 + n if signal n ended it. `tty`: stdin is a terminal, and the command may
    take it over. Has to be called on the main thread.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    directory = _current_directory()
    caller = os.getpid()
    entering = os.fork()
    if entering == 0:
        _enter(pidfd, argv, directory=directory, caller=caller)
    try:
        return _outcome(entering)
    finally:
        if tty:
            _take_terminal_back()


def _enter(
    pidfd: int, argv: Sequence[str], *, directory: tuple[str, os.stat_result] | None, caller: int
) -> NoReturn:
    code = NOT_RUN
    try:
        signal.set_wakeup_fd(-1)
        # A caller that is killed can't pass anything on; to the command it is
        # as if its terminal had gone.
        die_with_parent(signal.SIGHUP)
        if os.getppid() != caller:
            os._exit(code)
        setns(pidfd, CAPSULE)
        _go_to(directory)
        command = os.fork()
        if command == 0:
            _become(argv)
        code = _outcome(command)
    except OSError as problem:
        _complain(f"the lab can't be entered: {problem}")
    finally:
        os._exit(code)


def _become(argv: Sequence[str]) -> NoReturn:
    code = NOT_RUN
    try:
        die_with_parent(signal.SIGHUP)
        if single_user():
            answer_id_calls()
        for number in DEFAULTS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.execvpe(argv[0], list(argv), _environment(os.environ))
    except FileNotFoundError:
        _complain(f"{argv[0]} is not installed")
        code = NOT_FOUND
    except OSError as problem:
        _complain(f"{argv[0]} can't be run: {problem}")
    finally:
        os._exit(code)


def _environment(callers: Mapping[str, str]) -> dict[str, str]:
    """The caller's, with the directories of system tools: inside, everybody is root."""
    return {**callers, "PATH": search_path()}


def _outcome(process: int) -> int:
    """Exit code of a child, to which signals go on meanwhile."""

    def pass_on(number: int, _: FrameType | None) -> None:
        os.kill(process, number)

    def let_terminal_tell(number: int, frame: FrameType | None) -> None:
        if not _in_foreground():
            pass_on(number, frame)

    before = {number: signal.signal(number, pass_on) for number in PASSED_ON}
    before |= {number: signal.signal(number, let_terminal_tell) for number in FROM_TERMINAL}
    try:
        _, status = os.waitpid(process, 0)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


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
