"""Formats of the schema: texts that mean an address or a prefix.

Each parser raises `ValueError` with text that completes "'10.0.0.256' …"; the
validator and the messages both use it. What passes here becomes a value without a
second thought.
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, ip_interface

from jsonschema import FormatChecker

CHECKER = FormatChecker(formats=())
SOURCE_WORDS = ("podIP", "nodeIP", "publicIP")


def address(text: str) -> IPv4Address:
    """Return an IPv4 address. Raises `ValueError`."""
    try:
        return IPv4Address(text)
    except ValueError:
        if "/" in text and _known(text):
            raise ValueError("is a prefix, not an address") from None
        raise ValueError(f"is no IPv4 address{_six(text)}") from None


def interface(text: str) -> IPv4Interface:
    """Return an IPv4 address with a prefix length. Raises `ValueError`."""
    if "/" not in text and _known(text) and ":" not in text:
        raise ValueError("is an address without a prefix length")
    first, _, length = text.partition("/")
    try:
        IPv4Address(first)
    except ValueError:
        raise ValueError(f"is no IPv4 prefix{_six(text)}") from None
    if not (length.isascii() and length.isdigit()):
        raise ValueError("is no IPv4 prefix: the length has to be a number of bits")
    if int(length[:4]) > 32:
        raise ValueError("is no IPv4 prefix: the length goes to 32")
    return IPv4Interface(text)


def prefix(text: str) -> IPv4Network:
    """Return an IPv4 prefix without host bits. Raises `ValueError`."""
    value = interface(text)
    if value.ip != value.network.network_address:
        raise ValueError("has host bits set")
    return value.network


def source_seen(text: str) -> str:
    """Return a word for one of the sender's addresses, or an address. Raises `ValueError`."""
    if text not in SOURCE_WORDS:
        try:
            address(text)
        except ValueError:
            words = ", ".join(SOURCE_WORDS)
            raise ValueError(f"is neither an IPv4 address nor one of {words}") from None
    return text


PARSERS: dict[str, Callable[[str], object]] = {
    "ipv4": address,
    "ipv4-prefix": prefix,
    "ipv4-interface": interface,
    "source-seen": source_seen,
}


def remedy(format_name: str, text: str) -> str:
    """What to write instead."""
    match format_name:
        case "ipv4-prefix" if "/" in text and _known(text) and ":" not in text:
            return f"write {ip_interface(text).network}"
        case "ipv4-prefix":
            return "write an address and a length, for example 10.0.0.0/16"
        case "ipv4-interface":
            return "write an address and a length, for example 172.17.0.1/16"
        case "source-seen":
            return "write one of these words, or an address such as 10.0.0.4"
        case _:
            return "write an address such as 10.0.0.4"


def _known(text: str) -> bool:
    try:
        ip_interface(text)
    except ValueError:
        return False
    return True


def _six(text: str) -> str:
    return ": IPv6 is not supported yet" if ":" in text and _known(text) else ""


def _register(name: str, parse: Callable[[str], object]) -> None:
    def conforms(value: object) -> bool:
        if isinstance(value, str):
            parse(value)
        return True

    CHECKER.checks(name, raises=ValueError)(conforms)


for _name, _parse in PARSERS.items():
    _register(_name, _parse)
