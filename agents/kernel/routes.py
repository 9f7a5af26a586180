"""RTM_*ROUTE: unicast routes. IPv4."""

import socket
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from struct import Struct

from agents.kernel.attributes import U32, attribute, attributes, number
from agents.kernel.netlink import CREATE, EXCLUSIVE, REPLACE, Request
from agents.objects.canonical import canonical
from agents.objects.origin import Origin
from agents.objects.route import Route

_NEW, _DELETE, _GET = 24, 25, 26
_DESTINATION, _LINK, _GATEWAY, _PRIORITY, _SOURCE = 1, 4, 5, 6, 7
_TABLE, _NEXTHOP = 15, 30

_UNICAST = 1
_SCOPE_UNIVERSE, _SCOPE_LINK, _SCOPE_NOWHERE = 0, 253, 255
_ON_LINK = 4
_CLONED = 0x200

# struct rtmsg: family, destination length, source length, tos, table, protocol, scope, type, flags
_MESSAGE = Struct("=BBBBBBBBI")


def add(route: Route, index: int | None) -> Request:
    """Make a route; EEXIST where one of the same key is."""
    return Request(_NEW, CREATE | EXCLUSIVE, _described(route, index))


def change(route: Route, index: int | None) -> Request:
    """Make a route in place of whatever has the same key."""
    return Request(_NEW, CREATE | REPLACE, _described(route, index))


def remove(route: Route) -> Request:
    """Remove the route of that key and origin; ESRCH where there is none."""
    body = _MESSAGE.pack(
        _family(route), route.prefix.prefixlen, 0, 0, 0, route.origin, _SCOPE_NOWHERE, _UNICAST, 0
    )
    return Request(_DELETE, 0, body + _identity(route))


def listing() -> Request:
    """Ask for the unicast IPv4 routes of all tables."""
    return Request(_GET, 0, _MESSAGE.pack(socket.AF_INET, 0, 0, 0, 0, 0, 0, _UNICAST, 0))


def parse(data: bytes, start: int, end: int, names: Mapping[int, str]) -> Route | None:
    """One route of the listing; None for those that follow from an address."""
    _, length, _, _, table, protocol, _, kind, flags = _MESSAGE.unpack_from(data, start)
    if kind != _UNICAST or protocol == Origin.KERNEL or flags & _CLONED:
        return None
    found = attributes(data, start + _MESSAGE.size, end)
    if _TABLE in found:
        table = U32.unpack(found[_TABLE])[0]
    metric = U32.unpack(found[_PRIORITY])[0] if _PRIORITY in found else 0
    prefix = _prefix(found.get(_DESTINATION, b"\0\0\0\0"), length)
    source = IPv4Address(found[_SOURCE]) if _SOURCE in found else None
    if _NEXTHOP in found:
        number_ = U32.unpack(found[_NEXTHOP])[0]
        return canonical(
            Route(
                prefix=prefix,
                origin=protocol,
                table=table,
                metric=metric,
                nexthop=number_,
                source=source,
            )
        )
    link = names.get(U32.unpack(found[_LINK])[0]) if _LINK in found else None
    return canonical(
        Route(
            prefix=prefix,
            origin=protocol,
            table=table,
            metric=metric,
            link=link,
            gateway=IPv4Address(found[_GATEWAY]) if _GATEWAY in found else None,
            on_link=bool(flags & _ON_LINK),
            source=source,
        )
    )


def _family(route: Route) -> int:
    return socket.AF_INET if route.prefix.version == 4 else socket.AF_INET6


def _identity(route: Route) -> bytes:
    identity = number(_TABLE, route.table)
    if route.prefix.prefixlen:
        identity += attribute(_DESTINATION, route.prefix.network_address.packed)
    if route.metric:
        identity += number(_PRIORITY, route.metric)
    return identity


@lru_cache(maxsize=4096)  # the hosts of a process have most of them in common
def _described(route: Route, index: int | None) -> bytes:
    direct = route.gateway is None and route.nexthop is None
    body = _MESSAGE.pack(
        _family(route),
        route.prefix.prefixlen,
        0,
        0,
        0,
        route.origin,
        _SCOPE_LINK if direct else _SCOPE_UNIVERSE,
        _UNICAST,
        _ON_LINK if route.on_link else 0,
    )
    body += _identity(route)
    if route.nexthop is not None:
        body += number(_NEXTHOP, route.nexthop)
    if index is not None:
        body += number(_LINK, index)
    if route.gateway is not None:
        body += attribute(_GATEWAY, route.gateway.packed)
    if route.source is not None:
        body += attribute(_SOURCE, route.source.packed)
    return body


@lru_cache(maxsize=4096)
def _prefix(packed: bytes, length: int) -> IPv4Network:
    return IPv4Network((packed, length))
