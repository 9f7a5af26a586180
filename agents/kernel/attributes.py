"""Attributes: what netlink messages of every family are made of."""

from collections.abc import Iterator
from struct import Struct

from agents.kernel.errors import KernelError

NESTED = 0x8000
_TYPE = 0x3FFF

_HEADER = Struct("=HH")
U8 = Struct("=B")
U16 = Struct("=H")
U32 = Struct("=I")
U64 = Struct("=Q")
BE16 = Struct(">H")
BE64 = Struct(">Q")


def attribute(kind: int, payload: bytes) -> bytes:
    """An attribute, padded to the alignment of netlink."""
    length = 4 + len(payload)
    return _HEADER.pack(length, kind) + payload + b"\0" * (-length & 3)


def text(kind: int, value: str) -> bytes:
    """An attribute that holds a terminated string."""
    return attribute(kind, value.encode() + b"\0")


def number(kind: int, value: int) -> bytes:
    """An attribute that holds 32 bits in the machine's order."""
    return attribute(kind, U32.pack(value))


def attributes(data: bytes, start: int, end: int) -> dict[int, bytes]:
    """The attributes between two offsets by type; of a repeated type the last.

    Raises:
        KernelError: the data is cut short.
    """
    found = {}
    unpack = _HEADER.unpack_from
    while start + 4 <= end:
        length, kind = unpack(data, start)
        if length < 4 or start + length > end:
            raise KernelError(f"malformed netlink attribute of type {kind}, {length} bytes")
        found[kind & _TYPE] = data[start + 4 : start + length]
        start += (length + 3) & ~3
    return found


def listed(data: bytes) -> Iterator[bytes]:
    """The payloads of a list of attributes whose types carry no meaning, in order."""
    start = 0
    while start + 4 <= len(data):
        length, _ = _HEADER.unpack_from(data, start)
        if length < 4:
            raise KernelError("malformed netlink list")
        yield data[start + 4 : start + length]
        start += (length + 3) & ~3


def string(payload: bytes) -> str:
    """The string in an attribute's payload."""
    return payload.rstrip(b"\0").decode(errors="replace")
