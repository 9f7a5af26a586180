"""Rules of a filter table as nf_tables knows them: expressions, and the sets they look up.

Written the way nft writes them, so that ``nft list`` reads them. Several prefixes,
ports or protocols are a named set, called by a hash of what it holds: rules that
say the same share it, and it can be filled before any rule looks it up.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Network
from struct import Struct

from agents.kernel.attributes import NESTED, U32, attribute, text
from agents.objects.filter import FilterRule, Span, Verdict, digest_of

_LIST_ELEMENT = 1
_EXPRESSION_NAME, _EXPRESSION_DATA = 1, 2
_VALUE, _VERDICT = 1, 2
_VERDICT_CODE, _VERDICT_CHAIN = 1, 2
_VERDICT_REGISTER, _REGISTER = 0, 1

_EQUAL, _NOT_EQUAL = 0, 1
_NETWORK_HEADER, _TRANSPORT_HEADER = 1, 2
_META_INCOMING, _META_OUTGOING, _META_PROTOCOL = 6, 7, 16
_CT_STATE, _CT_MARK = 0, 3
_TTL, _CHECKSUM = 8, 10
"""Offsets in the IPv4 header."""
_INTERNET_CHECKSUM = 1
_ESTABLISHED_OR_RELATED = 2 | 4
_NAME_BYTES = 16
_WORD = 0xFFFFFFFF

_CODES = {
    Verdict.DROP: 0,
    Verdict.ACCEPT: 1,
    Verdict.JUMP: -3,
    Verdict.GOTO: -4,
    Verdict.RETURN: -5,
}

_COMMENT, _DIGEST = 0, 118
"""Types of the data that a rule carries along: nft knows the first, the other is ours."""

_BE32 = Struct(">I")
_SIGNED_BE32 = Struct(">i")


@dataclass(frozen=True, slots=True)
class Field:
    """What a set holds values of."""

    name: str
    """Begins the names of such sets."""
    kind: int
    """Number that nft gives the type."""
    size: int
    """Bytes."""


_ADDRESSES = Field("addresses", kind=7, size=4)
_PROTOCOLS = Field("protocols", kind=12, size=1)
_PORTS = Field("ports", kind=13, size=2)


@dataclass(frozen=True, slots=True)
class NumberSet:
    """Ranges of numbers without overlaps, in order."""

    field: Field
    spans: tuple[Span, ...]
    name: str


@dataclass(frozen=True, slots=True)
class EncodedRule:
    """A rule as it travels."""

    expressions: bytes
    user_data: bytes
    sets: tuple[NumberSet, ...]
    """All that it looks up."""
    digest: bytes


@lru_cache(maxsize=8192)
def encoded(rule: FilterRule) -> EncodedRule:
    """The expressions of a rule."""
    sets: list[NumberSet] = []
    parts = b"".join(_parts(rule, sets))
    digest = digest_of(rule)
    return EncodedRule(parts, _user_data(rule, digest), tuple(sets), digest)


@lru_cache(maxsize=8192)
def digest_in(user_data: bytes) -> bytes:
    """The digest of the rule that carries `user_data`; empty for a foreign one."""
    at = 0
    while at + 2 <= len(user_data):
        kind, length = user_data[at], user_data[at + 1]
        if kind == _DIGEST:
            return user_data[at + 2 : at + 2 + length]
        at += 2 + length
    return b""


def elements(spans: Sequence[Span], size: int) -> Iterator[tuple[bytes, bool]]:
    """The elements of an interval set: where a range begins, and where it has ended (True)."""
    for first, last in spans:
        yield first.to_bytes(size, "big"), False
        if last + 1 < 1 << 8 * size:
            yield (last + 1).to_bytes(size, "big"), True


def _parts(rule: FilterRule, sets: list[NumberSet]) -> Iterator[bytes]:
    if rule.incoming:
        yield from _device(_META_INCOMING, rule.incoming)
    if rule.outgoing:
        yield from _device(_META_OUTGOING, rule.outgoing)
    if rule.established:
        yield _connection(_CT_STATE)
        yield _bitwise(U32.pack(_ESTABLISHED_OR_RELATED), bytes(4))
        yield _compare(_NOT_EQUAL, bytes(4))
    if rule.unmarked:
        yield _connection(_CT_MARK)
        yield _bitwise(U32.pack(rule.unmarked), bytes(4))
        yield _compare(_EQUAL, bytes(4))
    yield from _packet(rule, sets)
    if rule.counted:
        yield _expression("counter", attribute(1, bytes(8)) + attribute(2, bytes(8)))
    if rule.mark:
        yield _connection(_CT_MARK)
        yield _bitwise(U32.pack(~rule.mark & _WORD), U32.pack(rule.mark))
        yield _expression("ct", _be32(2, _CT_MARK) + _be32(4, _REGISTER))
    if rule.untracked:
        yield _expression("notrack", b"")
    if rule.raised_bits:
        yield from _raised(rule.raised_bits)
    if rule.verdict is not Verdict.CONTINUE:
        yield _verdict(rule)


def _packet(rule: FilterRule, sets: list[NumberSet]) -> Iterator[bytes]:
    """What the packet itself has to be."""
    for offset, prefixes in ((12, rule.sources), (16, rule.destinations)):
        if len(prefixes) == 1:
            yield from _prefix(offset, prefixes[0])
        elif prefixes:
            yield _payload(_NETWORK_HEADER, offset, 4)
            yield _lookup(_ADDRESSES, tuple(map(_span, prefixes)), sets)
    if rule.protocols:
        yield _meta(_META_PROTOCOL)
        yield from _match(_PROTOCOLS, tuple((each, each) for each in rule.protocols), sets)
    for offset, ports in ((0, rule.source_ports), (2, rule.destination_ports)):
        if ports:
            yield _payload(_TRANSPORT_HEADER, offset, 2)
            yield from _match(_PORTS, ports, sets)


def _raised(bits: int) -> Iterator[bytes]:
    """The TTL travels with the byte behind it: a checksum is of 16-bit words."""
    whole, last = (1 << bits) - 1, (1 << bits) >> 1
    yield _payload(_NETWORK_HEADER, _TTL, 1)
    yield _bitwise(bytes([whole]), bytes(1))
    yield _compare(_EQUAL, bytes([last - 1]))
    yield _payload(_NETWORK_HEADER, _TTL, 2)
    yield _bitwise(bytes([0xFF ^ whole, 0xFF]), bytes([last, 0]))
    where = _be32(5, _REGISTER) + _be32(2, _NETWORK_HEADER) + _be32(3, _TTL) + _be32(4, 2)
    checksum = _be32(6, _INTERNET_CHECKSUM) + _be32(7, _CHECKSUM)
    yield _expression("payload", where + checksum)


def _device(key: int, name: str) -> Iterator[bytes]:
    yield _meta(key)
    yield _compare(_EQUAL, name.encode().ljust(_NAME_BYTES, b"\0"))


def _prefix(offset: int, prefix: IPv4Network) -> Iterator[bytes]:
    yield _payload(_NETWORK_HEADER, offset, 4)
    if prefix.prefixlen < prefix.max_prefixlen:
        yield _bitwise(prefix.netmask.packed, bytes(4))
    yield _compare(_EQUAL, prefix.network_address.packed)


def _match(field: Field, spans: tuple[Span, ...], sets: list[NumberSet]) -> Iterator[bytes]:
    if len(spans) > 1:
        yield _lookup(field, spans, sets)
        return
    ((first, last),) = spans
    low, high = (number.to_bytes(field.size, "big") for number in (first, last))
    if first == last:
        yield _compare(_EQUAL, low)
    else:
        between = _data(3, low) + _data(4, high)
        yield _expression("range", _be32(1, _REGISTER) + _be32(2, _EQUAL) + between)


def _lookup(field: Field, spans: tuple[Span, ...], sets: list[NumberSet]) -> bytes:
    name = f"{field.name}_{sha256(repr(spans).encode()).hexdigest()[:16]}"
    sets.append(NumberSet(field, spans, name))
    return _expression("lookup", text(1, name) + _be32(2, _REGISTER))


def _span(prefix: IPv4Network) -> Span:
    return int(prefix.network_address), int(prefix.broadcast_address)


def _verdict(rule: FilterRule) -> bytes:
    target = text(_VERDICT_CHAIN, rule.target) if rule.target else b""
    code = attribute(_VERDICT_CODE, _SIGNED_BE32.pack(_CODES[rule.verdict]))
    data = attribute(2 | NESTED, attribute(_VERDICT | NESTED, code + target))
    return _expression("immediate", _be32(1, _VERDICT_REGISTER) + data)


def _meta(key: int) -> bytes:
    return _expression("meta", _be32(2, key) + _be32(1, _REGISTER))


def _connection(key: int) -> bytes:
    return _expression("ct", _be32(2, key) + _be32(1, _REGISTER))


def _payload(base: int, offset: int, size: int) -> bytes:
    where = _be32(1, _REGISTER) + _be32(2, base) + _be32(3, offset) + _be32(4, size)
    return _expression("payload", where)


def _bitwise(mask: bytes, exclusive: bytes) -> bytes:
    registers = _be32(1, _REGISTER) + _be32(2, _REGISTER) + _be32(3, len(mask))
    return _expression("bitwise", registers + _data(4, mask) + _data(5, exclusive))


def _compare(operation: int, value: bytes) -> bytes:
    return _expression("cmp", _be32(1, _REGISTER) + _be32(2, operation) + _data(3, value))


def _expression(name: str, data: bytes) -> bytes:
    inner = text(_EXPRESSION_NAME, name) + attribute(_EXPRESSION_DATA | NESTED, data)
    return attribute(_LIST_ELEMENT | NESTED, inner)


def _data(kind: int, value: bytes) -> bytes:
    return attribute(kind | NESTED, attribute(_VALUE, value))


def _be32(kind: int, value: int) -> bytes:
    return attribute(kind, _BE32.pack(value))


def _user_data(rule: FilterRule, digest: bytes) -> bytes:
    said = rule.comment.encode() + b"\0" if rule.comment else b""
    comment = bytes([_COMMENT, len(said)]) + said if said else b""
    return comment + bytes([_DIGEST, len(digest)]) + digest
