"""NFNL_SUBSYS_NFTABLES, written: the messages that make and change a filter table. IPv4."""

import socket
from collections.abc import Iterator
from itertools import islice
from struct import Struct

from agents.kernel.attributes import NESTED, attribute, number, text
from agents.kernel.expressions import EncodedRule, NumberSet, elements
from agents.kernel.netlink import APPEND, CREATE, ECHO, Request
from agents.objects.filter import Hook

_SUBSYSTEM_NUMBER = 10
_SUBSYSTEM = _SUBSYSTEM_NUMBER << 8
_BEGIN, _END = 16, 17
_NEW_TABLE, _DELETE_TABLE = 0, 2
_NEW_CHAIN, _DELETE_CHAIN = 3, 5
_NEW_RULE, _DELETE_RULE = 6, 8
_NEW_SET, _DELETE_SET = 9, 11
_NEW_ELEMENTS = 12

_GENERATION_ID = 1
_TABLE, _CHAIN = 1, 2
_CHAIN_HANDLE, _CHAIN_NAME, _CHAIN_HOOK, _CHAIN_POLICY, _CHAIN_TYPE = 2, 3, 4, 5, 7
_HOOK_NUMBER, _HOOK_PRIORITY = 1, 2
_ACCEPT = 1
_RULE_HANDLE, _RULE_EXPRESSIONS, _RULE_POSITION, _RULE_USER_DATA = 3, 4, 6, 7
_SET_NAME, _SET_FLAGS, _SET_KEY_TYPE, _SET_KEY_LENGTH, _SET_ID = 2, 3, 4, 5, 10
_CONSTANT_INTERVALS = 0x2 | 0x4
_ELEMENTS_SET, _ELEMENTS_LIST = 2, 3
_ELEMENT_KEY, _ELEMENT_FLAGS, _VALUE = 1, 3, 1
_INTERVAL_END = 1
_LIST_ELEMENT = 1

_ELEMENTS_PER_MESSAGE = 2000
"""Of 24 bytes: the length of an attribute has 16 bits."""

# struct nfgenmsg: family, version, resource id
_MESSAGE = Struct("=BBH")
_HEADER = _MESSAGE.pack(socket.AF_INET, 0, 0)
_FRAME = _MESSAGE.pack(socket.AF_UNSPEC, 0, socket.htons(_SUBSYSTEM_NUMBER))
_BE32 = Struct(">I")
_SIGNED_BE32 = Struct(">i")
_BE64 = Struct(">Q")


def begin(generation: int) -> Request:
    """A transaction begins; ERESTART unless the rules are still of that generation."""
    return Request(_BEGIN, 0, _FRAME + attribute(_GENERATION_ID, _BE32.pack(generation)))


def end() -> Request:
    """All that came since the beginning is to take effect at once."""
    return Request(_END, 0, _FRAME)


def new_table(table: str) -> Request:
    """Make a table, or leave the one that is there."""
    return _request(_NEW_TABLE, text(_TABLE, table), CREATE)


def delete_table(table: str) -> Request:
    """Remove a table with all that is in it; ENOENT."""
    return _request(_DELETE_TABLE, text(_TABLE, table))


def new_chain(table: str, name: str, hook: Hook | None = None) -> Request:
    """Make a chain; one with a hook lets pass what none of its rules decides."""
    body = text(_TABLE, table) + text(_CHAIN_NAME, name)
    if hook is not None:
        place = attribute(_HOOK_NUMBER, _BE32.pack(hook.number))
        place += attribute(_HOOK_PRIORITY, _SIGNED_BE32.pack(hook.priority))
        body += attribute(_CHAIN_HOOK | NESTED, place)
        body += attribute(_CHAIN_POLICY, _BE32.pack(_ACCEPT)) + text(_CHAIN_TYPE, "filter")
    return _request(_NEW_CHAIN, body, CREATE)


def rename_chain(table: str, handle: int, name: str) -> Request:
    """Give a chain another name; what jumps to it follows."""
    where = text(_TABLE, table) + attribute(_CHAIN_HANDLE, _BE64.pack(handle))
    return _request(_NEW_CHAIN, where + text(_CHAIN_NAME, name))


def delete_chain(table: str, name: str) -> Request:
    """Remove a chain; EBUSY while rules jump to it."""
    return _request(_DELETE_CHAIN, text(_TABLE, table) + text(_CHAIN_NAME, name))


def append_rule(table: str, chain: str, rule: EncodedRule) -> Request:
    """Make a rule behind all others of the chain."""
    return _rule(table, chain, rule, CREATE | APPEND)


def insert_rule(
    table: str, chain: str, rule: EncodedRule, after: int | None, *, echo: bool
) -> Request:
    """Make a rule behind the one with that handle, or before all; `echo`: have it told."""
    flags = CREATE | ECHO if echo else CREATE
    if after is None:
        return _rule(table, chain, rule, flags)
    position = attribute(_RULE_POSITION, _BE64.pack(after))
    return _rule(table, chain, rule, flags | APPEND, position)


def delete_rule(table: str, chain: str, handle: int) -> Request:
    """Remove a rule; ENOENT."""
    where = text(_TABLE, table) + text(_CHAIN, chain)
    return _request(_DELETE_RULE, where + attribute(_RULE_HANDLE, _BE64.pack(handle)))


def empty_chain(table: str, chain: str) -> Request:
    """Remove all rules of a chain."""
    return _request(_DELETE_RULE, text(_TABLE, table) + text(_CHAIN, chain))


def new_set(table: str, numbers: NumberSet) -> Iterator[Request]:
    """Make a set with all that it holds; nobody can change it once a rule looks it up."""
    field = numbers.field
    yield _request(
        _NEW_SET,
        text(_TABLE, table)
        + text(_SET_NAME, numbers.name)
        + attribute(_SET_FLAGS, _BE32.pack(_CONSTANT_INTERVALS))
        + attribute(_SET_KEY_TYPE, _BE32.pack(field.kind))
        + attribute(_SET_KEY_LENGTH, _BE32.pack(field.size))
        + number(_SET_ID, 1),
        CREATE,
    )
    where = text(_TABLE, table) + text(_ELEMENTS_SET, numbers.name)
    pending = elements(numbers.spans, field.size)
    while some := list(islice(pending, _ELEMENTS_PER_MESSAGE)):
        listing = b"".join(_element(value, ends=ends) for value, ends in some)
        yield _request(_NEW_ELEMENTS, where + attribute(_ELEMENTS_LIST | NESTED, listing), CREATE)


def delete_set(table: str, name: str) -> Request:
    """Remove a set; EBUSY while rules look it up."""
    return _request(_DELETE_SET, text(_TABLE, table) + text(_SET_NAME, name))


def _element(value: bytes, *, ends: bool) -> bytes:
    key = attribute(_ELEMENT_KEY | NESTED, attribute(_VALUE, value))
    flags = attribute(_ELEMENT_FLAGS, _BE32.pack(_INTERVAL_END)) if ends else b""
    return attribute(_LIST_ELEMENT | NESTED, key + flags)


def _rule(table: str, chain: str, rule: EncodedRule, flags: int, position: bytes = b"") -> Request:
    return _request(
        _NEW_RULE,
        text(_TABLE, table)
        + text(_CHAIN, chain)
        + attribute(_RULE_EXPRESSIONS | NESTED, rule.expressions)
        + position
        + attribute(_RULE_USER_DATA, rule.user_data),
        flags,
    )


def _request(kind: int, body: bytes, flags: int = 0) -> Request:
    return Request(_SUBSYSTEM | kind, flags, _HEADER + body)
