"""``expect:`` of a test as typed values, with the schema's defaults filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lab.topology.model import Expectation

FAILED = "failed"
"""``result:`` that any of refused, timeout and unreachable fulfils."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """ICMP echo."""

    count: int = 3
    ttl: int | None = None
    """Of every reply; None: any."""
    loss: float = 0.0
    """Percent of the requests."""
    size: int = 56
    """Bytes of payload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tcp:
    """A TCP connection."""

    port: int
    result: str = "connected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Udp:
    """A datagram and its answer."""

    port: int
    result: str = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """A GET request."""

    scheme: str = "http"
    port: int | None = None
    """None: the scheme's own."""
    host: str = ""
    """Name to ask for, in the Host header and as the server name of TLS; empty: the address."""
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    result: str = "answered"
    status: int | None = None
    """None: any."""
    body: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Dotted names of fields of the JSON in the answer, with their values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dns:
    """A DNS question."""

    name: str
    type: str = "A"
    server: str = ""
    """Empty: what the place's resolv.conf names."""
    status: str = "NOERROR"
    answers: tuple[str, ...] | None = None
    """All of them, in any order; None: not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packets:
    """A capture while the rest is asked."""

    on: str
    """Target where it runs."""
    interface: str = "eth0"
    filter: str = "ip"
    seen: bool | int = True
    """True: at least one; False: none; a number: exactly so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Everything that one test expects, all of it in one attempt."""

    ping: Ping | None = None
    tcp: Tcp | None = None
    udp: Udp | None = None
    http: Http | None = None
    dns: Dns | None = None
    source_seen: str | None = None
    """``podIP``, ``nodeIP``, ``publicIP`` or an address."""
    packets: tuple[Packets, ...] = ()

    @property
    def carrier(self) -> Ping | None:
        """The ping that is sent when captures have nothing else to see; nobody judges it."""
        asks = self.ping or self.tcp or self.udp or self.http or self.dns
        return None if asks else Ping()

    @property
    def watches(self) -> bool:
        """Whether captures run, so that traffic of other tests would be counted."""
        return bool(self.packets) or self.source_by_capture

    @property
    def source_by_capture(self) -> bool:
        """Whether `source_seen` is read off packets: only HTTP answers say whom they saw."""
        return self.source_seen is not None and self.http is None


def expected_of(expectation: Expectation) -> Expected:
    """The typed form of what `lab.topology` has checked against the schema."""
    values = expectation.values
    return Expected(
        ping=_ping_of(values),
        tcp=Tcp(**values["tcp"]) if "tcp" in values else None,
        udp=Udp(**values["udp"]) if "udp" in values else None,
        http=Http(**values["http"]) if "http" in values else None,
        dns=_dns_of(values["dns"]) if "dns" in values else None,
        source_seen=values.get("sourceSeen"),
        packets=tuple(Packets(**packets) for packets in values.get("packets", ())),
    )


def _ping_of(values: Mapping[str, Any]) -> Ping | None:
    if "reachable" in values:
        return Ping(loss=0.0 if values["reachable"] else 100.0)
    return Ping(**values["ping"]) if "ping" in values else None


def _dns_of(values: Mapping[str, Any]) -> Dns:
    answers = values.get("answers")
    return Dns(**{**values, "answers": None if answers is None else tuple(answers)})
