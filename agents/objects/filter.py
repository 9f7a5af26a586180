"""The table of security gates: chains of rules that the agent writes itself, rule by rule.

Structured, where a `Ruleset` is text: what changes in a table of thousands of rules
is then found and written by itself, and what stays keeps its counters.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Network

from agents.objects.ruleset import RulesetName

Span = tuple[int, int]
"""First and last of a range of numbers, both included."""


class Verdict(Enum):
    """What becomes of a packet that a rule matches."""

    CONTINUE = "continue"
    """It meets the next rule."""
    ACCEPT = "accept"
    DROP = "drop"
    RETURN = "return"
    """It goes on behind the rule that jumped here."""
    JUMP = "jump"
    GOTO = "goto"
    """As jump, but what returns goes on behind the rule that jumped to this chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterRule:
    """A rule: what is left out matches everything."""

    verdict: Verdict
    target: str = ""
    """The chain to jump or go to."""
    comment: str = ""
    counted: bool = False
    """Whether packets that it matches are counted."""
    incoming: str = ""
    """Name of the device."""
    outgoing: str = ""
    established: bool = False
    """Belongs to a connection that was answered, or follows from one."""
    unmarked: int = 0
    """Bits of the connection's mark that aren't set."""
    sources: tuple[IPv4Network, ...] = ()
    """Without overlaps, in order; so are all that follow."""
    destinations: tuple[IPv4Network, ...] = ()
    protocols: tuple[int, ...] = ()
    """Numbers of transport protocols."""
    source_ports: tuple[Span, ...] = ()
    destination_ports: tuple[Span, ...] = ()
    mark: int = 0
    """Bits to set in the connection's mark."""
    untracked: bool = False
    """Whether packets that it matches are kept from connection tracking, if asked before it."""
    raised_bits: int = 0
    """How many of the TTL's last bits are 0 1…1, and become 1 0…0: one more."""

    def __hash__(self) -> int:
        # Cheap: rules are looked up by the thousand, and hashing prefixes is slow.
        return hash((self.verdict, self.target, self.comment))

    def __str__(self) -> str:
        """As nft would write it, but for sets, which stand here as lists."""
        return " ".join(_clauses(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Where packets enter a chain by themselves."""

    number: int
    """Of the kernel's IPv4 hooks."""
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChain:
    """Rules in the order in which a packet meets them."""

    name: str
    rules: tuple[FilterRule, ...]
    hook: Hook | None = None
    """None: other chains jump here."""
    digests: tuple[bytes, ...] = field(init=False, compare=False)
    """Of the rules, in order."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "digests", tuple(map(digest_of, self.rules)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterTable:
    """A table that is in force as a whole, or closed, but never in parts."""

    name: RulesetName
    chains: tuple[FilterChain, ...]
    closed: tuple[FilterRule, ...]
    """Rules of the hooked chain while the first ones are being loaded: nothing passes."""
    digest: str = field(init=False, compare=False)
    """What identifies the table in the record of what was loaded."""

    @property
    def rules(self) -> tuple[FilterRule, ...]:
        """All rules of all chains."""
        return tuple(rule for chain in self.chains for rule in chain.rules)

    def __post_init__(self) -> None:
        whole = sha256()
        for chain in self.chains:
            whole.update(f"\0{chain.name} {chain.hook}\0".encode())
            for digest in chain.digests:
                whole.update(digest)
        object.__setattr__(self, "digest", whole.hexdigest())

    def __hash__(self) -> int:
        return hash(self.digest)


def _clauses(rule: FilterRule) -> Iterator[str]:
    clauses = {
        f'iifname "{rule.incoming}"': rule.incoming,
        f'oifname "{rule.outgoing}"': rule.outgoing,
        "ct state established,related": rule.established,
        f"ct mark and {rule.unmarked:#x} == 0": rule.unmarked,
        f"ip saddr {_listed(rule.sources)}": rule.sources,
        f"ip daddr {_listed(rule.destinations)}": rule.destinations,
        f"meta l4proto {_listed(rule.protocols)}": rule.protocols,
        f"th sport {_listed(map(_span, rule.source_ports))}": rule.source_ports,
        f"th dport {_listed(map(_span, rule.destination_ports))}": rule.destination_ports,
        "counter": rule.counted,
        f"ct mark set ct mark or {rule.mark:#x}": rule.mark,
        "notrack": rule.untracked,
        _raised(rule.raised_bits): rule.raised_bits,
        rule.verdict.value: rule.verdict is not Verdict.CONTINUE,
        rule.target: rule.target,
        f'comment "{rule.comment}"': rule.comment,
    }
    yield from (text for text, said in clauses.items() if said)


def _raised(bits: int) -> str:
    whole, last = (1 << bits) - 1, (1 << bits) >> 1
    return (
        f"ip ttl and {whole:#x} == {last - 1:#x} "
        f"ip ttl set ip ttl and {0xFF ^ whole:#x} or {last:#x}"
    )


def _listed(values: Iterable[object]) -> str:
    words = list(map(str, values))
    return words[0] if len(words) == 1 else f"{{ {', '.join(words)} }}"


def _span(span: Span) -> str:
    first, last = span
    return str(first) if first == last else f"{first}-{last}"


@lru_cache(maxsize=8192)
def digest_of(rule: FilterRule) -> bytes:
    """What tells a rule from every other: eight bytes, the same in every process."""
    return sha256("\0".join(_words(rule)).encode()).digest()[:8]


def _words(rule: FilterRule) -> Iterator[str]:
    for each in fields(rule):
        value = getattr(rule, each.name)
        if value and value is not Verdict.CONTINUE:
            words = value if isinstance(value, tuple) else (value,)
            yield f"{each.name} {' '.join(map(str, words))}"
