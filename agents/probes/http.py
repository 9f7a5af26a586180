"""An HTTP request made by `curl`, which finds names as every program of the place does."""

import json
import re

from agents.probes.tool import Output, ProbeError
from lab.contract.v1.agent_pb2 import HttpProbe, HttpResult

MARK = "vnetlab-report "
"""Begins the line of stderr after which curl's talk ends and its report stands."""

REPORT = "%{stderr}\n" + MARK + "%{http_code} %{exitcode} %{errormsg}\n%{header_json}"
"""On stderr, so that stdout is the body and nothing else.

Not ``%{json}``: it holds the versions of curl's libraries, and asking OpenLDAP for
its version looks up the name of the host, which takes seconds in a pod without DNS.
"""

FACTS = re.compile(
    r"(?P<status>\d+) (?P<exit_code>\d+) ?(?P<message>[^\n]*)\n(?P<headers>\{.*\})?", re.S
)

COULD_NOT_CONNECT = 7
FAILURES = {
    6: "unresolved",
    28: "timeout",
    35: "TLS handshake failed",
    52: "empty reply",
    56: "reset",
    60: "certificate not trusted",
}
"""Exit codes of curl(1) in words."""

CONNECT_FAILURES = {
    "Connection refused": "refused",
    "Connection timed out": "timeout",
    "No route to host": "unreachable",
    "Network is unreachable": "unreachable",
}
"""What curl says of connect(2) while it talks; its exit code is one for all."""


def command_of(probe: HttpProbe, *, deadline: float) -> list[str]:
    """The request, never through a proxy that the machine's environment may name."""
    headers = [
        option
        for name in sorted(probe.headers)
        for option in ("-H", f"{name}: {probe.headers[name]}")
    ]
    patience = ["--max-time", f"{max(0.1, deadline * 0.9):.2f}"]
    # Whatever the URL's host and port: there.
    elsewhere = ["--connect-to", f"::{probe.address}:"] if probe.address else []
    return [
        "curl",
        "-s",
        "-v",
        "--noproxy",
        "*",
        *patience,
        *elsewhere,
        # Labs have no authority that anybody trusts.
        "--insecure",
        *headers,
        "-w",
        REPORT,
        "--",
        probe.url,
    ]


def result_of(output: Output) -> HttpResult:
    """Status, headers (names in lower case, repeated ones joined by ", ") and body.

    Without a response `failure` is a word and curl's own sentence. Raises
    `ProbeError` when curl printed no report: it is too old for it (before 7.83)
    or was killed.
    """
    talk, _, report = output.stderr.decode(errors="replace").rpartition(MARK)
    facts = FACTS.match(report)
    if facts is None:
        words = talk.strip() or report.strip() or "no output"
        raise ProbeError(f"curl printed no report (7.83 or newer is needed): {words}")
    status = int(facts["status"])
    if status == 0:
        word = failure_of(int(facts["exit_code"]), talk)
        return HttpResult(status=0, failure=f"{word}: {facts['message'] or 'no response'}")
    return HttpResult(
        status=status,
        headers={name: ", ".join(values) for name, values in json.loads(facts["headers"]).items()},
        body=output.stdout,
    )


def failure_of(exit_code: int, talk: str) -> str:
    """Why there was no response, in the words that TCP probes use where they fit."""
    if exit_code == COULD_NOT_CONNECT:
        spoken = (word for phrase, word in CONNECT_FAILURES.items() if phrase in talk)
        return next(spoken, "not connected")
    return FAILURES.get(exit_code, f"curl error {exit_code}")
