"""A command inside a container, with the caller's terminal, streams, signals and exit code.

The engine gives one connection: with a terminal it carries bytes as they are,
without one each chunk of output comes behind a header that says which stream it
is of. Signals that the caller gets are passed on to the command, which the
engine cannot do.
"""

import os
import selectors
import shutil
import signal
import socket
import struct
import sys
import termios
import tty as terminal
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lab.runtime.docker.commands import Attachment, Commands

STDIN, STDOUT, STDERR = 0, 1, 2
HEADER = struct.Struct(">BxxxL")
"""Stream and length of a chunk (Docker API, "attach to a container")."""
CHUNK = 65536
PASSED_ON = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT})
MARK = "VNETLAB_EXEC"
SIGNAL_MARKED = (
    f'for each in /proc/[0-9]*; do grep -qsz "^{MARK}=$2\\$" "$each/environ" && '
    'kill -s "$1" "${each#/proc/}"; done; true'
)
"""Signals every process that carries a mark in its environment."""


class Demultiplexer:
    """Tells the command's output streams apart; keeps what has come of an unfinished chunk."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, received: bytes) -> Iterator[tuple[int, bytes]]:
        """Whole chunks as pairs of stream and content."""
        self._pending += received
        while len(self._pending) >= HEADER.size:
            stream, length = HEADER.unpack_from(self._pending)
            end = HEADER.size + length
            if len(self._pending) < end:
                return
            yield stream, self._pending[HEADER.size : end]
            self._pending = self._pending[end:]


def run(commands: Commands, container: str, argv: Sequence[str], *, tty: bool) -> int:
    """Run `argv` in a container; its exit code, 128 + n if signal n ended it.

    Main thread only: signals are handled while the command runs.
    """
    command = _Command(commands, container, argv, tty=tty)
    with _signals() as signals, _raw_terminal(tty=tty):
        command.converse(signals)
    return command.exit_code()


def sized(argv: Sequence[str], size: os.terminal_size) -> Sequence[str]:
    """A command that finds its terminal of that size from its first moment on.

    The engine can be told the size of a running command's terminal only, and the
    command may have looked by then.
    """
    script = 'stty rows "$0" cols "$1" 2>/dev/null; shift; exec "$@"'
    return ("sh", "-c", script, str(size.lines), str(size.columns), *argv)


class _Command:
    """A command that runs in a container, and the caller's end of its streams."""

    def __init__(
        self, commands: Commands, container: str, argv: Sequence[str], *, tty: bool
    ) -> None:
        self._commands = commands
        self._container = container
        self._tty = tty
        self._mark = uuid.uuid4().hex
        environment = {MARK: self._mark}
        if tty:
            environment["TERM"] = os.environ.get("TERM", "xterm")
        words = sized(argv, shutil.get_terminal_size()) if tty else argv
        self._execution = commands.prepare(container, words, tty=tty, environment=environment)
        self._demultiplexer = Demultiplexer()

    def exit_code(self) -> int:
        """Of the ended command."""
        return self._commands.exit_code(self._execution)

    def converse(self, signals: socket.socket) -> None:
        """Pass everything on in both directions until the command's output ends."""
        with (
            self._commands.attach(self._execution, tty=self._tty) as attachment,
            # Unlike epoll, poll takes regular files for stdin.
            selectors.PollSelector() as selector,
        ):
            self._resize()
            selector.register(attachment.connection, selectors.EVENT_READ)
            selector.register(signals, selectors.EVENT_READ)
            # None: it was closed when this process started, and its number may be anybody's.
            if sys.stdin is not None:
                selector.register(STDIN, selectors.EVENT_READ)
            else:
                _end_input(attachment)
            try:
                self._show(attachment.received)
                while self._step(selector, attachment, signals):
                    pass
            except BrokenPipeError:
                # Nobody reads what the command writes; it hears so as in any pipe.
                self._pass_on(signal.SIGPIPE)

    def _step(
        self, selector: selectors.PollSelector, attachment: Attachment, signals: socket.socket
    ) -> bool:
        """Handle what has come; False when the output has ended."""
        for key, _ in selector.select():
            if key.fileobj is signals:
                for number in signals.recv(CHUNK):
                    self._handle(signal.Signals(number))
            elif key.fileobj is attachment.connection:
                received = attachment.connection.recv(CHUNK)
                if not received:
                    return False
                self._show(received)
            elif entered := os.read(STDIN, CHUNK):
                attachment.connection.sendall(entered)
            else:
                selector.unregister(STDIN)
                _end_input(attachment)
        return True

    def _show(self, received: bytes) -> None:
        if self._tty:
            _write(STDOUT, received)
            return
        for stream, content in self._demultiplexer.feed(received):
            _write(stream, content)

    def _handle(self, number: signal.Signals) -> None:
        if number is signal.SIGWINCH:
            self._resize()
        elif number in PASSED_ON:
            self._pass_on(number)

    def _pass_on(self, number: signal.Signals) -> None:
        name = number.name.removeprefix("SIG")
        script = ("/bin/sh", "-c", SIGNAL_MARKED, "signal", name, self._mark)
        self._commands.run_detached(self._container, script)

    def _resize(self) -> None:
        if self._tty:
            size = shutil.get_terminal_size()
            self._commands.resize(self._execution, rows=size.lines, columns=size.columns)


def _end_input(attachment: Attachment) -> None:
    attachment.connection.shutdown(socket.SHUT_WR)


def _write(stream: int, content: bytes) -> None:
    remaining = memoryview(content)
    while remaining:
        remaining = remaining[os.write(stream, remaining) :]


@contextmanager
def _signals() -> Iterator[socket.socket]:
    """The numbers of signals as bytes of a socket, for the block; nothing else happens on them."""
    handled = PASSED_ON | {signal.SIGWINCH}
    receiver, sender = socket.socketpair()
    with receiver, sender:
        sender.setblocking(False)
        woken_before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
        before = {number: signal.signal(number, lambda *_: None) for number in handled}
        try:
            yield receiver
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(woken_before)


@contextmanager
def _raw_terminal(*, tty: bool) -> Iterator[None]:
    """Every key goes to the command: the terminal that acts on them is the container's."""
    if not tty or not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(STDIN)
    terminal.setraw(STDIN)
    try:
        yield
    finally:
        termios.tcsetattr(STDIN, termios.TCSADRAIN, before)
