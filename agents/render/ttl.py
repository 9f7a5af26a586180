"""The table that hides the fabric: gives the hop back that the virtual switch takes.

A fabric never decrements the TTL (semantics 1.1), but the virtual switch routes,
and a router does. So what comes in is raised by one before it is routed; a TTL of
1 survives as well, and no traceroute ever sees the fabric. nft 1.0.6 can neither
add nor map into the TTL field: one chain per value, chosen by a verdict map.
"""

from collections.abc import Iterable

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool

TTL_TABLE = RulesetName(tool=RulesetTool.NFT.value, table="ip vnetlab_ttl")

_VALUES = range(1, 255)


def ttl_ruleset(links: Iterable[str]) -> Ruleset:
    """The table for packets that come in through `links`; the same for every host."""
    names = ", ".join(f'"{name}"' for name in links)
    jumps = ", ".join(f"{value} : jump t{value}" for value in _VALUES)
    return Ruleset(
        name=TTL_TABLE,
        rules=(
            *(f"chain t{value} {{ ip ttl set {value + 1}; }}" for value in _VALUES),
            "chain prerouting {",
            "  type filter hook prerouting priority mangle;",
            f"  iifname {{ {names} }} ip ttl vmap {{ {jumps} }}",
            "}",
        ),
    )
