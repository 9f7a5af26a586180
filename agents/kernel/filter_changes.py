"""What leads a filter table that stands to the one that is wanted, as requests.

Chains are compared by the digests of their rules, which the rules carry as user data:
what stays is not touched, and keeps its counters.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from hashlib import sha256
from struct import Struct
from weakref import WeakValueDictionary

from agents.kernel import filter_messages as messages
from agents.kernel.expressions import NumberSet, digest_in, encoded
from agents.kernel.netlink import Request
from agents.kernel.nftables import StandingRule, parse_rule
from agents.objects.filter import FilterChain, FilterRule, FilterTable

STAGED = "next_"
"""Begins the name of a chain until packets come to it."""

_MOST_ECHOES = 100
"""Rules that the kernel tells about; the socket holds many more."""

_HANDLE = Struct("=Q")

Echoes = Mapping[int, bytes]
"""What the kernel says of requests that asked for it, by their position in the transaction."""


class StandingRules(tuple[StandingRule, ...]):
    """The rules of a chain as they stand, in order; what follows from them is worked out once."""

    @cached_property
    def digests(self) -> list[bytes]:
        """Of what each rule was made from; empty for a foreign one."""
        return [digest_in(rule.user_data) for rule in self]

    @cached_property
    def fingerprint(self) -> bytes:
        """What tells whether anybody has changed one of them."""
        whole = sha256()
        for rule in self:
            whole.update(b"\0rule\0" + rule.content + b"\0" + rule.user_data)
        return whole.digest()


@dataclass(frozen=True, eq=False)
class StandingTable:
    """A table as it stands in the kernel; whoever writes to it has another one afterwards.

    Where the very same stands in several hosts of a process, it is one object (`in_common`).
    """

    chains: Mapping[str, StandingRules] = field(default_factory=dict)
    hooks: Mapping[str, bytes] = field(default_factory=dict)
    """Of hooked chains: where."""
    sets: Set[str] = frozenset()

    @cached_property
    def fingerprint(self) -> str:
        """What tells whether anybody has changed what packets meet.

        Sets are not in it: nobody can change one that a rule looks up.
        """
        whole = sha256()
        for name in sorted(self.chains):
            if not name.startswith(STAGED):
                whole.update(b"\0chain\0" + name.encode() + self.hooks.get(name, b""))
                whole.update(self.chains[name].fingerprint)
        return whole.hexdigest()


_standing: WeakValueDictionary[bytes, StandingTable] = WeakValueDictionary()


def in_common(table: StandingTable) -> StandingTable:
    """The one that stands for all that are alike, down to the handles of rules."""
    whole = sha256()
    for name in sorted(table.chains):
        whole.update(b"\0chain\0" + name.encode() + b"\0" + table.hooks.get(name, b""))
        rules = table.chains[name]
        whole.update(rules.fingerprint + b"".join(_HANDLE.pack(rule.handle) for rule in rules))
    whole.update("\0".join(sorted(table.sets)).encode())
    return _standing.setdefault(whole.digest(), table)


class Changes:
    """What leads a table that stands to the one that is wanted, in one transaction."""

    def __init__(self, table: str, wanted: FilterTable, standing: StandingTable) -> None:
        self._done: tuple[Echoes, StandingTable] | None = None
        """What it has led to in the host that was the last to be written."""
        self._hooks = standing.hooks
        self._sets = sets_of(wanted)
        self._edits = [
            _Edit(table, chain, standing.chains.get(chain.name, StandingRules()))
            for chain in wanted.chains
        ]
        hooked = {chain.name for chain in wanted.chains if chain.hook is not None}
        few = sum(edit.fresh for edit in self._edits) <= _MOST_ECHOES
        self.echoed = few and hooked == standing.hooks.keys()
        """Whether `done` can tell what stands: the kernel says it of few rules only, and of no
        hook."""
        names = {chain.name for chain in wanted.chains}
        gone = [name for name in standing.chains if name not in names]
        known = {each.name for each in self._sets}
        # What is referred to comes before what refers to it.
        self.requests = [
            request
            for each in self._sets
            if each.name not in standing.sets
            for request in messages.new_set(table, each)
        ]
        self.requests += [
            messages.new_chain(table, chain.name, chain.hook)
            for chain in wanted.chains
            if chain.name not in standing.chains
        ]
        for edit in self._edits:
            edit.starts_at = len(self.requests)
            self.requests += edit.requests(echo=self.echoed)
        self.requests += [messages.empty_chain(table, name) for name in gone]
        self.requests += [messages.delete_chain(table, name) for name in gone]
        self.requests += [messages.delete_set(table, n) for n in sorted(standing.sets - known)]

    def done(self, echoes: Echoes) -> StandingTable:
        """What stands after it, by what the kernel says of rules it was asked to echo."""
        if self._done is None or self._done[0] != echoes:
            rules = {index: parse_rule(body, 0, len(body)) for index, body in echoes.items()}
            standing = StandingTable(
                {edit.chain: edit.done(rules) for edit in self._edits},
                self._hooks,
                {each.name for each in self._sets},
            )
            self._done = echoes, in_common(standing)
        return self._done[1]


class _Edit:
    """What leads the rules of one chain to those that are wanted: what stays is not touched."""

    def __init__(self, table: str, chain: FilterChain, standing: StandingRules) -> None:
        self.chain = chain.name
        self.fresh = 0
        """How many rules are to be made."""
        self.starts_at = 0
        """Position of its first request in the transaction."""
        self._table = table
        self._standing = standing
        self._steps: list[StandingRule | FilterRule] = []
        """The chain as it will be: what is kept, and what is to be made."""
        self._gone: list[StandingRule] = []
        wanted = list(chain.digests)
        if standing.digests == wanted:
            return
        for equal, old, new in _blocks(standing.digests, wanted):
            if equal:
                self._steps += standing[old]
            else:
                self._steps += chain.rules[new]
                self._gone += standing[old]
                self.fresh += new.stop - new.start

    def requests(self, *, echo: bool) -> list[Request]:
        """Backwards, as each rule is put directly behind one that stays."""
        requests: list[Request] = []
        if not self.fresh and not self._gone:
            return requests
        for step, after in zip(reversed(self._steps), reversed(self._anchors()), strict=True):
            if isinstance(step, FilterRule):
                rule = encoded(step)
                requests.append(
                    messages.insert_rule(self._table, self.chain, rule, after, echo=echo)
                )
        requests += [
            messages.delete_rule(self._table, self.chain, rule.handle) for rule in self._gone
        ]
        return requests

    def done(self, echoes: Mapping[int, StandingRule]) -> StandingRules:
        """The chain as it stands after it."""
        if not self.fresh and not self._gone:
            return self._standing
        at = self.starts_at + self.fresh
        rules: list[StandingRule] = []
        for step in self._steps:
            if isinstance(step, FilterRule):
                at -= 1
                rules.append(echoes[at])
            else:
                rules.append(step)
        return StandingRules(rules)

    def _anchors(self) -> list[int | None]:
        """For each rule the handle of the last one before it that stands already."""
        anchors: list[int | None] = []
        last = None
        for step in self._steps:
            anchors.append(last)
            if isinstance(step, StandingRule):
                last = step.handle
        return anchors


def _blocks(there: list[bytes], wanted: list[bytes]) -> Iterator[tuple[bool, slice, slice]]:
    """What two lists have in common and where they differ, in order."""
    shorter = min(len(there), len(wanted))
    start = next((i for i in range(shorter) if there[i] != wanted[i]), shorter)
    yield True, slice(0, start), slice(0, start)
    if start == len(there) == len(wanted):
        return
    rest = shorter - start
    tail = next((i for i in range(rest) if there[-1 - i] != wanted[-1 - i]), rest)
    middle = there[start : len(there) - tail], wanted[start : len(wanted) - tail]
    for tag, first, last, other, end in SequenceMatcher(None, *middle, False).get_opcodes():
        yield (
            tag == "equal",
            slice(start + first, start + last),
            slice(start + other, start + end),
        )
    yield True, slice(len(there) - tail, len(there)), slice(len(wanted) - tail, len(wanted))


@lru_cache(maxsize=8)
def changes_between(table: str, wanted: FilterTable, standing: StandingTable) -> Changes:
    """`Changes`, worked out once for all hosts where the very same stands."""
    return Changes(table, wanted, standing)


@lru_cache(maxsize=64)
def sets_of(table: FilterTable) -> tuple[NumberSet, ...]:
    """Every set that a rule looks up, once; the same for all hosts that have the table."""
    found = {each.name: each for rule in table.rules for each in encoded(rule).sets}
    return tuple(found.values())
