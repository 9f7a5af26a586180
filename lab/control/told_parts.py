"""What the other end of a stream knows of desired states: their parts, each by a number.

A part that hosts of a process have in common is said once to all of them, and one that
stays as it was is not said again (`lab.contract.state_parts`). This end decides what
the other one remembers: just the parts of what each of its hosts was told last.
"""

from collections.abc import Mapping

from lab.contract.state_parts import Parts
from lab.contract.v1 import agent_pb2


class ToldParts:
    """Of one stream."""

    def __init__(self, *, most: int) -> None:
        """`most`: bytes that all hosts together may be told at once."""
        self._most = most
        self.unsaid = 0
        """Bytes of parts that were referred to and have yet to be said."""
        self._last_number = 0
        self._numbers: dict[bytes, int] = {}
        self._uses: dict[bytes, int] = {}
        """How many hosts were told a part last."""
        self._states: dict[str, Parts] = {}
        self._news: list[agent_pb2.Part] = []
        self._forgotten: list[int] = []

    def tell(self, host: str, state: Parts) -> list[int]:
        """Numbers of the parts of what `host` is told, in place of what it was told before."""
        for part in state:
            self._uses[part] = self._uses.get(part, 0) + 1
        # Afterwards: what stays is not forgotten in between.
        self.forget(host)
        self._states[host] = state
        return [self._numbers.get(part) or self._number(part) for part in state]

    def succeed(self, states: Mapping[str, Parts]) -> list[agent_pb2.Replacement] | None:
        """What becomes of the parts of all hosts, if that tells each what it is to be now.

        None: it doesn't, and nothing has been told. Another host may have the same part
        and keep it, or have been told nothing yet.
        """
        if states.keys() != self._states.keys():
            return None
        successors: dict[bytes, bytes] = {}
        for host, state in states.items():
            before = self._states[host]
            if len(before) != len(state):
                return None
            for old, new in zip(before, state, strict=True):
                if successors.setdefault(old, new) != new:
                    return None
        changed = {old: new for old, new in successors.items() if old != new}
        if sum(len(new) for new in changed.values() if new not in self._numbers) > self._most:
            return None
        self._states = dict(states)
        uses = {old: self._uses.pop(old) for old in changed}
        replaced = {old: self._numbers[old] for old in changed}
        for old, new in changed.items():
            self._uses[new] = self._uses.get(new, 0) + uses[old]
        for old in changed:
            if old not in self._uses:
                self._forgotten.append(self._numbers.pop(old))
        return [
            agent_pb2.Replacement(
                old=replaced[old], new=self._numbers.get(new) or self._number(new)
            )
            for old, new in changed.items()
        ]

    def forget(self, host: str) -> None:
        """Nothing is told to `host` any more. Idempotent."""
        for part in self._states.pop(host, ()):
            self._uses[part] -= 1
            if not self._uses[part]:
                del self._uses[part]
                self._forgotten.append(self._numbers.pop(part))

    def take(self) -> tuple[list[agent_pb2.Part], list[int]]:
        """What has to be said with the message that refers to it, and what to forget then."""
        taken = self._news, self._forgotten
        self._news, self._forgotten, self.unsaid = [], [], 0
        return taken

    def _number(self, part: bytes) -> int:
        self._last_number += 1
        self._numbers[part] = self._last_number
        self._news.append(agent_pb2.Part(number=self._last_number, node_state=part))
        self.unsaid += len(part)
        return self._last_number
