"""Attributes of netlink messages, byte by byte."""

import pytest

from agents.kernel.attributes import attribute, attributes, listed, number, string, text
from agents.kernel.errors import KernelError


def test_an_attribute_is_padded_but_its_length_is_not() -> None:
    assert attribute(3, b"\x01") == b"\x05\0\x03\0\x01\0\0\0"
    assert text(3, "lo") == b"\x07\0\x03\0lo\0\0"
    assert number(4, 1500) == b"\x08\0\x04\0\xdc\x05\0\0"


def test_attributes_are_found_again_by_type() -> None:
    data = b"head" + text(3, "lo") + number(4, 1500)
    found = attributes(data, 4, len(data))
    assert string(found[3]) == "lo"
    assert found[4] == b"\xdc\x05\0\0"


def test_flags_in_a_type_are_no_part_of_it() -> None:
    data = attribute(0x8000 | 18, b"")
    assert attributes(data, 0, len(data)) == {18: b""}


def test_a_list_keeps_its_order_and_repetitions() -> None:
    data = attribute(1, b"b") + attribute(1, b"a") + attribute(1, b"b")
    assert list(listed(data)) == [b"b", b"a", b"b"]


@pytest.mark.parametrize("data", [b"\x03\0\x01\0", b"\x09\0\x01\0abcd"])
def test_what_is_cut_short_is_an_error(data: bytes) -> None:
    """Never an endless loop, never a silent omission."""
    with pytest.raises(KernelError, match="malformed"):
        attributes(data, 0, len(data))
