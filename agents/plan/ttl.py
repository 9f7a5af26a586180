"""The table that hides the fabric: gives the hop back that the virtual switch takes.

A fabric never decrements the TTL (semantics 1.1), but the virtual switch routes,
and a router does. So what comes in is raised by one before it is routed; a TTL of
1 survives as well, and no traceroute ever sees the fabric. nf_tables can't add, but
it can set bits: adding one turns the last zero into a one and the ones behind it
into zeros, and for the place of that zero there are eight possibilities. (255 has
none and stays: nothing is emitted with more than that.)
"""

from collections.abc import Iterable

from agents.objects.filter import FilterChain, FilterRule, FilterTable, Hook, Verdict
from agents.objects.ruleset import RulesetName, RulesetTool

TTL_TABLE = RulesetName(tool=RulesetTool.NF_TABLES.value, table="ip vnetlab_ttl")

_BITS = 8
_PREROUTING = Hook(number=0, priority=-150)
"""Where nft's word for the priority is mangle: ahead of the decision where to route."""

_ONE_MORE = FilterChain(
    name="one_more",
    rules=tuple(
        FilterRule(verdict=Verdict.ACCEPT, raised_bits=number) for number in range(1, _BITS + 1)
    ),
)


def ttl_table(links: Iterable[str]) -> FilterTable:
    """The table for packets that come in through `links`; the same for every host."""
    jumps = tuple(
        FilterRule(verdict=Verdict.JUMP, incoming=link, target=_ONE_MORE.name) for link in links
    )
    return FilterTable(
        name=TTL_TABLE,
        chains=(_ONE_MORE, FilterChain(name="prerouting", hook=_PREROUTING, rules=jumps)),
        closed=(),
    )
