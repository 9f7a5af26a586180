"""Network security groups in the virtual switch (semantics 2.3).

A gate is a chain: a rule that allows hands the packet on to the next gate, one
that denies ends it, and behind the last gate it passes. Only the first packet of
a flow is asked: what belongs to an established flow passes in both directions, so
live flows outlast a change of the rules. Every rule counts; its comment is its
name, so that the counters can be told apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, collapse_addresses

from lab.contract.node_state import (
    NetworkContainer,
    PortRange,
    Prefix,
    SecurityGate,
    SecurityProtocol,
    SecurityRule,
    Vswitch,
)

INBOUND_CHAIN, OUTBOUND_CHAIN = "security_in", "security_out"
PODS_INBOUND_CHAIN, PODS_OUTBOUND_CHAIN = "security_pods_in", "security_pods_out"
"""Chains of gates are called after these, with the number of the gate."""

_OUTBOUND = (OUTBOUND_CHAIN, PODS_OUTBOUND_CHAIN)

_PASSED_OUTBOUND, _PASSED_INBOUND = "0x1", "0x2"
"""Marks of a connection that the gates of a direction let through: a flow without
answers is never established, yet only its first packet is to be asked. One for each
direction, because what an appliance forwards meets both."""

_HOST_SERVICES = "168.63.129.16, 169.254.169.254"
"""What no rule is asked about when a guest calls it (semantics 2.3, 2.4)."""

_PROTOCOLS = {
    SecurityProtocol.TCP: "tcp",
    SecurityProtocol.UDP: "udp",
    SecurityProtocol.ICMP: "icmp",
    SecurityProtocol.ESP: "esp",
    SecurityProtocol.AH: "ah",
}


def security_chains(vswitch: Vswitch, *, nic_link: str, pods: Sequence[IPv4Network]) -> list[str]:
    """The chains of both containers' gates; none without a gate.

    `pods`: addresses of the pods' container, which tell whose gates a packet meets.

    The hook comes behind those that drop what may not be at all, before the source
    is translated and after the destination was: rules see private addresses
    (semantics 1.10).
    """
    directions = _directions(vswitch)
    if not gate_chains(vswitch):
        return []
    # A chain has to be there before another jumps to it.
    lines = [
        line for name, gate in gate_chains(vswitch).items() for line in _chain(name, _rules(gate))
    ]
    for name, gates in directions.items():
        services = [f"ip daddr {{ {_HOST_SERVICES} }} return"] if name in _OUTBOUND else []
        lines += _chain(name, [*services, *(f"jump {chain}" for chain, _ in _named(name, gates))])
    lines += _chain(
        "security",
        [
            "type filter hook forward priority filter + 10;",
            "ct state established,related accept",
            # A packet that the switch hands back to its own guest meets both directions.
            *_asked(f'iifname "{nic_link}"', "saddr", pods, _OUTBOUND),
            *_asked(f'oifname "{nic_link}"', "daddr", pods, (INBOUND_CHAIN, PODS_INBOUND_CHAIN)),
        ],
    )
    return lines


def gate_chains(vswitch: Vswitch) -> Mapping[str, SecurityGate]:
    """Each gate of the switch by the name of its chain."""
    return {
        chain: gate
        for name, gates in _directions(vswitch).items()
        for chain, gate in _named(name, gates)
    }


def _directions(vswitch: Vswitch) -> Mapping[str, Sequence[SecurityGate]]:
    pods = vswitch.pods if vswitch.pods is not None else NetworkContainer()
    return {
        OUTBOUND_CHAIN: vswitch.node.outbound,
        INBOUND_CHAIN: vswitch.node.inbound,
        PODS_OUTBOUND_CHAIN: pods.outbound,
        PODS_INBOUND_CHAIN: pods.inbound,
    }


def _asked(
    link: str, field: str, pods: Sequence[IPv4Network], chains: tuple[str, str]
) -> Iterator[str]:
    """The gates of a direction, asked once for each connection."""
    bit = _PASSED_OUTBOUND if chains == _OUTBOUND else _PASSED_INBOUND
    yield from _jumps(f"{link} ct mark and {bit} == 0", field, pods, chains)
    yield f"{link} ct mark set ct mark or {bit}"


def _jumps(
    link: str, field: str, pods: Sequence[IPv4Network], chains: tuple[str, str]
) -> Iterator[str]:
    """Where a packet of a direction goes on: by whose address it has."""
    node_chain, pod_chain = chains
    if not pods:
        yield f"{link} jump {node_chain}"
        return
    addresses = f"{{ {', '.join(map(str, pods))} }}"
    yield f"{link} ip {field} {addresses} jump {pod_chain}"
    yield f"{link} ip {field} != {addresses} jump {node_chain}"


def _named(direction: str, gates: Iterable[SecurityGate]) -> Iterator[tuple[str, SecurityGate]]:
    for number, gate in enumerate(gates):
        yield f"{direction}_{number}", gate


def _rules(gate: SecurityGate) -> Iterator[str]:
    for rule in gate.rules:
        if rule.sources and rule.destinations:
            yield from _rule(rule)


def _rule(rule: SecurityRule) -> Iterator[str]:
    verdict = "return" if rule.allow else "drop"
    parts = [
        *_addresses("saddr", rule.sources),
        *_addresses("daddr", rule.destinations),
        *_transport(rule),
        f'counter {verdict} comment "{rule.name}"',
    ]
    yield " ".join(parts)


def _addresses(field: str, prefixes: Sequence[Prefix]) -> Iterator[str]:
    if any(prefix.prefixlen == 0 for prefix in prefixes):
        return
    # nft refuses a set whose elements overlap.
    merged = list(collapse_addresses(p for p in prefixes if isinstance(p, IPv4Network)))
    if len(merged) == 1:
        yield f"ip {field} {merged[0]}"
    else:
        yield f"ip {field} {{ {', '.join(map(str, merged))} }}"


def _transport(rule: SecurityRule) -> Iterator[str]:
    """Protocol and ports; ports of any protocol are those of TCP and UDP."""
    source, destination = _ports(rule.source_ports), _ports(rule.destination_ports)
    if rule.protocol is not SecurityProtocol.ANY:
        yield f"meta l4proto {_PROTOCOLS[rule.protocol]}"
    elif source or destination:
        yield "meta l4proto { tcp, udp }"
    if source:
        yield f"th sport {source}"
    if destination:
        yield f"th dport {destination}"


def _ports(ports: Sequence[PortRange]) -> str:
    """A set without overlaps, which nft would refuse; empty for any port."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted((each.first, each.last) for each in ports):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    if merged == [(0, 65535)] or not merged:
        return ""
    return f"{{ {', '.join(_range(*each) for each in merged)} }}"


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _chain(name: str, lines: Iterable[str]) -> list[str]:
    return [f"chain {name} {{", *(f"  {line}" for line in lines), "}"]
