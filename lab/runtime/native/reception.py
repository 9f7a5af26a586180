"""Whoever asks a capsule's first process something: connections, lines, and who may."""

import logging
import os
import selectors
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

from lab.runtime.native.filesystem import LAB
from lab.runtime.native.requests import Question, Unintelligible, decode_question

logger = logging.getLogger(__name__)

LONGEST_QUESTION = 1 << 20
PATIENCE = 5.0
"""Seconds that somebody gets to read an answer: nobody may keep the first process waiting."""

_PEER_CREDENTIALS = struct.Struct("3i")

Answer = Callable[[bytes], None]
"""Sends a line to whoever asked, unless they have gone."""


def listen() -> socket.socket:
    """The socket that the capsule is found and asked by."""
    path = LAB / "capsule.sock"
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(128)
    listener.setblocking(False)
    return listener


class Reception:
    """Takes questions at a socket; only this user's are heard."""

    def __init__(
        self,
        listener: socket.socket,
        selector: selectors.BaseSelector,
        asked: Callable[[Question, Answer], None],
    ) -> None:
        """Registers with `selector` as data what is to be called when something comes."""
        self._listener = listener
        self._selector = selector
        self._asked = asked
        self._received: dict[socket.socket, bytes] = {}
        selector.register(listener, selectors.EVENT_READ, self._accept)

    def _accept(self) -> None:
        with suppress(OSError):  # whoever it was has gone again
            connection, _ = self._listener.accept()
            credentials = connection.getsockopt(
                socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER_CREDENTIALS.size
            )
            if _PEER_CREDENTIALS.unpack(credentials)[1] != os.geteuid():
                connection.close()
                return
            connection.settimeout(PATIENCE)
            self._received[connection] = b""
            self._selector.register(
                connection, selectors.EVENT_READ, lambda: self._read(connection)
            )

    def _read(self, connection: socket.socket) -> None:
        try:
            data = connection.recv(LONGEST_QUESTION)
        except OSError:
            data = b""
        received = self._received[connection] + data
        self._received[connection] = received
        if not data or len(received) > LONGEST_QUESTION:
            self._drop(connection)
        elif received.endswith(b"\n"):
            self._received[connection] = b""
            self._hear(connection, received)

    def _hear(self, connection: socket.socket, line: bytes) -> None:
        try:
            question = decode_question(line)
        except Unintelligible as problem:
            logger.warning("%s", problem)
            self._drop(connection)
            return
        self._asked(question, lambda answer: self._send(connection, answer))

    def _send(self, connection: socket.socket, answer: bytes) -> None:
        if connection not in self._received:
            return
        try:
            connection.sendall(answer)
        except OSError:
            self._drop(connection)

    def _drop(self, connection: socket.socket) -> None:
        self._selector.unregister(connection)
        del self._received[connection]
        connection.close()
