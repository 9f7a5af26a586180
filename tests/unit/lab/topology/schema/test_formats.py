"""Texts that mean an address or a prefix."""

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from lab.topology.schema import formats


def reason(name: str, text: str) -> str:
    with pytest.raises(ValueError, match=r"\w") as caught:
        formats.PARSERS[name](text)
    return str(caught.value)


def test_what_is_well_formed_becomes_a_value() -> None:
    assert formats.address("10.0.0.4") == IPv4Address("10.0.0.4")
    assert formats.prefix("10.0.0.0/16") == IPv4Network("10.0.0.0/16")
    assert formats.interface("172.17.0.1/16") == IPv4Interface("172.17.0.1/16")
    assert formats.source_seen("podIP") == "podIP"
    assert formats.source_seen("10.0.0.4") == "10.0.0.4"


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.256", "10.0.0.04", "host", "10.0.0.1\n"])
def test_what_is_no_address(text: str) -> None:
    assert reason("ipv4", text) == "is no IPv4 address"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10.0.0.1", "is an address without a prefix length"),
        ("10.0.0.1/22", "has host bits set"),
        ("10.0.0.0/33", "is no IPv4 prefix: the length goes to 32"),
        ("10.0.0.0/255.255.0.0", "is no IPv4 prefix: the length has to be a number of bits"),
        ("10.0.0.0/", "is no IPv4 prefix: the length has to be a number of bits"),
        ("10.0.0.0/٣", "is no IPv4 prefix: the length has to be a number of bits"),
        ("10.0.0.0/8/9", "is no IPv4 prefix: the length has to be a number of bits"),
        ("10.0.0.0/" + "9" * 9999, "is no IPv4 prefix: the length goes to 32"),
        ("10.0.0/8", "is no IPv4 prefix"),
        ("vnet", "is no IPv4 prefix"),
        ("fd00::/64", "is no IPv4 prefix: IPv6 is not supported yet"),
    ],
)
def test_what_is_no_prefix_and_why(text: str, words: str) -> None:
    assert reason("ipv4-prefix", text) == words


def test_a_prefix_where_an_address_belongs_is_called_so() -> None:
    assert reason("ipv4", "10.0.0.0/16") == "is a prefix, not an address"


def test_an_ipv6_address_is_called_so() -> None:
    assert reason("ipv4", "fd00::4") == "is no IPv4 address: IPv6 is not supported yet"


def test_host_bits_come_with_the_prefix_that_was_meant() -> None:
    assert formats.remedy("ipv4-prefix", "10.0.1.0/22") == "write 10.0.0.0/22"


@pytest.mark.parametrize("name", formats.PARSERS)
def test_every_format_has_a_remedy_whatever_was_written(name: str) -> None:
    assert formats.remedy(name, "x").startswith("write ")


@pytest.mark.parametrize("name", formats.PARSERS)
def test_a_format_says_nothing_about_what_is_no_text(name: str) -> None:
    assert formats.CHECKER.conforms(5, name)
    assert not formats.CHECKER.conforms("x!", name)


@pytest.mark.parametrize(
    ("text", "first", "last"), [("80", 80, 80), ("1-65535", 1, 65535), ("*", 0, 65535), ("0", 0, 0)]
)
def test_ports_are_one_a_range_or_all(text: str, first: int, last: int) -> None:
    found = formats.port_range(text)

    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("text", ["", "-", "80-", "80-70", "65536", "http", "1-2-3", "٣", "000080"])
def test_what_is_no_range_of_ports_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|has) "):
        formats.port_range(text)
