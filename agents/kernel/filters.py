"""Filter tables in the kernel: read, and led to what is wanted by the smallest transaction.

A transaction takes effect at once or not at all, but has to fit into one message.
What changes is therefore written rule by rule, which leaves the counters of all
others alone. What doesn't fit is staged: sets and whole chains that nothing jumps
to are loaded in as many transactions as it takes, and a last, small one makes the
hooked chain jump to them, removes their predecessors, and gives them their names.
A table that is not there yet, or not as we left it, is closed before that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from hashlib import sha256

from agents.kernel import filter_messages as messages
from agents.kernel import nftables
from agents.kernel.errors import KernelError
from agents.kernel.expressions import EncodedRule, NumberSet, digest_in, encoded
from agents.kernel.netlink import NetlinkSocket, Request
from agents.kernel.nftables import StandingChain, StandingRule
from agents.objects.filter import FilterChain, FilterRule, FilterTable, digest_of

_STAGED = "next_"
"""Begins the name of a chain until packets come to it."""

_MOST_ECHOES = 100
"""Rules that the kernel tells about; the socket holds many more."""

_FRAME_BYTES = 128
"""What begins and ends a transaction, generously."""


class FilterRefused(KernelError):
    """The kernel refused a transaction: what stood before it stands."""


@dataclass(slots=True)
class StandingTable:
    """A table as it stands in the kernel, kept up to date by what writes to it."""

    chains: dict[str, list[StandingRule]] = field(default_factory=dict)
    hooks: dict[str, bytes] = field(default_factory=dict)
    """Of hooked chains: where."""
    sets: set[str] = field(default_factory=set)

    @property
    def fingerprint(self) -> str:
        """What tells whether anybody has changed what packets meet.

        Sets are not in it: nobody can change one that a rule looks up.
        """
        whole = sha256()
        for name in sorted(self.chains):
            if not name.startswith(_STAGED):
                whole.update(b"\0chain\0" + name.encode() + self.hooks.get(name, b""))
                for rule in self.chains[name]:
                    whole.update(b"\0rule\0" + rule.content + b"\0" + rule.user_data)
        return whole.hexdigest()


def read(netlink: NetlinkSocket, table: str) -> StandingTable | None:
    """What stands under that name; None: no such table."""
    family = nftables.FAMILIES["ip"]
    if table not in netlink.dump(nftables.table_listing(family), nftables.parse_table):
        return None
    chains = _chains(netlink, table)
    standing = StandingTable(
        {chain.name: [] for chain in chains},
        {chain.name: chain.hook for chain in chains if chain.hook},
        set(netlink.dump(nftables.set_listing(family, table), nftables.parse_set)),
    )
    for rule in netlink.dump(nftables.rule_listing(family, table), nftables.parse_rule):
        standing.chains[rule.chain].append(rule)
    return standing


def _chains(netlink: NetlinkSocket, table: str) -> list[StandingChain]:
    return netlink.dump(
        nftables.chain_listing(nftables.FAMILIES["ip"]),
        lambda data, start, end: nftables.parse_whole_chain(data, start, end, table),
    )


class FilterWriter:
    """Leads one table of the namespace that the calling thread is in to what is wanted."""

    def __init__(self, netlink: NetlinkSocket, table: str, *, generation: int) -> None:
        """`generation`: of the rules that are known; writing fails when there are newer ones."""
        self._netlink = netlink
        self._table = table
        self._room = netlink.room()
        self.generation = generation
        """Of the rules after all that was written."""

    def update(self, wanted: FilterTable, standing: StandingTable | None) -> StandingTable:
        """Have `wanted` in force in place of what stands; None: nothing that can be built upon.

        Raises:
            FilterRefused: the table is as it was, or closed.
            KernelError: it cannot be read.
        """
        if standing is not None:
            self._clear(standing)
            changes = _Changes(self._table, wanted, standing)
            if not self._fits(changes.requests):
                return self._staged(wanted, standing)
            echoes = self._transact(changes.requests)
            return changes.done(echoes) if changes.echoed else self._read()
        known = self._table in self._tables()
        fresh = [messages.delete_table(self._table)] if known else []
        fresh.append(messages.new_table(self._table))
        whole = _Changes(self._table, wanted, StandingTable()).requests
        if self._fits([*fresh, *whole]):
            self._transact([*fresh, *whole])
            return self._read()
        for chain in wanted.chains:
            if chain.hook is not None:
                fresh.append(messages.new_chain(self._table, chain.name, chain.hook))
                fresh += _appended(self._table, chain.name, map(encoded, wanted.closed))
        self._transact(fresh)
        return self._staged(wanted, self._read())

    def remove(self) -> None:
        """Have no such table. Raises `FilterRefused`."""
        if self._table in self._tables():
            self._transact([messages.delete_table(self._table)])

    def _clear(self, standing: StandingTable) -> None:
        """Remove what was staged by one that did not come to its end."""
        left = [name for name in standing.chains if name.startswith(_STAGED)]
        if left:
            requests = [messages.empty_chain(self._table, name) for name in left]
            self._transact(requests + [messages.delete_chain(self._table, name) for name in left])
        for name in left:
            del standing.chains[name]

    def _staged(self, wanted: FilterTable, standing: StandingTable) -> StandingTable:
        renewed = _renewed(wanted, standing)
        fresh = [each for each in _sets(wanted.chains) if each.name not in standing.sets]
        parts = [list(messages.new_set(self._table, each)) for each in fresh]
        parts += [
            [messages.new_chain(self._table, _STAGED + chain.name)]
            for chain in wanted.chains
            if chain.name in renewed
        ]
        for chain in wanted.chains:
            if chain.name in renewed:
                rules = [_redirected(rule, renewed) for rule in chain.rules]
                parts += [[each] for each in _appended(self._table, _STAGED + chain.name, rules)]
        for some in self._portions(parts):
            self._transact(some)
        self._transact(self._switch(wanted, standing, renewed))
        return self._read()

    def _switch(
        self, wanted: FilterTable, standing: StandingTable, renewed: frozenset[str]
    ) -> list[Request]:
        """The last transaction: packets come to the new chains, and the old ones go."""
        requests = []
        for chain in wanted.chains:
            if chain.hook is not None:
                if chain.name in standing.chains:
                    requests.append(messages.empty_chain(self._table, chain.name))
                else:
                    requests.append(messages.new_chain(self._table, chain.name, chain.hook))
                rules = [_redirected(rule, renewed) for rule in chain.rules]
                requests += _appended(self._table, chain.name, rules)
        kept = {chain.name for chain in wanted.chains} - renewed
        old = [name for name in standing.chains if name not in kept]
        requests += [messages.empty_chain(self._table, name) for name in old]
        requests += [messages.delete_chain(self._table, name) for name in old]
        handles = {chain.name: chain.handle for chain in _chains(self._netlink, self._table)}
        requests += [
            messages.rename_chain(self._table, handles[_STAGED + name], name)
            for name in sorted(renewed)
        ]
        needed = {each.name for each in _sets(wanted.chains)}
        requests += [messages.delete_set(self._table, n) for n in sorted(standing.sets - needed)]
        return requests

    def _portions(self, parts: Iterable[list[Request]]) -> Iterator[list[Request]]:
        """Parts, which stay together, in as few transactions as they fit into."""
        portion: list[Request] = []
        for part in parts:
            if portion and not self._fits(part, beside=_size(portion)):
                yield portion
                portion = []
            portion += part
        if portion:
            yield portion

    def _fits(self, requests: Sequence[Request], *, beside: int = 0) -> bool:
        return beside + _size(requests) + _FRAME_BYTES <= self._room

    def _transact(self, requests: Sequence[Request]) -> Mapping[int, StandingRule]:
        """Write, as one transaction; the rules that tell how they stand, by request."""
        framed = [messages.begin(self.generation), *requests, messages.end()]
        try:
            refusals, echoes = self._netlink.transact(framed)
        except OSError as refusal:
            raise FilterRefused(f"table {self._table}: {refusal.strerror}") from refusal
        if refusals:
            raise FilterRefused(f"table {self._table}: {refusals[0]}")
        self.generation = self.generation % 0xFFFFFFFF + 1
        return {index - 1: nftables.parse_rule(body, 0, len(body)) for index, body in echoes}

    def _read(self) -> StandingTable:
        standing = read(self._netlink, self._table)
        if standing is None:
            raise FilterRefused(f"table {self._table} is gone as soon as it was made")
        return standing

    def _tables(self) -> list[str]:
        listing = nftables.table_listing(nftables.FAMILIES["ip"])
        return self._netlink.dump(listing, nftables.parse_table)


class _Changes:
    """What leads a table that stands to the one that is wanted, in one transaction."""

    def __init__(self, table: str, wanted: FilterTable, standing: StandingTable) -> None:
        self._hooks = standing.hooks
        self._sets = _sets(wanted.chains)
        self._edits = [
            _Edit(table, chain, standing.chains.get(chain.name, ())) for chain in wanted.chains
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

    def done(self, echoes: Mapping[int, StandingRule]) -> StandingTable:
        """What stands after it."""
        return StandingTable(
            {edit.chain: edit.done(echoes) for edit in self._edits},
            self._hooks,
            {each.name for each in self._sets},
        )


class _Edit:
    """What leads the rules of one chain to those that are wanted: what stays is not touched."""

    def __init__(self, table: str, chain: FilterChain, standing: Sequence[StandingRule]) -> None:
        self.chain = chain.name
        self.fresh = 0
        """How many rules are to be made."""
        self.starts_at = 0
        """Position of its first request in the transaction."""
        self._table = table
        self._steps: list[StandingRule | FilterRule] = []
        """The chain as it will be: what is kept, and what is to be made."""
        self._gone: list[StandingRule] = []
        there = [digest_in(rule.user_data) for rule in standing]
        wanted = [digest_of(rule) for rule in chain.rules]
        for equal, old, new in _blocks(there, wanted):
            if equal:
                self._steps += standing[old]
            else:
                self._steps += chain.rules[new]
                self._gone += standing[old]
                self.fresh += new.stop - new.start

    def requests(self, *, echo: bool) -> list[Request]:
        """Backwards, as each rule is put directly behind one that stays."""
        requests = []
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

    def done(self, echoes: Mapping[int, StandingRule]) -> list[StandingRule]:
        """The chain as it stands after it."""
        at = self.starts_at + self.fresh
        rules = []
        for step in self._steps:
            if isinstance(step, FilterRule):
                at -= 1
                rules.append(echoes[at])
            else:
                rules.append(step)
        return rules

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


def _sets(chains: Iterable[FilterChain]) -> list[NumberSet]:
    """Every set that a rule looks up, once."""
    found = {
        each.name: each for chain in chains for rule in chain.rules for each in encoded(rule).sets
    }
    return list(found.values())


def _renewed(wanted: FilterTable, standing: StandingTable) -> frozenset[str]:
    """Chains that differ, and those that lead to them; not the hooked one."""
    renewed: set[str] = set()
    for chain in wanted.chains:  # a chain comes behind those that it leads to
        there = standing.chains.get(chain.name, ())
        same = [digest_in(rule.user_data) for rule in there] == list(map(digest_of, chain.rules))
        led = any(rule.target in renewed for rule in chain.rules)
        if chain.hook is None and (not same or led or chain.name not in standing.chains):
            renewed.add(chain.name)
    return frozenset(renewed)


def _redirected(rule: FilterRule, renewed: frozenset[str]) -> EncodedRule:
    """A rule that leads to a staged chain instead of the one that has its name still."""
    meant = encoded(rule)
    if rule.target not in renewed:
        return meant
    staged = encoded(replace(rule, target=_STAGED + rule.target))
    return replace(meant, expressions=staged.expressions)


def _appended(table: str, chain: str, rules: Iterable[EncodedRule]) -> list[Request]:
    return [messages.append_rule(table, chain, rule) for rule in rules]


def _size(requests: Iterable[Request]) -> int:
    """Bytes of requests in a message, each with its header and padding."""
    return sum(16 + (len(request.body) + 3 & ~3) for request in requests)
