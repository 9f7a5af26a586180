"""Which probes an expectation needs, and where each of them is asked."""

from dataclasses import dataclass

from lab.checks.expectations import Expected, Ping
from lab.contract.v1.agent_pb2 import (
    CaptureProbe,
    DnsProbe,
    HttpProbe,
    PingProbe,
    ProbeRequest,
    TcpProbe,
    UdpProbe,
)

PATIENCE = 2.0
"""Seconds that an answer may take; long enough for a SYN to be sent twice."""

PING_INTERVAL = 0.2
"""Seconds between echo requests."""

CAPTURE_DEADLINE = 120.0
"""Seconds after which a capture ends although nobody ended it."""

EVERY_INTERFACE = "any"
"""tcpdump's name for all interfaces; its lines then say ``In`` and ``Out``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One probe of an attempt."""

    name: str
    """Unique within the attempt, in the words of the lab file: ``ping``, ``packets[0]``."""
    target: str
    """Where it is asked."""
    request: ProbeRequest


def questions_for(expected: Expected, *, source: str, address: str) -> tuple[Question, ...]:
    """The traffic of one attempt, from `source` to `address`."""
    requests: dict[str, ProbeRequest] = {}
    if ping := expected.ping or expected.carrier:
        requests["ping"] = _ping(ping, address)
    if tcp := expected.tcp:
        probe = TcpProbe(destination=address, port=tcp.port)
        requests["tcp"] = ProbeRequest(deadline=PATIENCE, tcp=probe)
    if udp := expected.udp:
        requests["udp"] = ProbeRequest(
            deadline=PATIENCE, udp=UdpProbe(destination=address, port=udp.port)
        )
    if http := expected.http:
        # The responder answers people in text and programs in JSON.
        headers = {"Accept": "application/json", **http.headers}
        port = "" if http.port is None else f":{http.port}"
        url = f"{http.scheme}://{http.host or address}{port}{http.path}"
        probe_http = HttpProbe(url=url, headers=headers, address=address if http.host else "")
        requests["http"] = ProbeRequest(deadline=PATIENCE, http=probe_http)
    if dns := expected.dns:
        probe_dns = DnsProbe(name=dns.name, type=dns.type, server=dns.server)
        requests["dns"] = ProbeRequest(deadline=PATIENCE, dns=probe_dns)
    return tuple(
        Question(name=name, target=source, request=request) for name, request in requests.items()
    )


def captures_for(
    expected: Expected, *, destination: str | None, address: str, token: str
) -> tuple[Question, ...]:
    """The captures that have to run while the traffic of an attempt does.

    `token` makes the names under which they are ended unique.
    """
    captures = [
        Question(
            name=f"packets[{number}]",
            target=packets.on,
            request=_capture(
                packets.interface, filter_=packets.filter, token=f"{token}/packets[{number}]"
            ),
        )
        for number, packets in enumerate(expected.packets)
    ]
    if expected.source_by_capture and destination is not None:
        captures.append(
            Question(
                name="sourceSeen",
                target=destination,
                request=_capture(
                    EVERY_INTERFACE,
                    filter_=f"dst host {address} and {_traffic_filter(expected)}",
                    token=f"{token}/sourceSeen",
                ),
            )
        )
    return tuple(captures)


def _ping(ping: Ping, address: str) -> ProbeRequest:
    return ProbeRequest(
        deadline=(ping.count - 1) * PING_INTERVAL + PATIENCE,
        ping=PingProbe(
            destination=address, count=ping.count, interval=PING_INTERVAL, size=ping.size
        ),
    )


def _capture(interface: str, *, filter_: str, token: str) -> ProbeRequest:
    probe = CaptureProbe(interface=interface, filter=filter_, token=token)
    return ProbeRequest(deadline=CAPTURE_DEADLINE, capture=probe)


def _traffic_filter(expected: Expected) -> str:
    """What of the test's own traffic shows its source, in tcpdump's language."""
    if expected.tcp:
        return f"tcp dst port {expected.tcp.port}"
    if expected.udp:
        return f"udp dst port {expected.udp.port}"
    return "icmp[icmptype] == icmp-echo"
