"""Packet filter rules, owned as a whole table or as one chain with its hook."""

from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256


class RulesetTool(Enum):
    """Whose language the rules are written in: that of the component they stand for."""

    NFT = "nft"
    """The virtual switch: whole tables, swapped in one transaction."""

    IPTABLES = "iptables"
    """The node's own components: chains, and rules elsewhere that jump to them."""

    EBTABLES = "ebtables"
    """As iptables, at the bridge."""

    NF_TABLES = "nf_tables"
    """None: security gates, which the agent itself writes (`agents.objects.filter`)."""


FAMILY = "*"

_BASE_CHAINS = frozenset({"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"})


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RulesetName:
    """What a ruleset owns; all else of the namespace is foreign."""

    tool: str
    """Value of a `RulesetTool`."""
    table: str
    chain: str = ""
    """Empty: the whole table. One of the tool's own: every rule of it. With `FAMILY` at its
    end: all chains of the table whose names begin like that."""

    @property
    def is_base_chain(self) -> bool:
        """Whether packets come to the chain by themselves, without a hook."""
        return self.chain in _BASE_CHAINS

    @property
    def is_family(self) -> bool:
        """Whether any number of chains are meant."""
        return self.chain.endswith(FAMILY)

    def owns(self, chain: str) -> bool:
        """Whether the chain of that name, in the ruleset's table, is one of its own."""
        if self.is_family:
            return chain.startswith(self.chain.removesuffix(FAMILY))
        return chain == self.chain

    def __str__(self) -> str:
        return " ".join(word for word in (self.tool, self.table, self.chain) if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """Rules as text."""

    name: RulesetName
    rules: tuple[str, ...]
    """Lines in the tool's own language: an nft table's body, or a chain's rules in order; of a
    family each chain (``:CHAIN - [0:0]``), then all rules (``-A CHAIN …``). Empty: what is
    named is to be removed."""
    keeps_maps: bool = False
    """Of an nft table: what its maps and sets remember of packets outlives a change of its rules.
    They have to be declared the same as before."""
    hooks: tuple[str, ...] = ()
    """The rules outside that jump to it, with their verbs: ``-A`` for the end of a chain,
    ``-I`` for its front. None for a base chain."""

    digest: str = field(init=False, compare=False)
    """What identifies the text in the record of what was loaded."""

    def __post_init__(self) -> None:
        text = "\n".join((*self.hooks, *self.rules))
        object.__setattr__(self, "digest", sha256(text.encode()).hexdigest())
