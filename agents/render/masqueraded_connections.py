"""Every packet of a masqueraded connection, marked as its first one (decision 0099).

In tunnel mode packets between pods of a node go by way of the fabric. Those that bear the
node's own address must not: the fabric would bring them back to a node that takes its own
address for a forgery. kube-proxy marks the first packet of a connection and no others.
"""

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool

MASQUERADE_MARK = 0x4000
"""kube-proxy's `--iptables-masquerade-bit`."""

CONNECTIONS_TABLE = RulesetName(tool=RulesetTool.NFT.value, table="ip masqueraded-connections")


def masqueraded_connections_ruleset(bridge: str) -> Ruleset:
    """The rules of a node whose pods are on `bridge`."""
    return Ruleset(
        name=CONNECTIONS_TABLE,
        rules=(
            "chain prerouting {",
            "  type filter hook prerouting priority mangle;",
            f'  iifname "{bridge}" ct status snat meta mark set {MASQUERADE_MARK:#x}',
            "}",
        ),
    )
