"""The packet filter of an Azure firewall's own machine (semantics 2.6)."""

from collections.abc import Sequence
from dataclasses import replace

from agents.objects.filter import FilterRule, Verdict
from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from agents.render.haproxy import HTTP_LISTENER, HTTPS_LISTENER
from lab.contract.firewall import Firewall

FIREWALL_TABLE = RulesetName(tool=RulesetTool.NFT.value, table="ip vnetlab_firewall")

_PRIVATE = "{ 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16 }"
"""Where packets keep their source."""


def firewall_ruleset(
    firewall: Firewall, network_rules: Sequence[FilterRule], *, link: str
) -> Ruleset:
    """What passes, and what is handed to HAProxy to look at its name.

    `network_rules` accept and drop; what one of them matches is never handed over.
    """
    passing = [str(replace(rule, verdict=Verdict.ACCEPT, counted=False)) for rule in network_rules]
    http = {port for rule in firewall.application_rules for port in rule.http_ports}
    https = {port for rule in firewall.application_rules for port in rule.https_ports}
    rules = _chain(
        "redirected",
        "nat hook prerouting priority dstnat",
        [
            f'iifname != "{link}" accept',
            "fib daddr type local accept",
            *passing,
            *_redirection(http, HTTP_LISTENER),
            *_redirection(https, HTTPS_LISTENER),
        ],
    )
    rules += _chain(
        "forwarded",
        "filter hook forward priority filter; policy drop",
        ["ct state established,related accept", *map(str, network_rules)],
    )
    rules += _chain(
        "own",
        "filter hook input priority filter; policy drop",
        [
            'iifname "lo" accept',
            "ct state established,related accept",
            "ct status dnat accept",
        ],
    )
    rules += _chain(
        "translated",
        "nat hook postrouting priority srcnat",
        [f'oifname "{link}" ip daddr != {_PRIVATE} masquerade'],
    )
    return Ruleset(name=FIREWALL_TABLE, rules=tuple(rules))


def _redirection(ports: set[int], listener: int) -> list[str]:
    if not ports:
        return []
    return [f"tcp dport {{ {', '.join(map(str, sorted(ports)))} }} redirect to :{listener}"]


def _chain(name: str, hook: str, rules: Sequence[str]) -> list[str]:
    return [f"chain {name} {{", f"  type {hook};", *(f"  {rule}" for rule in rules), "}"]
