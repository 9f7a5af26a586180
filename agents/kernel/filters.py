"""Filter tables in the kernel: read, and led to what is wanted by the smallest transaction.

A transaction takes effect at once or not at all, but has to fit into one message.
What changes is therefore written rule by rule, which leaves the counters of all
others alone. What doesn't fit is staged: sets and whole chains that nothing jumps
to are loaded in as many transactions as it takes, and a last, small one makes the
hooked chain jump to them, removes their predecessors, and gives them their names.
A table that is not there yet, or not as we left it, is closed before that.
"""

import errno
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from agents.kernel import filter_messages as messages
from agents.kernel import nftables
from agents.kernel.errors import KernelError
from agents.kernel.expressions import EncodedRule, encoded
from agents.kernel.filter_changes import (
    STAGED,
    Changes,
    Echoes,
    StandingRules,
    StandingTable,
    changes_between,
    in_common,
    sets_of,
)
from agents.kernel.netlink import NetlinkSocket, Request
from agents.kernel.nftables import StandingChain, StandingRule
from agents.objects.filter import FilterRule, FilterTable

_FRAME_BYTES = 128
"""What begins and ends a transaction, generously."""


class FilterRefused(KernelError):
    """The kernel refused a transaction: what stood before it stands."""


class FilterOutdated(FilterRefused):
    """Somebody has changed rules of the namespace since they were known."""


def read(netlink: NetlinkSocket, table: str) -> StandingTable | None:
    """What stands under that name; None: no such table."""
    family = nftables.FAMILIES["ip"]
    if table not in netlink.dump(nftables.table_listing(family), nftables.parse_table):
        return None
    chains = _chains(netlink, table)
    rules: dict[str, list[StandingRule]] = {chain.name: [] for chain in chains}
    for rule in netlink.dump(nftables.rule_listing(family, table), nftables.parse_rule):
        rules[rule.chain].append(rule)
    return in_common(
        StandingTable(
            {name: StandingRules(each) for name, each in rules.items()},
            {chain.name: chain.hook for chain in chains if chain.hook},
            frozenset(netlink.dump(nftables.set_listing(family, table), nftables.parse_set)),
        )
    )


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
            standing = self._cleared(standing)
            changes = changes_between(self._table, wanted, standing)
            if not self._fits(changes.requests):
                return self._staged(wanted, standing)
            echoes = self._transact(changes.requests)
            return changes.done(echoes) if changes.echoed else self._read()
        known = self._table in self._tables()
        fresh = [messages.delete_table(self._table)] if known else []
        fresh.append(messages.new_table(self._table))
        whole = Changes(self._table, wanted, StandingTable()).requests
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

    def _cleared(self, standing: StandingTable) -> StandingTable:
        """Remove what was staged by one that did not come to its end."""
        left = [name for name in standing.chains if name.startswith(STAGED)]
        if not left:
            return standing
        requests = [messages.empty_chain(self._table, name) for name in left]
        self._transact(requests + [messages.delete_chain(self._table, name) for name in left])
        chains = {name: each for name, each in standing.chains.items() if name not in left}
        return replace(standing, chains=chains)

    def _staged(self, wanted: FilterTable, standing: StandingTable) -> StandingTable:
        renewed = _renewed(wanted, standing)
        fresh = [each for each in sets_of(wanted) if each.name not in standing.sets]
        parts = [list(messages.new_set(self._table, each)) for each in fresh]
        parts += [
            [messages.new_chain(self._table, STAGED + chain.name)]
            for chain in wanted.chains
            if chain.name in renewed
        ]
        for chain in wanted.chains:
            if chain.name in renewed:
                rules = [_redirected(rule, renewed) for rule in chain.rules]
                parts += [[each] for each in _appended(self._table, STAGED + chain.name, rules)]
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
            messages.rename_chain(self._table, handles[STAGED + name], name)
            for name in sorted(renewed)
        ]
        needed = {each.name for each in sets_of(wanted)}
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

    def _transact(self, requests: Sequence[Request]) -> Echoes:
        """Write, as one transaction; what the kernel says of rules that are to be echoed."""
        framed = [messages.begin(self.generation), *requests, messages.end()]
        try:
            refusals, echoes = self._netlink.transact(framed)
        except OSError as refusal:
            raise FilterRefused(f"table {self._table}: {refusal.strerror}") from refusal
        if refusals:
            kind = FilterOutdated if refusals[0].code == errno.ERESTART else FilterRefused
            raise kind(f"table {self._table}: {refusals[0]}")
        self.generation = self.generation % 0xFFFFFFFF + 1
        return {index - 1: nftables.without_generation(body) for index, body in echoes}

    def _read(self) -> StandingTable:
        standing = read(self._netlink, self._table)
        if standing is None:
            raise FilterRefused(f"table {self._table} is gone as soon as it was made")
        return standing

    def _tables(self) -> list[str]:
        listing = nftables.table_listing(nftables.FAMILIES["ip"])
        return self._netlink.dump(listing, nftables.parse_table)


def _renewed(wanted: FilterTable, standing: StandingTable) -> frozenset[str]:
    """Chains that differ, and those that lead to them; not the hooked one."""
    renewed: set[str] = set()
    for chain in wanted.chains:  # a chain comes behind those that it leads to
        there = standing.chains.get(chain.name, StandingRules())
        same = there.digests == list(chain.digests)
        led = any(rule.target in renewed for rule in chain.rules)
        if chain.hook is None and (not same or led or chain.name not in standing.chains):
            renewed.add(chain.name)
    return frozenset(renewed)


def _redirected(rule: FilterRule, renewed: frozenset[str]) -> EncodedRule:
    """A rule that leads to a staged chain instead of the one that has its name still."""
    meant = encoded(rule)
    if rule.target not in renewed:
        return meant
    staged = encoded(replace(rule, target=STAGED + rule.target))
    return replace(meant, expressions=staged.expressions)


def _appended(table: str, chain: str, rules: Iterable[EncodedRule]) -> list[Request]:
    return [messages.append_rule(table, chain, rule) for rule in rules]


def _size(requests: Iterable[Request]) -> int:
    """Bytes of requests in a message, each with its header and padding."""
    return sum(16 + (len(request.body) + 3 & ~3) for request in requests)
