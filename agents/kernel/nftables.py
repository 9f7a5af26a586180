"""NFNL_SUBSYS_NFTABLES, read: the generation of a namespace's rules, and what rules stand.

Most rules are written by nft, iptables and ebtables; this tells cheaply whether
what they wrote is still there. It covers what those tools produce through
nf_tables, which iptables and ebtables do on any current distribution. What the
agent writes itself: `agents.kernel.filter_messages`.
"""

import socket
from dataclasses import dataclass
from struct import Struct

from agents.kernel.attributes import attributes, listed, string, text
from agents.kernel.netlink import Request

_SUBSYSTEM = 10 << 8
_GET_TABLE, _GET_CHAIN, _GET_RULE, _GET_SET, _GET_GENERATION = 1, 4, 7, 10, 16

_GENERATION_ID = 1
_TABLE_NAME = 1
_CHAIN_TABLE, _CHAIN_HANDLE, _CHAIN_NAME, _CHAIN_HOOK, _CHAIN_POLICY = 1, 2, 3, 4, 5
_SET_TABLE, _SET_NAME = 1, 2
_RULE_TABLE, _RULE_CHAIN, _RULE_HANDLE, _RULE_EXPRESSIONS, _RULE_USER_DATA = 1, 2, 3, 4, 7
_EXPRESSION_NAME, _EXPRESSION_DATA = 1, 2
_IMMEDIATE_DATA = 2
_DATA_VERDICT = 2
_VERDICT_CHAIN = 2

_BE32 = Struct(">I")
_BE64 = Struct(">Q")
# struct nfgenmsg: family, version, resource id
_MESSAGE = Struct("=BBH")

_NO_GENERATION = _MESSAGE.pack(socket.AF_UNSPEC, 0, 0)

FAMILIES = {"ip": socket.AF_INET, "bridge": socket.AF_BRIDGE}


@dataclass(frozen=True, slots=True)
class StandingRule:
    """A rule as it stands in the kernel."""

    chain: str
    handle: int
    jump: str
    """The chain that it jumps to; empty for none."""
    content: bytes
    """What it matches and does; without handle, position and counters."""
    user_data: bytes
    """What whoever wrote it keeps beside it, for example a comment."""


@dataclass(frozen=True, slots=True)
class StandingChain:
    """A chain as it stands in the kernel."""

    name: str
    handle: int
    hook: bytes
    """Where packets enter it by themselves; empty: nowhere."""


def generation_question() -> Request:
    """Ask for the number that grows with every committed change of the namespace's rules."""
    return Request(_SUBSYSTEM | _GET_GENERATION, 0, _MESSAGE.pack(socket.AF_UNSPEC, 0, 0))


def generation_answer(body: bytes) -> int:
    """The generation."""
    found = attributes(body, _MESSAGE.size, len(body))
    return int(_BE32.unpack(found[_GENERATION_ID])[0])


def table_listing(family: int) -> Request:
    """Ask for all tables of a family."""
    return Request(_SUBSYSTEM | _GET_TABLE, 0, _MESSAGE.pack(family, 0, 0))


def parse_table(data: bytes, start: int, end: int) -> str:
    """The name of a table of the listing."""
    return string(attributes(data, start + _MESSAGE.size, end)[_TABLE_NAME])


def chain_listing(family: int) -> Request:
    """Ask for all chains of a family."""
    return Request(_SUBSYSTEM | _GET_CHAIN, 0, _MESSAGE.pack(family, 0, 0))


def parse_chain(data: bytes, start: int, end: int, table: str) -> str | None:
    """The name of a chain of the listing; None for those of other tables."""
    found = attributes(data, start + _MESSAGE.size, end)
    if string(found[_CHAIN_TABLE]) != table:
        return None
    return string(found[_CHAIN_NAME])


def parse_whole_chain(data: bytes, start: int, end: int, table: str) -> StandingChain | None:
    """One chain of the listing; None for those of other tables."""
    found = attributes(data, start + _MESSAGE.size, end)
    if string(found[_CHAIN_TABLE]) != table:
        return None
    return StandingChain(
        name=string(found[_CHAIN_NAME]),
        handle=_BE64.unpack(found[_CHAIN_HANDLE])[0],
        hook=found.get(_CHAIN_HOOK, b"") + found.get(_CHAIN_POLICY, b""),
    )


def set_listing(family: int, table: str) -> Request:
    """Ask for all sets of a table."""
    return Request(_SUBSYSTEM | _GET_SET, 0, _MESSAGE.pack(family, 0, 0) + text(_SET_TABLE, table))


def parse_set(data: bytes, start: int, end: int) -> str:
    """The name of a set of the listing."""
    return string(attributes(data, start + _MESSAGE.size, end)[_SET_NAME])


def rule_listing(family: int, table: str) -> Request:
    """Ask for all rules of a table, in order."""
    return Request(
        _SUBSYSTEM | _GET_RULE, 0, _MESSAGE.pack(family, 0, 0) + text(_RULE_TABLE, table)
    )


def parse_rule(data: bytes, start: int, end: int) -> StandingRule:
    """One rule of the listing."""
    found = attributes(data, start + _MESSAGE.size, end)
    jump = ""
    content = []
    for expression in listed(found.get(_RULE_EXPRESSIONS, b"")):
        parts = attributes(expression, 0, len(expression))
        name = parts.get(_EXPRESSION_NAME, b"")
        detail = parts.get(_EXPRESSION_DATA, b"")
        if name == b"counter\0":
            continue
        if name == b"immediate\0":
            jump = _jump(detail) or jump
        content.append(name + detail)
    return StandingRule(
        chain=string(found[_RULE_CHAIN]),
        handle=_BE64.unpack(found[_RULE_HANDLE])[0],
        jump=jump,
        content=b"".join(content),
        user_data=found.get(_RULE_USER_DATA, b""),
    )


def without_generation(body: bytes) -> bytes:
    """A message as it would be whatever the generation of the rules is."""
    return _NO_GENERATION + body[_MESSAGE.size :]


def _jump(immediate: bytes) -> str:
    data = attributes(immediate, 0, len(immediate)).get(_IMMEDIATE_DATA, b"")
    verdict = attributes(data, 0, len(data)).get(_DATA_VERDICT, b"")
    return string(attributes(verdict, 0, len(verdict)).get(_VERDICT_CHAIN, b""))
