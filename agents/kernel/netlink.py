"""Netlink messages and the socket they travel through: framing, batches, dumps.

Knows nothing of links or routes; the modules of the families build on it. Why
this is ours and not a library's: docs/decisions/0002-own-rtnetlink-encoder.md.
"""

import errno
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from struct import Struct, error
from typing import TypeVar

from agents.kernel.attributes import U16, U64, attributes, string
from agents.kernel.errors import KernelError

ROUTE_FAMILY = 0
NETFILTER_FAMILY = 12

REQUEST = 0x1
ACKNOWLEDGE = 0x4
REPLACE = 0x100
EXCLUSIVE = 0x200
CREATE = 0x400
APPEND = 0x800
ECHO = 0x8
DUMP = 0x300
_DUMP_INTERRUPTED = 0x10
_CAPPED = 0x100
_EXTENDED_ACKNOWLEDGE = 0x200

_ERROR = 2
_DONE = 3

_SOL_NETLINK = 270
_NETLINK_CAP_ACK = 10
_NETLINK_EXT_ACK = 11
_NETLINK_GET_STRICT_CHK = 12
_ERROR_MESSAGE_ATTRIBUTE = 1
_SO_NETNS_COOKIE = 71
_SO_SNDBUFFORCE = 32

_HEADER = Struct("=IHHII")
_ANSWER = Struct("=HHI")
"""Of the header of an answer, which travels alone: type, flags, sequence."""
_ERROR_CODE = Struct("=i")

# A socket's receive buffer holds some 250 acknowledgements where it cannot be
# enlarged (net.core.rmem_max, in a user namespace): more than that in one batch
# and the kernel drops some.
_BATCH_MESSAGES = 200
_BATCH_BYTES = 64 * 1024
_RECEIVE_BYTES = 64 * 1024
_DUMP_ATTEMPTS = 8
_TRANSACTION_BYTES = 8 << 20
_MESSAGE_OVERHEAD = 32

_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True, slots=True)
class Request:
    """A message without its sequence number, which the socket gives it."""

    kind: int
    flags: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """The kernel's answer to a request that it refused."""

    index: int
    """Which request of the batch."""
    code: int
    """errno."""
    message: str
    """The kernel's own words where it has any, else those for the errno."""

    def __str__(self) -> str:
        return f"{self.message} ({errno.errorcode.get(self.code, self.code)})"


@dataclass(frozen=True, slots=True)
class Batch:
    """Requests as they travel, which may be sent by any number of sockets."""

    frames: bytes
    last: int
    """Number of the last one, which alone asks for an acknowledgement: refusals come unasked."""


def batch(requests: Sequence[Request], *, echo: bool = False, first: int = 1) -> Batch:
    """As many of `requests` as travel together, numbered from `first`.

    `echo`: as `NetlinkSocket.send` says.
    """
    wanted = ECHO if echo else 0
    frames = bytearray()
    last_frame, number = 0, first
    for number, request in enumerate(requests[:_BATCH_MESSAGES], first):
        last_frame = len(frames)
        _append(frames, request, sequence=number, flags=wanted)
        if len(frames) >= _BATCH_BYTES:
            break
    flags = requests[number - first].flags | REQUEST | ACKNOWLEDGE | wanted
    U16.pack_into(frames, last_frame + 6, flags)
    return Batch(bytes(frames), number)


class NetlinkSocket:
    """A netlink socket of the network namespace that the calling thread is in.

    An open socket keeps its namespace alive: use it in a ``with`` block.
    """

    def __init__(self, family: int = ROUTE_FAMILY, *, port: int = 0) -> None:
        """`port`: this socket's own in its namespace; 0: one that is free."""
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, family
        )
        self._family = family
        self._echoes: list[bytes] = []
        self._room = 0
        """What `room` is, once somebody has asked."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES * 4)
        for option in (_NETLINK_CAP_ACK, _NETLINK_EXT_ACK, _NETLINK_GET_STRICT_CHK):
            try:
                self._socket.setsockopt(_SOL_NETLINK, option, 1)
            except OSError as refusal:  # older kernels lack an option, never need it
                if refusal.errno != errno.ENOPROTOOPT:
                    raise
        self._socket.bind((port, 0))

    def __enter__(self) -> "NetlinkSocket":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the namespace go. Idempotent."""
        self._socket.close()

    def fileno(self) -> int:
        """The descriptor, for ioctl."""
        return self._socket.fileno()

    def namespace_cookie(self) -> int:
        """A number that no other namespace has had since the machine started.

        Where the kernel has none (before 5.14): the namespace's inode, which can
        come back.
        """
        try:
            cookie = self._socket.getsockopt(socket.SOL_SOCKET, _SO_NETNS_COOKIE, 8)
        except OSError:
            return os.stat("/proc/thread-self/ns/net").st_ino
        return int(U64.unpack(cookie)[0])

    def execute(self, requests: Sequence[Request]) -> list[Refusal]:
        """Send requests in as few system calls as possible; which did the kernel refuse?

        The kernel works through a batch to its end whatever it refuses, and has
        queued its answers by the time it takes the batch: nothing here waits.

        Raises:
            KernelError: an answer is missing.
        """
        refusals: list[Refusal] = []
        done = 0
        while done < len(requests):
            following = batch(requests[done:], first=done + 1)
            refusals += self.send(following)
            done = following.last
        return refusals

    def send(self, batch: Batch) -> list[Refusal]:
        """As `execute`, for requests that are encoded already.

        Where these ask for an echo, what the kernel says of them is told here (`echoes`), and
        to no listening socket that has the port of this one. It does so of routes, nexthops and
        rules. For few at a time.

        Raises:
            KernelError: an answer is missing.
            OSError: ENOBUFS, too many echoes.
        """
        self._socket.send(batch.frames)
        refusals: list[Refusal] = []
        while True:
            try:
                data = self._socket.recv(_RECEIVE_BYTES, socket.MSG_DONTWAIT)
            except BlockingIOError:
                raise KernelError("the kernel acknowledged only a part of a batch") from None
            kind, flags, sequence = _ANSWER.unpack_from(data, 4)
            if kind != _ERROR:
                self._echoes.append(data)
                continue
            if refusal := _refusal(data, flags, 16, len(data), index=sequence - 1):
                refusals.append(refusal)
            if sequence == batch.last:
                return refusals

    def echoes(self) -> list[bytes]:
        """What was said of changes that asked for it, a message each, since this was last asked."""
        echoes, self._echoes = self._echoes, []
        return echoes

    def room(self) -> int:
        """Bytes that fit into one message; more than half a megabyte only for root.

        The kernel takes a transaction as one message or not at all, and an ordinary
        user may not enlarge the buffer beyond what the machine allows everybody.
        """
        if not self._room:
            try:
                self._socket.setsockopt(socket.SOL_SOCKET, _SO_SNDBUFFORCE, _TRANSACTION_BYTES)
            except PermissionError:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _TRANSACTION_BYTES)
            buffer = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
            self._room = buffer - _MESSAGE_OVERHEAD
        return self._room

    def transact(
        self, requests: Sequence[Request]
    ) -> tuple[list[Refusal], list[tuple[int, bytes]]]:
        """Send requests as one message, which the kernel takes as a whole or not at all.

        Returns what it refused, and what it says of those that asked for an echo:
        which request, and the body of the answer.

        Raises:
            OSError: EMSGSIZE, larger than `room`; ENOBUFS, too many echoes.
        """
        frames = bytearray()
        for index, request in enumerate(requests):
            _append(frames, request, sequence=index)
        self._socket.send(frames)
        refusals: list[Refusal] = []
        echoes: list[tuple[int, bytes]] = []
        while True:
            try:
                data = self._socket.recv(_RECEIVE_BYTES, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return refusals, echoes
            for kind, flags, index, start, end in messages(data):
                if kind == _ERROR:
                    if refusal := _refusal(data, flags, start, end, index=index):
                        refusals.append(refusal)
                elif kind == requests[index].kind:
                    echoes.append((index, data[start:end]))

    def dump(
        self, request: Request, parse: Callable[[bytes, int, int], _Parsed | None]
    ) -> list[_Parsed]:
        """All that the kernel lists, each message parsed; None is left out.

        Raises:
            KernelError: refused, or the list changed under the reading again and again.
        """
        for _ in range(_DUMP_ATTEMPTS):
            found = self._dump_once(request, parse)
            if found is not None:
                return found
        raise KernelError(f"dump {request.kind} was interrupted by changes every time")

    def _dump_once(
        self, request: Request, parse: Callable[[bytes, int, int], _Parsed | None]
    ) -> list[_Parsed] | None:
        frames = bytearray()
        _append(frames, Request(request.kind, request.flags | DUMP, request.body), sequence=1)
        self._socket.send(frames)
        found: list[_Parsed] = []
        interrupted = False
        while True:
            data = self._socket.recv(_RECEIVE_BYTES)
            for kind, flags, _, start, end in messages(data):
                interrupted |= bool(flags & _DUMP_INTERRUPTED)
                if kind == _DONE:
                    if refusal := _refusal(data, flags, start, end):
                        raise KernelError(f"dump {request.kind}: {refusal}")
                    return None if interrupted else found
                if kind == _ERROR:
                    refusal = _refusal(data, flags, start, end)
                    raise KernelError(f"dump {request.kind}: {refusal}")
                parsed = parse(data, start, end)
                if parsed is not None:
                    found.append(parsed)

    def ask(self, requests: Sequence[Request]) -> list[bytes]:
        """The body of the one answer that each request gets.

        Raises:
            KernelError: refused.
        """
        answers: list[bytes] = []
        while len(answers) < len(requests):
            frames = bytearray()
            end = min(len(answers) + _BATCH_MESSAGES, len(requests))
            for index in range(len(answers), end):
                _append(frames, requests[index], sequence=index)
            self._socket.send(frames)
            while len(answers) < end:
                data = self._socket.recv(_RECEIVE_BYTES)
                for kind, flags, index, start, stop in messages(data):
                    if kind == _ERROR:
                        refusal = _refusal(data, flags, start, stop)
                        raise KernelError(f"request {requests[index].kind}: {refusal}")
                    answers.append(data[start:stop])
        return answers


def _append(frames: bytearray, request: Request, sequence: int, flags: int = 0) -> None:
    body, flags = request.body, request.flags | REQUEST | flags
    frames += _HEADER.pack(16 + len(body), request.kind, flags, sequence, 0)
    frames += body
    frames += b"\0" * (-len(body) & 3)


def messages(data: bytes) -> Iterator[tuple[int, int, int, int, int]]:
    """Type, flags, sequence, start and end of the body of each message."""
    offset = 0
    size = len(data)
    while offset + 16 <= size:
        try:
            length, kind, flags, sequence, _ = _HEADER.unpack_from(data, offset)
        except error as cut:
            raise KernelError("netlink message cut short") from cut
        if length < 16:
            raise KernelError("netlink message cut short")
        yield kind, flags, sequence, offset + 16, offset + length
        offset += (length + 3) & ~3


def _refusal(data: bytes, flags: int, start: int, end: int, index: int = 0) -> Refusal | None:
    """What an error or end-of-dump message says; None: no error."""
    if end - start < 4:
        return None
    code = -_ERROR_CODE.unpack_from(data, start)[0]
    if code <= 0:
        return None
    message = ""
    if flags & _EXTENDED_ACKNOWLEDGE:
        # The code is followed by the refused header, and by its body unless capped.
        after = start + 4
        if end - after >= 16:
            length = _HEADER.unpack_from(data, after)[0]
            after += 16 if flags & _CAPPED else (length + 3) & ~3
            words = attributes(data, after, end).get(_ERROR_MESSAGE_ATTRIBUTE, b"")
            message = string(words)
    return Refusal(index=index, code=code, message=message or os.strerror(code))
