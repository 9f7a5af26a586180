"""RTM_*ADDR: addresses of devices. IPv4; the kernel makes the link-local IPv6 ones itself."""

import socket
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Interface
from struct import Struct

from agents.kernel.attributes import U32, attribute, attributes, number
from agents.kernel.netlink import CREATE, EXCLUSIVE, Request
from agents.objects.address import Address

_NEW, _DELETE, _GET = 20, 21, 22
_ADDRESS, _LOCAL, _BROADCAST, _FLAGS = 1, 2, 4, 8
_NO_PREFIX_ROUTE = 0x200

# struct ifaddrmsg: family, prefix length, flags, scope, index
_MESSAGE = Struct("=BBBBI")


def add(address: Address, index: int) -> Request:
    """Assign an address; EEXIST where it already is."""
    body = _identity(address, index)
    if address.broadcast and isinstance(address.interface, IPv4Interface):
        body += attribute(_BROADCAST, address.interface.network.broadcast_address.packed)
    if not address.on_link:
        body += number(_FLAGS, _NO_PREFIX_ROUTE)
    return Request(_NEW, CREATE | EXCLUSIVE, body)


def remove(address: Address, index: int) -> Request:
    """Take an address away; EADDRNOTAVAIL where it is not."""
    return Request(_DELETE, 0, _identity(address, index))


def listing() -> Request:
    """Ask for all IPv4 addresses."""
    return Request(_GET, 0, _MESSAGE.pack(socket.AF_INET, 0, 0, 0, 0))


def parse(data: bytes, start: int, end: int, names: Mapping[int, str]) -> Address | None:
    """One address of the listing; None on a device that has gone meanwhile."""
    _, length, _, _, index = _MESSAGE.unpack_from(data, start)
    if index not in names:
        return None
    found = attributes(data, start + _MESSAGE.size, end)
    return Address(
        link=names[index],
        interface=_interface(found.get(_LOCAL) or found[_ADDRESS], length),
        broadcast=_BROADCAST in found,
        on_link=not (_FLAGS in found and U32.unpack(found[_FLAGS])[0] & _NO_PREFIX_ROUTE),
    )


def _identity(address: Address, index: int) -> bytes:
    interface = address.interface
    family = socket.AF_INET if interface.version == 4 else socket.AF_INET6
    return (
        _MESSAGE.pack(family, interface.network.prefixlen, 0, 0, index)
        + attribute(_LOCAL, interface.packed)
        + attribute(_ADDRESS, interface.packed)
    )


@lru_cache(maxsize=4096)
def _interface(packed: bytes, length: int) -> IPv4Interface:
    return IPv4Interface((IPv4Address(packed), length))
