"""The configuration of HAProxy on an Azure firewall (semantics 2.6).

Connections come redirected, and go on to where they were meant. HTTP is told apart
by its Host header, TLS by the server name in its first message, which is not
decrypted. The first rule that matches decides; what none matches is denied.
"""

from collections.abc import Iterator

from lab.contract.firewall import ANY_NAME, BELOW, ApplicationRule, Firewall

HTTP_LISTENER, HTTPS_LISTENER = 3128, 3129
"""Ports of the firewall's own that connections are redirected to."""

_HOST = "req.hdr(host),field(1,:),lower"
_SERVER_NAME = "req.ssl_sni,lower"

_HEAD = """\
# What an Azure firewall's application rules let through.
global
    nbthread 1
    maxconn 4096

defaults
    timeout connect 5s
    timeout client 10m
    timeout server 10m
    timeout http-request 10s
    timeout http-keep-alive 30s
"""


def firewall_configuration(firewall: Firewall) -> str:
    """The text of haproxy.cfg."""
    return "".join(f"{line}\n" for line in (_HEAD, *_http(firewall), "", *_https(firewall)))


def _http(firewall: Firewall) -> Iterator[str]:
    yield "frontend http"
    yield f"    bind :{HTTP_LISTENER}"
    yield "    mode http"
    for number, rule in enumerate(firewall.application_rules):
        if rule.http_ports:
            yield from _conditions(number, rule, rule.http_ports, _HOST)
            verdict = "allow" if rule.allow else _denial(firewall, f"Rule: {rule.name}")
            yield f"    http-request {verdict} if {_matches(number)}"
    yield f"    http-request {_denial(firewall, 'No rule matched')}"
    yield "    default_backend http"
    yield ""
    yield "backend http"
    yield "    mode http"
    # Each connection has a destination of its own.
    yield "    http-reuse never"
    yield "    server original 0.0.0.0"


def _https(firewall: Firewall) -> Iterator[str]:
    yield "frontend https"
    yield f"    bind :{HTTPS_LISTENER}"
    yield "    mode tcp"
    yield "    tcp-request inspect-delay 5s"
    for number, rule in enumerate(firewall.application_rules):
        if rule.https_ports:
            yield from _conditions(number, rule, rule.https_ports, _SERVER_NAME)
            verdict = "accept" if rule.allow else "reject"
            yield f"    tcp-request content {verdict} if {_matches(number)}"
    yield "    tcp-request content reject"
    yield "    default_backend https"
    yield ""
    yield "backend https"
    yield "    mode tcp"
    yield "    server original 0.0.0.0"


def _conditions(
    number: int, rule: ApplicationRule, ports: tuple[int, ...], name: str
) -> Iterator[str]:
    yield f"    # {rule.name}"
    yield f"    acl from_{number} src {' '.join(map(str, rule.sources))}"
    yield f"    acl port_{number} dst_port {' '.join(map(str, ports))}"
    # Of a wildcard there has to be a name as well.
    if ANY_NAME in rule.fqdns:
        yield f"    acl name_{number} {name} -m found"
        return
    whole = [each for each in rule.fqdns if not each.startswith(BELOW)]
    if whole:
        yield f"    acl name_{number} {name} -m str {' '.join(whole)}"
    ends = [each.removeprefix("*") for each in rule.fqdns if each.startswith(BELOW)]
    if ends:
        yield f"    acl name_{number} {name} -m end {' '.join(ends)}"


def _matches(number: int) -> str:
    return f"from_{number} port_{number} name_{number}"


def _denial(firewall: Firewall, why: str) -> str:
    text = (
        "HTTP request from %ci:%cp to %[req.hdr(host)]. Action: Deny. "
        f"Reason: {why}. Proceeding with default action."
    )
    return f'return status {firewall.denied_status} content-type text/plain lf-string "{text}"'
