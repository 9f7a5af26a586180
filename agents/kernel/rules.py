"""RTM_*RULE: policy routing. IPv4."""

import socket
from ipaddress import IPv4Network
from struct import Struct

from agents.kernel.attributes import U8, U32, attribute, attributes, number, string, text
from agents.kernel.netlink import CREATE, EXCLUSIVE, Request
from agents.objects.rule import Rule

_NEW, _DELETE, _GET = 32, 33, 34
_DESTINATION, _SOURCE, _INCOMING, _PRIORITY, _TABLE, _PROTOCOL = 1, 2, 3, 6, 15, 21
_MARK = 10
_LOOK_UP = 1

# struct fib_rule_hdr: family, dst length, src length, tos, table, reserved, action, flags
_MESSAGE = Struct("=BBBBBxxBI")


def add(rule: Rule) -> Request:
    """Make a rule; EEXIST where an equal one is."""
    return Request(_NEW, CREATE | EXCLUSIVE, _described(rule))


def remove(rule: Rule) -> Request:
    """Remove a rule; ENOENT where there is none."""
    return Request(_DELETE, 0, _described(rule))


def listing() -> Request:
    """Ask for all IPv4 rules."""
    return Request(_GET, 0, _MESSAGE.pack(socket.AF_INET, 0, 0, 0, 0, 0, 0))


def parse(data: bytes, start: int, end: int) -> Rule | None:
    """One rule of the listing; None for those that do more than look a table up."""
    _, destination, source, _, table, action, _ = _MESSAGE.unpack_from(data, start)
    if action != _LOOK_UP:
        return None
    found = attributes(data, start + _MESSAGE.size, end)
    return Rule(
        priority=U32.unpack(found[_PRIORITY])[0] if _PRIORITY in found else 0,
        table=U32.unpack(found[_TABLE])[0] if _TABLE in found else table,
        origin=found[_PROTOCOL][0] if _PROTOCOL in found else 0,
        incoming=string(found[_INCOMING]) if _INCOMING in found else None,
        source=IPv4Network((found[_SOURCE], source)) if _SOURCE in found else None,
        destination=(
            IPv4Network((found[_DESTINATION], destination)) if _DESTINATION in found else None
        ),
        mark=U32.unpack(found[_MARK])[0] if _MARK in found else None,
    )


def _described(rule: Rule) -> bytes:
    source = 0 if rule.source is None else rule.source.prefixlen
    destination = 0 if rule.destination is None else rule.destination.prefixlen
    body = _MESSAGE.pack(socket.AF_INET, destination, source, 0, 0, _LOOK_UP, 0)
    body += number(_PRIORITY, rule.priority) + number(_TABLE, rule.table)
    body += attribute(_PROTOCOL, U8.pack(rule.origin))
    if rule.incoming is not None:
        body += text(_INCOMING, rule.incoming)
    if rule.source is not None:
        body += attribute(_SOURCE, rule.source.network_address.packed)
    if rule.mark is not None:
        body += number(_MARK, rule.mark)
    if rule.destination is not None:
        body += attribute(_DESTINATION, rule.destination.network_address.packed)
    return body
