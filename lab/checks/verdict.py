"""Whether what came back is what was expected: one finding for each thing asked."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lab.checks.expectations import FAILED, Dns, Expected, Http, Packets, Ping
from lab.contract.v1.agent_pb2 import (
    CaptureResult,
    ConnectionResult,
    DnsResult,
    HttpResult,
    PingResult,
    ProbeReply,
)

CLOSED = frozenset({"closed", "empty reply", "reset", "TLS handshake failed"})
"""What a connection comes to that is ended before anything is said; ``closed`` in a lab file."""
FAILURES = frozenset({"refused", "timeout", "unreachable"})
LOSS_TOLERANCE = 0.5
"""Percent: 33 stands for one of three."""
SHOWN_PACKETS = 5
INCOMING = re.compile(r"\bIn\s+IP6? (?P<source>\S+) >")
"""A line of ``tcpdump -i any`` for a packet on its way in."""
NO_SUCH_FIELD = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was asked: what was expected of it and what was seen."""

    name: str
    """In the words of the lab file: ``ping.ttl``, ``http.body.pod``."""
    holds: bool
    expected: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Of the sender, for ``sourceSeen``; empty: it has none."""

    pod_ip: str = ""
    node_ip: str = ""
    public_ip: str = ""

    def named(self, name: str) -> str:
        """The address that a word of ``sourceSeen`` stands for; any other word is an address."""
        words = {"podIP": self.pod_ip, "nodeIP": self.node_ip, "publicIP": self.public_ip}
        return words.get(name, name)


def findings_for(
    expected: Expected, replies: Mapping[str, ProbeReply], *, addresses: Addresses
) -> tuple[Finding, ...]:
    """All findings of one attempt; `replies` are by the names of their questions.

    A probe that could not be made is a finding that does not hold.
    """
    broken = [
        Finding(name=name, holds=False, expected="a probe", seen=reply.error)
        for name, reply in replies.items()
        if reply.error
    ]
    if broken:
        return tuple(broken)
    return tuple(_judged(expected, replies, addresses))


def _judged(
    expected: Expected, replies: Mapping[str, ProbeReply], addresses: Addresses
) -> Iterator[Finding]:
    if expected.ping:
        yield from _ping(expected.ping, replies["ping"].ping)
    if expected.tcp:
        yield _connection("tcp", expected.tcp.result, _word(replies["tcp"].connection, "connected"))
    if expected.udp:
        yield _connection("udp", expected.udp.result, _word(replies["udp"].connection, "answered"))
    if expected.http:
        yield from _http(expected.http, replies["http"].http)
    if expected.dns:
        yield from _dns(expected.dns, replies["dns"].dns)
    if expected.source_seen:
        sources = (
            _sources_of(replies["sourceSeen"].capture)
            if expected.source_by_capture
            else _client_of(replies["http"].http)
        )
        yield _source_seen(expected.source_seen, sources, addresses)
    for number, packets in enumerate(expected.packets):
        yield _packets(packets, replies[f"packets[{number}]"].capture, number=number)


def _ping(expected: Ping, result: PingResult) -> Iterator[Finding]:
    lost = 100.0 * (result.sent - result.received) / result.sent if result.sent else 100.0
    seen = f"{result.sent} sent, {result.received} received, {_percent(lost)} loss"
    if not result.received and (words := _complaint_of(result.output)):
        seen = f"{seen} ({words})"
    yield Finding(
        name="ping.loss",
        holds=abs(lost - expected.loss) < LOSS_TOLERANCE,
        expected=f"{_percent(expected.loss)} loss",
        seen=seen,
    )
    if expected.ttl is not None:
        ttls = list(result.ttls)
        yield Finding(
            name="ping.ttl",
            holds=bool(ttls) and set(ttls) == {expected.ttl},
            expected=f"ttl {expected.ttl}",
            seen=f"ttl {_listed(ttls)}" if ttls else "no reply",
        )


def _complaint_of(output: str) -> str:
    """The line in which ping or a router says why nothing came back."""
    said = (line for line in output.splitlines() if line.startswith(("ping:", "From ")))
    return next(said, "")


def _word(result: ConnectionResult, success: str) -> str:
    return success if result.connected else result.failure


def _connection(name: str, expected: str, seen: str) -> Finding:
    """`seen` may go on after a colon; the word before it counts."""
    word = seen.partition(":")[0]
    kinds = {FAILED: FAILURES, "closed": CLOSED}
    holds = word in kinds.get(expected, {expected})
    return Finding(name=f"{name}.result", holds=holds, expected=expected, seen=seen)


def _http(expected: Http, result: HttpResult) -> Iterator[Finding]:
    outcome = f"answered: status {result.status}" if result.status else result.failure
    yield _connection("http", expected.result, outcome)
    if not result.status:
        return
    if expected.status is not None:
        yield Finding(
            name="http.status",
            holds=result.status == expected.status,
            expected=str(expected.status),
            seen=str(result.status),
        )
    document = _document_of(result.body)
    for path, value in expected.body.items():
        found = _field(document, path)
        yield Finding(
            name=f"http.body.{path}",
            # In Python True == 1; in JSON it is not.
            holds=found == value and isinstance(found, bool) == isinstance(value, bool),
            expected=json.dumps(value),
            seen=_shown_field(found, result.body),
        )


def _document_of(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return NO_SUCH_FIELD


def _field(document: object, path: str) -> object:
    """Steps into objects by name and into lists by number."""
    for step in path.split("."):
        if isinstance(document, dict):
            document = document.get(step, NO_SUCH_FIELD)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return NO_SUCH_FIELD
    return document


def _shown_field(found: object, body: bytes) -> str:
    if found is not NO_SUCH_FIELD:
        return json.dumps(found)
    start = body[:60].decode(errors="replace")
    return f"no such field in {start!r}" + ("…" if len(body) > 60 else "")


def _dns(expected: Dns, result: DnsResult) -> Iterator[Finding]:
    yield Finding(
        name="dns.status",
        holds=result.status == expected.status,
        expected=expected.status,
        seen=result.status,
    )
    if expected.answers is not None:
        yield Finding(
            name="dns.answers",
            holds=sorted(result.answers) == sorted(expected.answers),
            expected=_listed(sorted(expected.answers)) or "none",
            seen=_listed(sorted(result.answers)) or "none",
        )


def _sources_of(result: CaptureResult) -> list[str]:
    """Source addresses of incoming packets, without ports, each once."""
    sources: dict[str, None] = {}
    for line in result.packets:
        if found := INCOMING.search(line):
            # tcpdump writes address.port; an IPv4 address alone has three dots.
            sources[".".join(found["source"].split(".")[:4])] = None
    return list(sources)


def _client_of(result: HttpResult) -> list[str]:
    """Whom the responder says it saw."""
    client = _field(_document_of(result.body), "client.address")
    return [client] if isinstance(client, str) else []


def _source_seen(expected: str, sources: list[str], addresses: Addresses) -> Finding:
    wanted = addresses.named(expected)
    shown = expected if wanted == expected else f"{expected} ({wanted or 'the sender has none'})"
    return Finding(
        name="sourceSeen",
        holds=bool(wanted) and sources == [wanted],
        expected=shown,
        seen=_listed(sources) or "nothing from the sender",
    )


def _packets(expected: Packets, result: CaptureResult, *, number: int) -> Finding:
    seen = max(result.matched, len(result.packets))
    match expected.seen:
        case True:
            holds, wanted = seen > 0, "at least one packet"
        case False:
            holds, wanted = seen == 0, "no packet"
        case count:
            holds, wanted = seen == count, _counted(count)
    lines = "".join(f"\n{line}" for line in result.packets[:SHOWN_PACKETS])
    more = f"\n… {seen - SHOWN_PACKETS} more" if seen > SHOWN_PACKETS else ""
    return Finding(
        name=f"packets[{number}]",
        holds=holds,
        expected=f"{wanted} of {expected.filter!r} on {expected.interface} of {expected.on}",
        seen=f"{_counted(seen)}{lines}{more}",
    )


def _counted(number: int) -> str:
    return "no packet" if number == 0 else f"{number} packet{'s' if number > 1 else ''}"


def _percent(number: float) -> str:
    return f"{number:.4g} %"


def _listed(values: Sequence[object]) -> str:
    return ", ".join(str(value) for value in values)
