"""Rulesets in force: loaded by the tools, watched by their generation.

Listing what nft loaded and comparing it with what was meant is slow and never
quite equal. So after each load of our own, the namespace's generation number and
a fingerprint of what came to stand are recorded. An equal generation proves with
one message that nothing changed. Another one (somebody typed an nft or iptables
command in the node) makes us read our own tables and chains again, and those
alone: what has its fingerprint is left as it is.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from agents.kernel import filters, nftables, processes
from agents.kernel.filter_changes import StandingTable
from agents.kernel.filters import FilterOutdated, FilterRefused, FilterWriter
from agents.kernel.namespaces import Identity
from agents.kernel.netlink import NETFILTER_FAMILY, NetlinkSocket
from agents.kernel.nftables import StandingRule
from agents.ledger import RecordFile
from agents.objects.filter import FilterTable
from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from agents.render.transactions import (
    ebtables_transaction,
    iptables_transaction,
    nft_transaction,
)


@dataclass(frozen=True, slots=True)
class _Loaded:
    digest: str
    """Of the text that was loaded."""
    body: str
    """Fingerprint of the table or chains that came to stand."""
    hook: str
    """Fingerprint of the rules outside that jump to the chains."""


@dataclass(frozen=True, slots=True)
class _Record:
    identity: str = ""
    """Of the namespace: a record must not outlive it."""
    generation: int = 0
    loaded: Mapping[RulesetName, _Loaded] = field(default_factory=dict)


_CHANGED = ""
"""In place of the digest of what does not stand as it was loaded."""


_PARTLY = "partly"
"""In place of the digest of what stands as we left it when the rest was refused."""


def _standing_of(loaded: _Loaded, body: str, hook: str) -> _Loaded:
    """What is known of a ruleset once it was read again; an intact hook stays known as ours."""
    if (body, hook) == (loaded.body, loaded.hook):
        return loaded
    return _Loaded(_CHANGED, body, hook if hook == loaded.hook else "")


class _Transaction(Protocol):
    def __call__(self, ruleset: Ruleset, *, standing: Collection[str], hooked: bool) -> str: ...


class Rulesets:
    """The rulesets of a host's namespaces; call from a thread that is in the one meant.

    But for `observe` and `write` of a namespace that is reached already, from anywhere.
    """

    def __init__(self, path: Path) -> None:
        self._file = RecordFile(path)
        self._records = _decoded(self._file.read())
        self._written = True
        self._tables: dict[tuple[str, RulesetName], StandingTable] = {}
        """What stands of filter tables, as long as no other hand is seen to change rules."""
        self._sockets: dict[str, tuple[Identity, NetlinkSocket]] = {}
        """By namespace. They stay open: whoever closes one waits until the kernel has freed all
        that was deleted."""

    def reaches(self, namespace: str, identity: Identity) -> bool:
        """Whether a socket is open in that very namespace."""
        known, _ = self._sockets.get(namespace, (None, None))
        return known == identity

    def reach(self, namespace: str) -> None:
        """Have a socket open in the namespace that the calling thread is in."""
        status = os.stat("/proc/thread-self/ns/net")
        identity = status.st_dev, status.st_ino
        if not self.reaches(namespace, identity):
            self._let_go(namespace)
            self._sockets[namespace] = identity, NetlinkSocket(NETFILTER_FAMILY)

    def observe(self, namespace: str, names: Iterable[RulesetName]) -> Mapping[RulesetName, str]:
        """Digest of each of `names` that stands exactly as it was loaded.

        Also writes down what was loaded since the last time: whoever loads looks at it
        afterwards, and until then nothing waits for a file. An agent that ends before
        loads the tables once more.
        """
        with self._reached(namespace) as netlink:
            record = self._current(namespace, netlink)
        self._write_down()
        return {
            name: loaded.digest
            for name in names
            if (loaded := record.loaded.get(name)) is not None and loaded.digest != _CHANGED
        }

    def load(self, namespace: str, pin: Path, rulesets: Sequence[Ruleset | FilterTable]) -> None:
        """Put rulesets of one tool in force, in one process; filter tables without any.

        Raises:
            ToolMissing, ToolFailed: nothing was changed.
            FilterRefused: the table is as it was, or closed.
        """
        self.reach(namespace)
        with self._reached(namespace) as netlink:
            record = self._current(namespace, netlink)
            texts = [each for each in rulesets if isinstance(each, Ruleset)]
            match RulesetTool(rulesets[0].name.tool):
                case RulesetTool.NFT:
                    argv = ["nft", "-f", "-"]
                    keeping = [each.name for each in texts if each.keeps_maps]
                    text = nft_transaction(
                        texts,
                        standing=_tables(netlink, texts),
                        chains={name.table: _standing(netlink, name)[0] for name in keeping},
                    )
                case RulesetTool.IPTABLES:
                    argv = ["iptables-nft-restore", "--noflush"]
                    text = _in_chains(texts, iptables_transaction, record, netlink, pin)
                case RulesetTool.EBTABLES:
                    argv = ["ebtables-nft-restore", "--noflush"]
                    text = _in_chains(texts, ebtables_transaction, record, netlink, pin)
                case RulesetTool.NF_TABLES:
                    self._write(namespace, rulesets, record, netlink)
                    return
            processes.run(argv, standard_input=text, namespace=str(pin))
            loaded = dict(record.loaded)
            for ruleset in rulesets:
                loaded.pop(ruleset.name, None)
                if ruleset.rules:
                    body, hook = _fingerprints(netlink, ruleset.name)
                    loaded[ruleset.name] = _Loaded(ruleset.digest, body, hook)
            self._keep(namespace, replace(record, generation=_generation(netlink), loaded=loaded))

    def write(self, namespace: str, rulesets: Sequence[Ruleset | FilterTable]) -> None:
        """Put filter tables in force, in a namespace that is reached; from any thread.

        Raises `FilterRefused`: the table is as it was, or closed.
        """
        with self._reached(namespace) as netlink:
            known = self._records.get(namespace, _Record())
            if known.identity == _identity(netlink):
                # The kernel refuses if there are newer rules: then they are read.
                with suppress(FilterOutdated):
                    self._write(namespace, rulesets, known, netlink)
                    return
            self._write(namespace, rulesets, self._current(namespace, netlink), netlink)

    def _write(
        self,
        namespace: str,
        rulesets: Sequence[Ruleset | FilterTable],
        record: _Record,
        netlink: NetlinkSocket,
    ) -> None:
        for ruleset in rulesets:
            table = _place(ruleset.name)[1]
            loaded = dict(record.loaded)
            before = loaded.pop(ruleset.name, None)
            known = self._tables.pop((namespace, ruleset.name), None)
            writer = FilterWriter(netlink, table, generation=record.generation)
            try:
                if isinstance(ruleset, FilterTable):
                    intact = before is not None and before.digest != _CHANGED
                    known = (known or filters.read(netlink, table)) if intact else None
                    known = writer.update(ruleset, known)
                    self._tables[namespace, ruleset.name] = known
                    loaded[ruleset.name] = _Loaded(ruleset.digest, known.fingerprint, "")
                else:
                    writer.remove()
            except FilterOutdated:
                # Nothing was changed: what is known is what was known.
                loaded = dict(record.loaded)
                raise
            except FilterRefused:
                if before is not None and (left := filters.read(netlink, table)) is not None:
                    loaded[ruleset.name] = _Loaded(_PARTLY, left.fingerprint, "")
                raise
            finally:
                record = replace(record, generation=writer.generation, loaded=loaded)
                self._keep(namespace, record)

    def close(self) -> None:
        """Let go of every namespace. Idempotent."""
        self._write_down()
        for namespace in list(self._sockets):
            self._let_go(namespace)

    @contextmanager
    def _reached(self, namespace: str) -> Iterator[NetlinkSocket]:
        """The socket of a namespace; after a failure there may be answers left in it."""
        _, netlink = self._sockets[namespace]
        try:
            yield netlink
        except BaseException:
            self._let_go(namespace)
            raise

    def _let_go(self, namespace: str) -> None:
        _, netlink = self._sockets.pop(namespace, (None, None))
        if netlink is not None:
            netlink.close()

    def forget(self, namespace: str) -> None:
        """Drop the record of a namespace that is no more."""
        self._let_go(namespace)
        if self._records.pop(namespace, None) is not None:
            self._written = False
            self._write_down()

    def _current(self, namespace: str, netlink: NetlinkSocket) -> _Record:
        """The record of what stands unchanged, brought up to date."""
        identity, generation = _identity(netlink), _generation(netlink)
        record = self._records.get(namespace, _Record())
        if record.identity != identity:
            record = _Record(identity=identity)
        if record.generation != generation:
            self._tables = {key: each for key, each in self._tables.items() if key[0] != namespace}
            standing = {
                name: _standing_of(loaded, *_fingerprints(netlink, name))
                for name, loaded in record.loaded.items()
            }
            record = _Record(identity, generation, standing)
            if record.loaded or namespace in self._records:
                self._keep(namespace, record)
        return record

    def _keep(self, namespace: str, record: _Record) -> None:
        self._records[namespace] = record
        self._written = False

    def _write_down(self) -> None:
        if not self._written:
            self._file.write(_encoded(self._records))
            self._written = True


def _in_chains(
    rulesets: Sequence[Ruleset],
    transaction: _Transaction,
    record: _Record,
    netlink: NetlinkSocket,
    pin: Path,
) -> str:
    """The text that swaps chains; hooks stay where they are if they are those we made."""
    texts = []
    for ruleset in rulesets:
        chains, rules = _standing(netlink, ruleset.name)
        hooks = _hooks(rules, ruleset.name)
        known = record.loaded.get(ruleset.name)
        ours = known is not None and known.hook == _fingerprint(hooks)
        hooked = bool(hooks) and bool(ruleset.rules) and ours
        if hooks and not hooked:
            _delete(hooks, ruleset.name, pin)
        own = [chain for chain in chains if ruleset.name.owns(chain)]
        texts.append(transaction(ruleset, standing=own, hooked=hooked))
    return "".join(texts)


def _hooks(rules: Iterable[StandingRule], name: RulesetName) -> list[StandingRule]:
    return [rule for rule in rules if name.owns(rule.jump) and not name.owns(rule.chain)]


def _delete(rules: Sequence[StandingRule], name: RulesetName, pin: Path) -> None:
    """Delete rules by their handles: a changed hook is no text that -D would find."""
    family, table = _place(name)
    script = "".join(
        f"delete rule {family} {table} {rule.chain} handle {rule.handle}\n" for rule in rules
    )
    processes.run(["nft", "-f", "-"], standard_input=script, namespace=str(pin))


def _place(name: RulesetName) -> tuple[str, str]:
    """Family and table, as nft names them."""
    match RulesetTool(name.tool):
        case RulesetTool.NFT | RulesetTool.NF_TABLES:
            family, _, table = name.table.partition(" ")
            return family, table
        case RulesetTool.IPTABLES:
            return "ip", name.table
        case RulesetTool.EBTABLES:
            return "bridge", name.table


def _tables(netlink: NetlinkSocket, rulesets: Iterable[Ruleset]) -> set[str]:
    """Those of the rulesets' tables that stand in the kernel."""
    return {
        f"{family} {name}"
        for family in {_place(ruleset.name)[0] for ruleset in rulesets}
        for name in netlink.dump(
            nftables.table_listing(nftables.FAMILIES[family]), nftables.parse_table
        )
    }


def _standing(netlink: NetlinkSocket, name: RulesetName) -> tuple[list[str], list[StandingRule]]:
    """The chains and rules of the table that stand in the kernel."""
    family, table = _place(name)
    number = nftables.FAMILIES[family]
    chains = netlink.dump(
        nftables.chain_listing(number),
        lambda data, start, end: nftables.parse_chain(data, start, end, table),
    )
    rules = netlink.dump(nftables.rule_listing(number, table), nftables.parse_rule)
    return chains, rules


def _fingerprints(netlink: NetlinkSocket, name: RulesetName) -> tuple[str, str]:
    chains, rules = _standing(netlink, name)
    if name.tool == RulesetTool.NF_TABLES.value:
        standing = filters.read(netlink, _place(name)[1])
        return "" if standing is None else standing.fingerprint, ""
    if not name.chain:
        return _fingerprint(rules, *sorted(chains)), ""
    own = sorted(chain for chain in chains if name.owns(chain))
    if not own:
        return "", ""
    body = [rule for rule in rules if name.owns(rule.chain)]
    named = own if name.is_family else ()
    return _fingerprint(body, *named), _fingerprint(_hooks(rules, name))


def _fingerprint(rules: Iterable[StandingRule], *chains: str) -> str:
    digest = sha256("\n".join(chains).encode())
    for rule in rules:
        digest.update(b"\0rule\0" + rule.chain.encode() + b"\0" + rule.content)
    return digest.hexdigest()


def _generation(netlink: NetlinkSocket) -> int:
    return nftables.generation_answer(netlink.ask([nftables.generation_question()])[0])


def _identity(netlink: NetlinkSocket) -> str:
    """What tells this namespace from any other since the machine started."""
    cookie = netlink.namespace_cookie()
    return f"{_boot()}/{cookie}"


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _decoded(record: Mapping[str, object]) -> dict[str, _Record]:
    """Records from JSON; what has another form is dropped (and loaded again)."""
    decoded = {}
    for namespace, entry in record.items():
        try:
            decoded[namespace] = _Record(
                identity=entry["identity"],  # type: ignore[index]
                generation=entry["generation"],  # type: ignore[index]
                loaded={
                    RulesetName(tool=tool, table=table, chain=chain): _Loaded(digest, body, hook)
                    for tool, table, chain, digest, body, hook in entry["loaded"]  # type: ignore[index]
                },
            )
        except (KeyError, TypeError, ValueError):
            continue
    return decoded


def _encoded(records: Mapping[str, _Record]) -> dict[str, object]:
    return {
        namespace: {
            "identity": record.identity,
            "generation": record.generation,
            "loaded": [
                [name.tool, name.table, name.chain, loaded.digest, loaded.body, loaded.hook]
                for name, loaded in sorted(record.loaded.items())
            ],
        }
        for namespace, record in records.items()
    }
