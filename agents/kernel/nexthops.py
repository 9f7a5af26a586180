"""RTM_*NEXTHOP: nexthop objects, with ``encap ip`` (lightweight tunnels). IPv4."""

import socket
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address
from struct import Struct

from agents.kernel.attributes import BE64, NESTED, U16, U32, attribute, attributes, number
from agents.kernel.netlink import CREATE, EXCLUSIVE, REPLACE, Request
from agents.objects.canonical import canonical
from agents.objects.nexthop import Encapsulation, Nexthop

_NEW, _DELETE, _GET = 104, 105, 106
_NUMBER, _LINK, _GATEWAY, _ENCAPSULATION_TYPE, _ENCAPSULATION = 1, 5, 6, 7, 8
_TUNNEL_ID, _TUNNEL_DESTINATION = 1, 2
_LWTUNNEL_ENCAP_IP = 2
_ON_LINK = 4

# struct nhmsg: family, scope, protocol, reserved, flags
_MESSAGE = Struct("=BBBBI")


def add(nexthop: Nexthop, index: int) -> Request:
    """Make a nexthop; EEXIST where the number is taken."""
    return Request(_NEW, CREATE | EXCLUSIVE, _described(nexthop, index))


def change(nexthop: Nexthop, index: int) -> Request:
    """Re-point a nexthop, and with it all of its routes, in one step."""
    return Request(_NEW, CREATE | REPLACE, _described(nexthop, index))


def remove(nexthop: Nexthop) -> Request:
    """Remove a nexthop and its routes; ENOENT where there is none."""
    body = _MESSAGE.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
    return Request(_DELETE, 0, body + number(_NUMBER, nexthop.number))


def listing() -> Request:
    """Ask for all nexthops."""
    return Request(_GET, 0, _MESSAGE.pack(socket.AF_UNSPEC, 0, 0, 0, 0))


def parse(data: bytes, start: int, end: int, names: Mapping[int, str]) -> Nexthop | None:
    """One nexthop of the listing; None for groups and the like, which have no device."""
    _, _, protocol, _, flags = _MESSAGE.unpack_from(data, start)
    found = attributes(data, start + _MESSAGE.size, end)
    link = names.get(U32.unpack(found[_LINK])[0]) if _LINK in found else None
    if link is None:
        return None
    return canonical(
        Nexthop(
            number=U32.unpack(found[_NUMBER])[0],
            origin=protocol,
            link=link,
            gateway=IPv4Address(found[_GATEWAY]) if _GATEWAY in found else None,
            on_link=bool(flags & _ON_LINK),
            encapsulation=_encapsulation(found.get(_ENCAPSULATION, b"")),
        )
    )


def _encapsulation(payload: bytes) -> Encapsulation | None:
    found = attributes(payload, 0, len(payload))
    if _TUNNEL_DESTINATION not in found:
        return None
    return Encapsulation(
        vni=BE64.unpack(found[_TUNNEL_ID])[0],
        destination=IPv4Address(found[_TUNNEL_DESTINATION]),
    )


@lru_cache(maxsize=1024)  # the hosts of a process have most of them in common
def _described(nexthop: Nexthop, index: int) -> bytes:
    body = _MESSAGE.pack(socket.AF_INET, 0, nexthop.origin, 0, _ON_LINK if nexthop.on_link else 0)
    body += number(_NUMBER, nexthop.number) + number(_LINK, index)
    if nexthop.gateway is not None:
        body += attribute(_GATEWAY, nexthop.gateway.packed)
    if nexthop.encapsulation is not None:
        tunnel = attribute(_TUNNEL_ID, BE64.pack(nexthop.encapsulation.vni)) + attribute(
            _TUNNEL_DESTINATION, nexthop.encapsulation.destination.packed
        )
        # Without the flag for nesting the kernel answers EINVAL (native-runtime-facts §9).
        body += attribute(_ENCAPSULATION_TYPE, U16.pack(_LWTUNNEL_ENCAP_IP))
        body += attribute(_ENCAPSULATION | NESTED, tunnel)
    return body
