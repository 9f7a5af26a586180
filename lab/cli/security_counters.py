"""The rules that a network interface's packets meet, each with how often it decided.

The counters are those of the virtual switch: each counts since its rule was written.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lab.cli.errors import CommandFailed
from lab.cli.rows import Row
from lab.cli.service import LabService
from lab.contract.v1.agent_pb2 import CommandProbe, ProbeRequest
from lab.contract.v1.lab_pb2 import NodeStatus

LISTING = ("nft", "-j", "list", "table", "ip", "vnetlab_security")
_DEADLINE = 10.0
_ENDS = {"Inbound": "in", "Outbound": "out"}

PLATFORM = "_platform"
"""Behind the name of a gate's chain: that of its rules about the platform's own services."""

Counters = Mapping[tuple[str, str], int]
"""Packets by chain and name of the rule."""


def rules_met(node: NodeStatus, rows: Sequence[Row], counters: Counters) -> Iterator[Row]:
    """Rows of `node` in the order in which a packet meets them, with their packets."""
    for path in node.security:
        for number, place in enumerate(path.places):
            chain = chain_name(path.container, path.direction, number)
            for row in rows:
                if (row["place"], row["direction"]) == (place, path.direction):
                    chains = (chain, f"{chain}{PLATFORM}")
                    packets = sum(counters.get((each, str(row["name"])), 0) for each in chains)
                    yield {**row, "container": path.container, "packets": packets}


def chain_name(container: str, direction: str, number: int) -> str:
    """How the virtual switch calls the chain of a gate (`agents.plan.security`)."""
    pods = "pods_" if container == "pods" else ""
    return f"security_{pods}{_ENDS[direction]}_{number}"


def counters_of(service: LabService, node: str) -> Counters:
    """What the virtual switch of `node` has counted. Raises `CommandFailed`."""
    probe = ProbeRequest(deadline=_DEADLINE, command=CommandProbe(argv=LISTING))
    reply = service.ask(f"host/{node}", probe)[-1]
    if reply.error or reply.command.exit_code:
        said = reply.error or reply.command.stderr.decode(errors="replace").strip()
        raise CommandFailed(f"the virtual switch of {node} does not tell its counters: {said}")
    return parsed(reply.command.stdout)


def parsed(listing: bytes) -> dict[tuple[str, str], int]:
    """The counters of a listing in nft's JSON; rules without a name have none."""
    found: dict[tuple[str, str], int] = {}
    for entry in json.loads(listing)["nftables"]:
        rule: dict[str, Any] = entry.get("rule", {})
        for expression in rule.get("expr", ()):
            if "counter" in expression and "comment" in rule:
                found[rule["chain"], rule["comment"]] = expression["counter"]["packets"]
    return found
