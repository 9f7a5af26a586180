"""Every value has one spelling on the wire, and nothing else is accepted."""

from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)

import pytest

from lab.contract import wire
from lab.contract.node_state import Delivery
from lab.contract.v1 import node_state_pb2 as pb


@pytest.mark.parametrize("address", [IPv4Address("10.0.0.4"), IPv6Address("fe80::1")])
def test_an_address_travels_as_its_packed_bytes(address: IPv4Address | IPv6Address) -> None:
    assert wire.address_from_wire(address.packed) == address


@pytest.mark.parametrize("length", [1, 3, 5, 15, 17])
def test_an_address_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(wire.CodecError, match=f"4 or 16 bytes, not {length}"):
        wire.address_from_wire(bytes(length))


def test_no_bytes_are_an_address_only_where_it_is_optional() -> None:
    assert wire.optional_address_from_wire(b"") is None
    assert wire.optional_address_to_wire(None) == b""
    with pytest.raises(wire.CodecError):
        wire.address_from_wire(b"")


def test_the_unspecified_address_is_not_none() -> None:
    """0.0.0.0 is false as a number, and still an address."""
    packed = wire.optional_address_to_wire(IPv4Address("0.0.0.0"))
    assert wire.optional_address_from_wire(packed) == IPv4Address("0.0.0.0")


@pytest.mark.parametrize("length", range(33))
def test_a_prefix_of_every_length_survives(length: int) -> None:
    prefix = IPv4Network(("255.255.255.255", length), strict=False)
    assert wire.prefix_from_wire(wire.prefix_to_wire(prefix)) == prefix


def test_ipv6_prefixes_and_interfaces_survive() -> None:
    prefix, interface = IPv6Network("fd00::/48"), IPv6Interface("fd00::7/64")
    assert wire.prefix_from_wire(wire.prefix_to_wire(prefix)) == prefix
    assert wire.interface_from_wire(wire.interface_to_wire(interface)) == interface


def test_a_prefix_with_host_bits_is_refused() -> None:
    message = pb.Prefix(address=IPv4Address("10.0.0.1").packed, length=24)
    with pytest.raises(wire.CodecError, match=r"10\.0\.0\.1/24 is no prefix"):
        wire.prefix_from_wire(message)


def test_an_interface_keeps_its_host_bits() -> None:
    interface = IPv4Interface("10.0.0.4/22")
    assert str(wire.interface_from_wire(wire.interface_to_wire(interface))) == "10.0.0.4/22"


def test_an_interface_with_an_impossible_length_is_refused() -> None:
    message = pb.Interface(address=IPv4Address("10.0.0.1").packed, length=33)
    with pytest.raises(wire.CodecError, match=r"10\.0\.0\.1/33 is no interface"):
        wire.interface_from_wire(message)


def test_a_hardware_address_is_lower_case_with_colons() -> None:
    assert wire.mac_to_wire("00:0d:3a:ff:00:01") == bytes([0, 13, 58, 255, 0, 1])
    assert wire.mac_from_wire(bytes([0, 13, 58, 255, 0, 1])) == "00:0d:3a:ff:00:01"
    with pytest.raises(wire.CodecError, match="6 bytes, not 0"):
        wire.mac_from_wire(b"")


def test_a_number_of_a_newer_contract_is_refused_with_the_enum_named() -> None:
    with pytest.raises(wire.CodecError, match="9 stands for no Delivery of this contract"):
        wire.enum_from_wire({1: Delivery.FABRIC}, 9)


def test_equal_messages_are_converted_once() -> None:
    converted = []

    @wire.remembered(of=pb.Prefix, most=2)
    def convert(message: pb.Prefix) -> list[int]:
        converted.append(message.length)
        return [message.length]

    first, again = (convert(pb.Prefix(address=b"\n\0\0\0", length=8)) for _ in range(2))
    assert first is again
    assert convert(pb.Prefix(address=b"\n\0\0\0", length=16)) == [16]
    assert convert.all(pb.Prefix(address=b"\n\0\0\0", length=each) for each in (8, 16))[0] is first
    assert converted == [8, 16]
