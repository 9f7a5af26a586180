"""Listens to what the kernel says of every change in a namespace, whoever makes it."""

import ctypes
import errno
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from struct import Struct

from agents.kernel.netlink import messages

_SOL_NETLINK = 270
_ADD_MEMBERSHIP = 1
_LISTEN_ALL_NSID = 8
_SO_ATTACH_FILTER = 26
_SO_RCVBUFFORCE = 33

_LINK, _NEIGHBOUR, _ADDRESS, _ROUTE, _RULE, _NEXTHOP = 1, 3, 5, 7, 8, 32
_CONFIGURATION, _CONFIGURATION_IPV6 = 24, 25
_GROUPS = (
    _LINK, _NEIGHBOUR, _ADDRESS, _ROUTE, _RULE, _NEXTHOP, _CONFIGURATION, _CONFIGURATION_IPV6,
)  # fmt: skip

UNTOLD_PORT = 0x76400000
"""Of the socket that hears of others, and of those whose echoes it is not told (`NetlinkSocket`).

None that the kernel gives, which are processes' numbers or negative."""

_BUFFER_BYTES = 1 << 20
_RECEIVE_BYTES = 64 * 1024
_NAMESPACE_ID = Struct("=i")

_FILTER_STEP = Struct("=HBBI")
_LEARNED_NEIGHBOURS = b"".join(
    _FILTER_STEP.pack(*step)
    for step in (
        (0x28, 0, 0, 4),  # the type, as the bytes of a little-endian number
        (0x15, 0, 5, 0x1C00),  # a neighbour that is new or has changed?
        (0x20, 0, 0, 12),  # by whom
        (0x15, 0, 3, 0),  # by the kernel itself?
        (0x28, 0, 0, 24),  # its state
        (0x45, 1, 0, 0xE000),  # permanent, needing no ARP, or failed?
        (0x06, 0, 0, 0),  # drop
        (0x06, 0, 0, 0xFFFFFFFF),  # keep
    )
)
"""Leaves out what the kernel learns by itself, which happens with every ping."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One change."""

    namespace_id: int | None
    """Which namespace, as the listening one knows it; None: itself."""
    kind: int
    flags: int
    data: bytes
    start: int
    """Where in `data` the body lies."""
    end: int


class Ear:
    """Hears of the namespace that the calling thread is in while it is made.

    An open one keeps that namespace alive, and costs every change on the machine a little.
    """

    def __init__(self, *, others: bool) -> None:
        """`others`: hear of all namespaces that have an id here, too, where that is allowed."""
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE
        )
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
        except PermissionError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self.hears_others = False
        """Whether namespaces that have an id here are heard of."""
        if others:
            with suppress(PermissionError):  # needs CAP_NET_BROADCAST, which containers lack
                self._socket.setsockopt(_SOL_NETLINK, _LISTEN_ALL_NSID, 1)
                self.hears_others = True
        self._filter()
        self._socket.bind((UNTOLD_PORT if self.hears_others else 0, 0))
        for group in _GROUPS:
            self._socket.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, group)

    def fileno(self) -> int:
        """The descriptor, to wait for what is said."""
        return self._socket.fileno()

    def heard(self) -> Iterator[Heard]:
        """All that was said since this was last asked.

        Raises:
            OSError: ENOBUFS, more was said than could be kept: anything may have changed.
        """
        while True:
            try:
                data, ancillary, _, _ = self._socket.recvmsg(
                    _RECEIVE_BYTES, socket.CMSG_SPACE(4), socket.MSG_DONTWAIT
                )
            except BlockingIOError:
                return
            namespace_id = None
            for level, kind, value in ancillary:
                if (level, kind) == (_SOL_NETLINK, _LISTEN_ALL_NSID):
                    namespace_id = _NAMESPACE_ID.unpack(value)[0]
            for kind, flags, _, start, end in messages(data):
                yield Heard(namespace_id, kind, flags, data, start, end)

    def forget(self) -> None:
        """Drop what was said so far."""
        while True:
            try:
                self._socket.recv(1, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError as overflow:
                if overflow.errno != errno.ENOBUFS:
                    raise

    def close(self) -> None:
        """Listen no longer, and let the namespace go. Idempotent."""
        self._socket.close()

    def _filter(self) -> None:
        steps = len(_LEARNED_NEIGHBOURS) // _FILTER_STEP.size
        program = ctypes.create_string_buffer(_LEARNED_NEIGHBOURS)
        described = Struct("@HP").pack(steps, ctypes.addressof(program))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)
