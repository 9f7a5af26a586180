"""Formats of the schema: texts that mean an address or a prefix.

Each parser raises `ValueError` with text that completes "'10.0.0.256' …"; the
validator and the messages both use it. What passes here becomes a value without a
second thought. A text is parsed when it is checked, when its value is built, and
again with each change of the file: what it means is remembered.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, ip_interface

from jsonschema import FormatChecker

from lab.contract.node_state import PortRange

CHECKER = FormatChecker(formats=())
SOURCE_WORDS = ("podIP", "nodeIP", "publicIP")

_remembering = lru_cache(maxsize=4096)
"""As many texts as a file of many rules has."""


@_remembering
def address(text: str) -> IPv4Address:
    """Return an IPv4 address. Raises `ValueError`."""
    try:
        return IPv4Address(text)
    except ValueError:
        if "/" in text and _known(text):
            raise ValueError("is a prefix, not an address") from None
        raise ValueError(f"is no IPv4 address{_six(text)}") from None


@_remembering
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


@_remembering
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


@_remembering
def security_prefix(text: str) -> IPv4Network | str:
    """Return a prefix, that of a single address, or the name of a service tag.

    ``*`` is every address. Raises `ValueError`.
    """
    if text == "*":
        return IPv4Network("0.0.0.0/0")
    if _TAG.fullmatch(text):
        return text
    return prefix(text) if "/" in text else IPv4Network(address(text))


@_remembering
def route_prefix(text: str) -> IPv4Network | str:
    """Return a prefix, or the name of a service tag. Raises `ValueError`."""
    return text if _TAG.fullmatch(text) else prefix(text)


@_remembering
def port_range(text: str) -> PortRange:
    """Return the ports of ``80``, ``8080-8090`` or ``*``. Raises `ValueError`."""
    if text == "*":
        return PortRange()
    first, dash, last = text.partition("-")
    numbers = [first, last] if dash else [first]
    if not all(each.isascii() and each.isdigit() and len(each) <= 5 for each in numbers):
        raise ValueError("is no port and no range of ports")
    found = PortRange(first=int(first), last=int(numbers[-1]))
    if found.last > 65535:
        raise ValueError("has a port above 65535")
    if found.first > found.last:
        raise ValueError("is a range that ends before it begins")
    return found


def ipv6_address(text: str) -> IPv6Address:
    """Return an IPv6 address. Raises `ValueError`."""
    try:
        return IPv6Address(text)
    except ValueError:
        raise ValueError("is no IPv6 address") from None


@_remembering
def address_range(text: str) -> IPv4Network:
    """Return the prefix of an address or of a prefix. Raises `ValueError`."""
    return prefix(text) if "/" in text else IPv4Network(address(text))


@_remembering
def dns_name(text: str) -> str:
    """Return a name of two labels or more, in lower case, without a final dot.

    Raises `ValueError`.
    """
    name = text.lower().removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError("is no DNS name")
    if len(labels) < 2:
        raise ValueError("is a DNS name of a single label")
    return name


@_remembering
def firewall_address(text: str) -> IPv4Network:
    """Return a prefix, that of an address, or that of all for ``*``. Raises `ValueError`."""
    return IPv4Network("0.0.0.0/0") if text == "*" else address_range(text)


def fqdn_pattern(text: str) -> str:
    """Return a name, ``*.NAME`` or ``*``, in lower case. Raises `ValueError`."""
    if text == "*":
        return text
    wildcard = "*." if text.startswith("*.") else ""
    return wildcard + dns_name(text.removeprefix(wildcard))


def record_name(text: str) -> str:
    """Return the name of a record set relative to its zone. Raises `ValueError`."""
    name = text.lower()
    first, *rest = name.split(".")
    if name != "@" and not all(map(_LABEL.fullmatch, rest if first == "*" else (first, *rest))):
        raise ValueError("is no name of a record set")
    return name


_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
"""A part of a DNS name, between dots."""

_TAG = re.compile(r"[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*")
"""A service tag, of a region perhaps: ``Storage``, ``Storage.WestEurope``."""

PARSERS: dict[str, Callable[[str], object]] = {
    "ipv4": address,
    "ipv4-prefix": prefix,
    "ipv4-interface": interface,
    "source-seen": source_seen,
    "route-prefix": route_prefix,
    "security-prefix": security_prefix,
    "port-range": port_range,
    "ipv6": ipv6_address,
    "firewall-address": firewall_address,
    "fqdn-pattern": fqdn_pattern,
    "address-range": address_range,
    "dns-name": dns_name,
    "record-name": record_name,
}


def remedy(format_name: str, text: str) -> str:
    """What to write instead."""
    prefix_meant = format_name in {"ipv4-prefix", "route-prefix", "security-prefix"}
    if prefix_meant and "/" in text and _known(text) and ":" not in text:
        return f"write {ip_interface(text).network}"
    return f"write {_WANTED[format_name]}"


_WANTED = {
    "ipv4": "an address such as 10.0.0.4",
    "ipv4-prefix": "an address and a length, for example 10.0.0.0/16",
    "ipv4-interface": "an address and a length, for example 172.17.0.1/16",
    "source-seen": "one of these words, or an address such as 10.0.0.4",
    "route-prefix": "an address and a length, for example 10.0.0.0/16, or a service tag",
    "security-prefix": "a prefix such as 10.0.0.0/16, an address, a service tag, or '*'",
    "port-range": "a port such as 80, a range such as 8080-8090, or '*'",
    "address-range": "an address such as 203.0.113.10, or a prefix such as 203.0.113.0/24",
    "firewall-address": "an address such as 10.0.0.4, a prefix such as 10.0.0.0/16, or '*'",
    "fqdn-pattern": "a name such as www.example.com, *.example.com for all below it, or '*'",
    "ipv6": "an address such as fd00::4",
    "dns-name": "labels of letters, digits and hyphens with dots between, for example corp.example",
    "record-name": "a name such as www, *.apps for all below, or '@' for the zone itself",
}


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
