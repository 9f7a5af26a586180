"""Addresses and enums as bytes of the wire, and back: one spelling for each value.

Used by `codec`; of the contract's messages it knows `Prefix` and `Interface` alone.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from typing import Generic, TypeVar

from google.protobuf.message import Message

from lab.contract.node_state import Address, Interface, Prefix, Protocol
from lab.contract.v1 import node_state_pb2 as pb

_E = TypeVar("_E", bound=Enum)

PROTOCOL_TO_WIRE = {Protocol.TCP: pb.PROTOCOL_TCP, Protocol.UDP: pb.PROTOCOL_UDP}
PROTOCOL_FROM_WIRE: dict[int, Protocol] = {
    number: protocol for protocol, number in PROTOCOL_TO_WIRE.items()
}


_Message = TypeVar("_Message", bound=Message)
_Value = TypeVar("_Value")


class Remembered(Generic[_Message, _Value]):
    """A conversion from messages that gives one object for equal messages."""

    def __init__(
        self, convert: Callable[[_Message], _Value], of: type[_Message], most: int
    ) -> None:
        @lru_cache(maxsize=most)
        def from_bytes(data: bytes) -> _Value:
            return convert(of.FromString(data))

        self._from_bytes = from_bytes
        self._to_bytes = of.SerializeToString

    def __call__(self, message: _Message) -> _Value:
        """The object of `message`."""
        return self._from_bytes(self._to_bytes(message))

    def all(self, messages: Iterable[_Message]) -> tuple[_Value, ...]:
        """Those of `messages`, hundreds of which take half as long together."""
        return tuple(map(self._from_bytes, map(self._to_bytes, messages)))


def remembered(
    *, of: type[_Message], most: int
) -> Callable[[Callable[[_Message], _Value]], Remembered[_Message, _Value]]:
    """Let a conversion from messages give one object for equal messages.

    Most of a state is the same in the next one, and in those of other hosts of a
    process: it is not converted again, and comparing it is comparing references.
    `most`: how many are remembered. The objects must never be changed.
    """

    def remembering(convert: Callable[[_Message], _Value]) -> Remembered[_Message, _Value]:
        return Remembered(convert, of, most)

    return remembering


class CodecError(ValueError):
    """Bytes that are no message of this contract.

    Either the peer speaks another version or the bytes were damaged: report it,
    don't retry.
    """


def address_from_wire(packed: bytes) -> Address:
    """The address of 4 or 16 bytes in network order; raises `CodecError` otherwise."""
    if len(packed) == 4:
        return IPv4Address(packed)
    if len(packed) == 16:
        return IPv6Address(packed)
    raise CodecError(f"an address has 4 or 16 bytes, not {len(packed)}")


def optional_address_to_wire(address: Address | None) -> bytes:
    """The packed address; no bytes for None."""
    return address.packed if address is not None else b""


def optional_address_from_wire(packed: bytes) -> Address | None:
    """The address, or None for no bytes; raises `CodecError` for any other length."""
    return address_from_wire(packed) if packed else None


def prefix_to_wire(prefix: Prefix) -> pb.Prefix:
    """The message of a prefix."""
    return pb.Prefix(address=prefix.network_address.packed, length=prefix.prefixlen)


def prefix_from_wire(message: pb.Prefix) -> Prefix:
    """The prefix of a message; raises `CodecError` when host bits are set."""
    address = address_from_wire(message.address)
    try:
        if isinstance(address, IPv4Address):
            return IPv4Network((int(address), message.length))
        return IPv6Network((int(address), message.length))
    except ValueError as error:
        raise CodecError(f"{address}/{message.length} is no prefix: {error}") from error


def interface_to_wire(interface: Interface) -> pb.Interface:
    """The message of an address with its prefix length."""
    return pb.Interface(address=interface.ip.packed, length=interface.network.prefixlen)


def interface_from_wire(message: pb.Interface) -> Interface:
    """The address with its prefix length; raises `CodecError` for a length that cannot be."""
    address = address_from_wire(message.address)
    try:
        if isinstance(address, IPv4Address):
            return IPv4Interface((int(address), message.length))
        return IPv6Interface((int(address), message.length))
    except ValueError as error:
        raise CodecError(f"{address}/{message.length} is no interface: {error}") from error


def mac_to_wire(mac: str) -> bytes:
    """Six bytes of ``00:0d:3a:01:02:03``."""
    return bytes.fromhex(mac.replace(":", ""))


def mac_from_wire(packed: bytes) -> str:
    """Lower case with colons; raises `CodecError` unless there are six bytes."""
    if len(packed) != 6:
        raise CodecError(f"a hardware address has 6 bytes, not {len(packed)}")
    return packed.hex(":")


def enum_from_wire(table: Mapping[int, _E], number: int) -> _E:
    """The member that `number` stands for; raises `CodecError` for one of a newer contract."""
    try:
        return table[number]
    except KeyError:
        kind = type(next(iter(table.values()))).__name__
        raise CodecError(f"{number} stands for no {kind} of this contract") from None
