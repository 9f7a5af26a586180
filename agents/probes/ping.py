"""Echo requests, sent by the `ping` that a person would use."""

import re
from ipaddress import ip_address

from agents.probes.tool import Output
from lab.contract.v1.agent_pb2 import PingProbe, PingResult

DEFAULT_COUNT = 3
DEFAULT_INTERVAL = 0.2
"""Seconds between requests; the shortest that ping allows an ordinary user."""

REPLY = re.compile(r"^\d+ bytes from .*?ttl=(?P<ttl>\d+)(?: time[=<](?P<ms>[\d.]+) ms)?", re.M)
SUMMARY = re.compile(r"^(?P<sent>\d+) packets transmitted, (?P<received>\d+) received", re.M)


def command_of(probe: PingProbe, *, deadline: float) -> list[str]:
    """The ping that sends all requests and leaves the last one the rest of `deadline` seconds.

    `-w` is not used: with it ping sends more than the count while replies are
    missing, and a loss could not be told as a share of the count.
    """
    count = probe.count or DEFAULT_COUNT
    interval = probe.interval or DEFAULT_INTERVAL
    patience = max(0.1, min(deadline - (count - 1) * interval, 10.0) * 0.9)
    size = ["-s", str(probe.size)] if probe.size else []
    options = ["-c", str(count), "-i", f"{interval:g}", "-W", f"{patience:.2f}", *size]
    return ["ping", "-n", *options, "--", probe.destination]


def looks_up_a_name(probe: PingProbe) -> bool:
    """Whether ping has to ask somebody for the destination's address."""
    try:
        ip_address(probe.destination)
    except ValueError:
        return True
    return False


def result_of(output: Output) -> PingResult:
    """What ping printed, as numbers.

    Without a summary (no route, an unknown name) nothing was sent and nothing
    came back; `output` then holds ping's own words.
    """
    text = output.stdout.decode(errors="replace")
    words = "\n".join(
        part for part in (text.strip(), output.stderr.decode(errors="replace").strip()) if part
    )
    replies = list(REPLY.finditer(text))
    summary = SUMMARY.search(text)
    return PingResult(
        sent=int(summary["sent"]) if summary else 0,
        received=int(summary["received"]) if summary else 0,
        ttls=[int(reply["ttl"]) for reply in replies],
        round_trip_ms=[float(reply["ms"]) for reply in replies if reply["ms"]],
        output=words,
    )
