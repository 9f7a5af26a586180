"""Questions and answers of DNS as bytes (RFC 1035, RFC 6891): dnslib around the resolver."""

from shlex import split
from typing import Any

import dnslib

from agents.workloads.resolver import Resolver
from lab.contract.platform import DnsRecordType

SMALLEST_PAYLOAD, LARGEST_PAYLOAD = 512, 1232
"""Bytes of a datagram: without EDNS, and at most."""

_KINDS = {kind.value: kind for kind in DnsRecordType}


def answer(
    question: bytes, resolver: Resolver, *, datagram: bool, passes_on: bool = False
) -> bytes | None:
    """The answer to a message; empty for what is no question, which nobody answers.

    `datagram`: what is too long for one is cut off, and the asker comes back over TCP.
    None, where the server `passes_on` what its zones don't hold: that is the case.
    """
    asked = _question(question)
    if asked is None:
        return b""
    reply = asked.reply(ra=1, aa=int(passes_on))
    if asked.header.opcode != dnslib.OPCODE.QUERY:
        reply.header.rcode = dnslib.RCODE.NOTIMP
    elif len(asked.questions) != 1 or asked.q.qclass != dnslib.CLASS.IN:
        reply.header.rcode = dnslib.RCODE.REFUSED
    elif not _resolve(asked, reply, resolver) and passes_on:
        return None
    payload = _payload(asked)
    if payload is not None:
        reply.add_ar(dnslib.EDNS0(udp_len=LARGEST_PAYLOAD))
    packed: bytes = reply.pack()
    limit = min(max(payload or 0, SMALLEST_PAYLOAD), LARGEST_PAYLOAD)
    if datagram and len(packed) > limit:
        packed = reply.truncate().pack()
    return packed


def failure(question: bytes) -> bytes:
    """The answer when whoever knows could not be asked (SERVFAIL)."""
    asked = _question(question)
    if asked is None:
        return b""
    reply = asked.reply(ra=1, aa=0)
    reply.header.rcode = dnslib.RCODE.SERVFAIL
    packed: bytes = reply.pack()
    return packed


def _question(message: bytes) -> Any:  # noqa: ANN401
    """The question that a message asks; None: it asks none."""
    try:
        asked = dnslib.DNSRecord.parse(message)
    except dnslib.DNSError:
        return None
    return None if asked.header.qr else asked


def _resolve(asked: Any, reply: Any, resolver: Resolver) -> bool:  # noqa: ANN401
    """Put into `reply` what there is; whether it was the zones' to say."""
    name = str(asked.q.qname).rstrip(".").lower()
    kind = _KINDS.get(dnslib.QTYPE.get(asked.q.qtype))
    found = resolver.find(name, kind)
    if not found.exists:
        reply.header.rcode = dnslib.RCODE.NXDOMAIN
    for record_set in found.record_sets:
        for data in record_set.data:
            reply.add_answer(
                dnslib.RR(
                    # As it was asked, whatever the case.
                    asked.q.qname if record_set.name == name else record_set.name,
                    rtype=getattr(dnslib.QTYPE, record_set.type.value),
                    ttl=record_set.ttl,
                    rdata=_data(record_set.type, data),
                )
            )
    return found.held


def _data(kind: DnsRecordType, text: str) -> Any:  # noqa: ANN401
    match kind:
        case DnsRecordType.MX:
            preference, exchange = text.split()
            return dnslib.MX(exchange, int(preference))
        case DnsRecordType.SRV:
            priority, weight, port, target = text.split()
            return dnslib.SRV(int(priority), int(weight), int(port), target)
        case DnsRecordType.TXT:
            return dnslib.TXT([part.encode() for part in split(text)])
        case _:
            return getattr(dnslib, kind.value)(text)


def _payload(asked: Any) -> int | None:  # noqa: ANN401
    """The largest datagram that the asker takes; None: it doesn't speak EDNS."""
    return next((int(each.edns_len) for each in asked.ar if each.rtype == dnslib.QTYPE.OPT), None)
