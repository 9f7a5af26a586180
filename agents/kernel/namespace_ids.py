"""RTM_NEWNSID, RTM_GETNSID: by which number one namespace knows another."""

import socket
from struct import Struct

from agents.kernel.attributes import attributes, number
from agents.kernel.netlink import Request

_NEW, _GET = 88, 90
_ID, _DESCRIPTOR = 1, 3
_SIGNED = Struct("=i")
_MESSAGE = Struct("=Bxxx")


def assignment(descriptor: int, identifier: int) -> Request:
    """Have an id for the namespace behind this open file here; EEXIST where it has one."""
    body = _MESSAGE.pack(socket.AF_UNSPEC) + number(_DESCRIPTOR, descriptor)
    return Request(_NEW, 0, body + number(_ID, identifier))


def question(descriptor: int) -> Request:
    """Which id has the namespace behind this open file, here?"""
    return Request(_GET, 0, _MESSAGE.pack(socket.AF_UNSPEC) + number(_DESCRIPTOR, descriptor))


def answer(body: bytes) -> int | None:
    """The id; None: nothing here has a peer there."""
    found = attributes(body, _MESSAGE.size, len(body))
    identifier: int = _SIGNED.unpack(found[_ID])[0]
    return None if identifier < 0 else identifier
