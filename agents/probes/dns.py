"""A question to a name server, asked by `dig` with the place's own resolv.conf."""

import re

from agents.probes.tool import Output
from lab.contract.v1.agent_pb2 import DnsProbe, DnsResult

HEADER = re.compile(r"^;; ->>HEADER<<- .*?status: (?P<status>\w+)", re.M)
ANSWER = re.compile(r"^(?!;)\S+\s+\d+\s+\w+\s+\w+\s+(?P<data>.+?)\s*$", re.M)

FAILURES = {
    "timed out": "timeout",
    "connection refused": "refused",
    "network unreachable": "unreachable",
    "host unreachable": "unreachable",
}


def command_of(probe: DnsProbe, *, deadline: float) -> list[str]:
    """One question, one try, searched through the domains of resolv.conf as programs do."""
    patience = max(1, int(deadline * 0.9))
    server = [f"@{probe.server}"] if probe.server else []
    shown = ["+noall", "+comments", "+answer", "+search", "+tries=1", f"+time={patience}"]
    return ["dig", *server, *shown, "-q", probe.name, "-t", probe.type or "A"]


def result_of(output: Output) -> DnsResult:
    """The server's status word and the answers in its order; or why no server answered."""
    text = output.stdout.decode(errors="replace")
    if headers := HEADER.findall(text):
        # With a search list only the last question is the one that counted.
        return DnsResult(status=headers[-1], answers=ANSWER.findall(text))
    if output.exit_code < 0:
        return DnsResult(status="timeout")
    words = (text + output.stderr.decode(errors="replace")).lower()
    failure = next((short for phrase, short in FAILURES.items() if phrase in words), "no answer")
    return DnsResult(status=failure)
