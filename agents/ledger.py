"""What a host's agent has to remember where the kernel cannot carry a mark.

Routes, rules, neighbours and nexthops bear our protocol number; pods are named
by their pins. Addresses, bridges, files and packet filter rules bear nothing,
so what we made of them is written down, outlives the agent, and ends with the
host. Losing a record is harmless: then nothing of that kind is ever pruned.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
        text = json.dumps(record, indent=1, sort_keys=True) + "\n"
        if text == self._known:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(self._path.name + ".new")
        draft.write_text(text)
        os.replace(draft, self._path)
        self._known = text
