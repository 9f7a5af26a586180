"""RTM_*NEIGH: neighbours that are permanent or learned from outside. IPv4."""

import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from struct import Struct

from agents.kernel.attributes import U8, attribute, attributes
from agents.kernel.links import mac_bytes
from agents.kernel.netlink import CREATE, REPLACE, Request
from agents.objects.neighbour import Neighbour

_NEW, _DELETE, _GET = 28, 29, 30
_DESTINATION, _MAC, _PROTOCOL = 1, 2, 12
_STALE, _PERMANENT = 0x04, 0x80
_LEARNED_OUTSIDE = 0x10

NeighbourKey = tuple[str, IPv4Address | IPv6Address]
"""Device and address."""

# struct ndmsg: family, index, state, flags, type
_MESSAGE = Struct("=BxxxiHBB")


def add(neighbour: Neighbour, index: int) -> Request:
    """Make a neighbour, even where the kernel has learned one by itself."""
    return Request(_NEW, CREATE | REPLACE, _described(neighbour, index))


def remove(neighbour: Neighbour, index: int) -> Request:
    """Remove a neighbour; ENOENT where there is none."""
    body = _MESSAGE.pack(socket.AF_INET, index, 0, 0, 0)
    return Request(_DELETE, 0, body + attribute(_DESTINATION, neighbour.address.packed))


def listing() -> Request:
    """Ask for all IPv4 neighbours."""
    return Request(_GET, 0, _MESSAGE.pack(socket.AF_INET, 0, 0, 0, 0))


def parse(data: bytes, start: int, end: int, names: Mapping[int, str]) -> Neighbour | None:
    """One neighbour of the listing; None for those that the kernel learned by itself."""
    _, index, state, flags, _ = _MESSAGE.unpack_from(data, start)
    if not (state & _PERMANENT or flags & _LEARNED_OUTSIDE) or index not in names:
        return None
    found = attributes(data, start + _MESSAGE.size, end)
    if _MAC not in found:
        return None
    return Neighbour(
        link=names[index],
        address=IPv4Address(found[_DESTINATION]),
        mac=found[_MAC].hex(":"),
        origin=found[_PROTOCOL][0] if _PROTOCOL in found else 0,
        learned=not state & _PERMANENT,
    )


def key(data: bytes, start: int, end: int, names: Mapping[int, str]) -> NeighbourKey:
    """What a neighbour is told from others by, permanent or not."""
    _, index, _, _, _ = _MESSAGE.unpack_from(data, start)
    found = attributes(data, start + _MESSAGE.size, end)
    return names.get(index, ""), IPv4Address(found[_DESTINATION])


def _described(neighbour: Neighbour, index: int) -> bytes:
    kind = (_STALE, _LEARNED_OUTSIDE) if neighbour.learned else (_PERMANENT, 0)
    return (
        _MESSAGE.pack(socket.AF_INET, index, *kind, 0)
        + attribute(_DESTINATION, neighbour.address.packed)
        + attribute(_MAC, mac_bytes(neighbour.mac))
        + attribute(_PROTOCOL, U8.pack(neighbour.origin))
    )
