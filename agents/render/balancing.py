"""A load balancer's edge: which backend a flow from outside goes to (semantics 3.1).

A flow's first packet is hashed to one of those that are up. Which one it was is
remembered until the flow has been idle for as long as its rule says, so that others
coming and going don't move it: a member that is down keeps the connections that it
has. Only a new connection (a SYN of the same ports) and UDP begin anew with another
one. An edge sees one direction, so the kernel's connection tracking is of no use here.
"""

from collections.abc import Iterable, Sequence

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from lab.contract.load_balancing import Backend, BalancingRule, LoadDistribution, ProbedBackend
from lab.contract.node_state import Edge, Protocol

BALANCING_TABLE = RulesetName(tool=RulesetTool.NFT.value, table="ip vnetlab_balancing")

_FLOW = "ip saddr . th sport . ip daddr . th dport"
"""What a flow is remembered by. The protocol would be a field too many for nft 1.0.6."""

_HASHED = {
    LoadDistribution.DEFAULT: f"{_FLOW} . meta l4proto",
    LoadDistribution.SOURCE_IP: "ip saddr . ip daddr",
    LoadDistribution.SOURCE_IP_PROTOCOL: "ip saddr . ip daddr . meta l4proto",
}

_SEED = "0x6c62"
"""The same for all rules: a client that comes to two ports of a frontend finds one member
with `LoadDistribution.SOURCE_IP`."""

_MOST_FLOWS = 65536
"""Of each protocol. One more is hashed packet by packet."""

_LOCATOR_BITS = (1 << 28) - 1
"""What tells locators apart, and never is 0: backends are known by it in a packet's mark."""


def balancing_ruleset(edge: Edge, *, outside: str) -> Ruleset:
    """The table of an edge with load-balancing rules; `outside` is the device they are about."""
    elements, chains = [], []
    for number, rule in enumerate(edge.rules):
        elements.append(
            f"{rule.frontend} . {_word(rule.protocol)} . {rule.port} : goto rule_{number}"
        )
        up = [each for each in rule.backends if _is_up(rule, each, edge.up)]
        chains += _chain(f"rule_{number}", _spread(rule, up))
    return Ruleset(
        name=BALANCING_TABLE,
        keeps_maps=True,
        rules=(
            *(line for protocol in Protocol for line in _flows(protocol)),
            *chains,
            *_chain(
                "balanced",
                [
                    "type filter hook prerouting priority raw - 10;",
                    f'iifname "{outside}" ip daddr . meta l4proto . th dport vmap '
                    f"{{ {', '.join(elements)} }}",
                ],
            ),
        ),
    )


def _is_up(rule: BalancingRule, backend: Backend, up: Sequence[ProbedBackend]) -> bool:
    return not rule.probe or ProbedBackend(probe=rule.probe, host=backend.host) in up


def _flows(protocol: Protocol) -> list[str]:
    return [
        f"map {_word(protocol)}_flows {{",
        "  type ipv4_addr . inet_service . ipv4_addr . inet_service : mark;",
        "  flags dynamic, timeout;",
        f"  size {_MOST_FLOWS};",
        "}",
    ]


def _spread(rule: BalancingRule, up: Sequence[Backend]) -> list[str]:
    flows = f"@{_word(rule.protocol)}_flows"
    numbers = [_number(each) for each in up]
    known = ", ".join(map(str, [0, *numbers]))
    afresh = "tcp flags & (fin | syn | rst | ack) == syn " if rule.protocol is Protocol.TCP else ""
    lines = [
        f"meta mark set {_FLOW} map {flows}",
        f"meta mark != {{ {known} }} {afresh}delete {flows} {{ {_FLOW} : meta mark }} "
        "meta mark set 0",
    ]
    if numbers:
        chosen = ", ".join(f"{index} : {number}" for index, number in enumerate(numbers))
        lines.append(
            f"meta mark 0 meta mark set jhash {_HASHED[rule.distribution]} mod {len(numbers)} "
            f"seed {_SEED} map {{ {chosen} }}"
        )
    locators = ", ".join(f"{_number(each)} : {each.locator}" for each in rule.backends)
    lines.append("meta mark 0 drop")
    lines.append(f"update {flows} {{ {_FLOW} timeout {rule.idle_seconds}s : meta mark }}")
    if locators:
        lines.append(f"ip daddr set meta mark map {{ {locators} }}")
    # A mark would lead what encapsulates the packet astray.
    lines.append("meta mark set 0")
    return lines


def _number(backend: Backend) -> int:
    return int(backend.locator) & _LOCATOR_BITS


def _word(protocol: Protocol) -> str:
    return protocol.value.lower()


def _chain(name: str, lines: Iterable[str]) -> list[str]:
    return [f"chain {name} {{", *(f"  {line}" for line in lines), "}"]
