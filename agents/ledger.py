"""What a host's agent has to remember where the kernel cannot carry a mark.

Routes, rules, neighbours and nexthops bear our protocol number. Namespaces of pods,
addresses, bridges, files and packet filter rules bear nothing, so what we made of
them is written down, outlives the agent, and ends with the host. Losing the record
is harmless: then nothing of that kind is ever pruned.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_interface
from pathlib import Path
from typing import Any

from agents.objects.address import Address
from agents.objects.ruleset import RulesetName
from agents.plan.ownership import Ownership

Record = Mapping[str, Any]


class RecordFile:
    """A JSON object in a file, replaced as a whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: str | None = None

    def read(self) -> Record:
        """What was written last; empty where there is no file, or none that can be read."""
        try:
            text = self._path.read_text()
            record = json.loads(text)
        except (FileNotFoundError, ValueError):
            return {}
        self._known = text
        return record if isinstance(record, dict) else {}

    def write(self, record: Record) -> None:
        """Replace the file, unless it says so already."""
        text = json.dumps(record, sort_keys=True) + "\n"
        if text == self._known:
            return
        try:
            self._replace(text)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._replace(text)
        self._known = text

    def _replace(self, text: str) -> None:
        draft = f"{self._path}.new"
        with open(draft, "w") as file:  # written in every round
            file.write(text)
        os.replace(draft, self._path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What we made that bears no mark."""

    ownership: Ownership = field(default_factory=Ownership)
    files: frozenset[str] = frozenset()
    """Absolute paths of the node."""

    def __or__(self, other: "Ledger") -> "Ledger":
        return Ledger(ownership=self.ownership | other.ownership, files=self.files | other.files)


def encoded(ledger: Ledger) -> Record:
    """The ledger as JSON knows it."""
    owned = ledger.ownership
    return {
        "files": sorted(ledger.files),
        "namespaces": sorted(owned.namespaces),
        "links": sorted([namespace, name] for namespace, name in owned.links),
        "addresses": sorted(
            [namespace, address.link, str(address.interface), address.broadcast]
            for namespace, address in owned.addresses
        ),
        "rulesets": sorted(
            [namespace, name.tool, name.table, name.chain] for namespace, name in owned.rulesets
        ),
    }


def decoded(record: Record) -> Ledger:
    """The ledger that was `encoded`; an empty one for anything else."""
    try:
        return Ledger(
            files=frozenset(record["files"]),
            ownership=Ownership(
                namespaces=frozenset(record["namespaces"]),
                links=frozenset((namespace, name) for namespace, name in record["links"]),
                addresses=frozenset(
                    (
                        namespace,
                        Address(link=link, interface=ip_interface(text), broadcast=broadcast),
                    )
                    for namespace, link, text, broadcast in record["addresses"]
                ),
                rulesets=frozenset(
                    (namespace, RulesetName(tool=tool, table=table, chain=chain))
                    for namespace, tool, table, chain in record["rulesets"]
                ),
            ),
        )
    except (KeyError, TypeError, ValueError):
        return Ledger()
