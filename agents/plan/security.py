"""Network security groups in the virtual switch (semantics 2.3).

A gate is a chain: a rule that allows hands the packet on to the next gate, one
that denies ends it, and behind the last gate it passes. Only the first packet of
a flow is asked: what belongs to an established flow passes in both directions, so
live flows outlast a change of the rules. Every rule counts; its comment is its
name, so that the counters can be told apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, collapse_addresses

from agents.objects.filter import FilterChain, FilterRule, FilterTable, Hook, Span, Verdict
from agents.objects.ruleset import RulesetName, RulesetTool
from lab.contract.node_state import (
    NetworkContainer,
    PortRange,
    Prefix,
    SecurityGate,
    SecurityProtocol,
    SecurityRule,
    Vswitch,
)

SECURITY_TABLE = RulesetName(tool=RulesetTool.NF_TABLES.value, table="ip vnetlab_security")

INBOUND_CHAIN, OUTBOUND_CHAIN = "security_in", "security_out"
PODS_INBOUND_CHAIN, PODS_OUTBOUND_CHAIN = "security_pods_in", "security_pods_out"
"""Chains of gates are called after these, with the number of the gate."""

_OUTBOUND = (OUTBOUND_CHAIN, PODS_OUTBOUND_CHAIN)

_PASSED_OUTBOUND, _PASSED_INBOUND = 0x1, 0x2
"""Marks of a connection that the gates of a direction let through: a flow without
answers is never established, yet only its first packet is to be asked. One for each
direction, because what an appliance forwards meets both."""

_NOWHERE = IPv4Address(0)

_TCP, _UDP = 6, 17
_PROTOCOLS = {
    SecurityProtocol.TCP: _TCP,
    SecurityProtocol.UDP: _UDP,
    SecurityProtocol.ICMP: 1,
    SecurityProtocol.ESP: 50,
    SecurityProtocol.AH: 51,
}

_FORWARD = Hook(number=2, priority=10)
"""Behind those that drop what may not be at all, before the source is translated and
after the destination was: rules see private addresses (semantics 1.10)."""

_INPUT = Hook(number=1, priority=10)
"""What a guest sends to the platform's own services, which others of its packets never
are: no rule is asked about it but those that name such a service (semantics 2.3, 2.4)."""

_OUTPUT = Hook(number=3, priority=10)
"""What the switch itself asks its guest."""

_ESTABLISHED = FilterRule(verdict=Verdict.ACCEPT, established=True)


def security_table(
    vswitch: Vswitch, *, nic_link: str, pods: Sequence[IPv4Network], probed: bool = False
) -> FilterTable | None:
    """The chains of both containers' gates; None without a gate, when nothing is tracked.

    `pods`: addresses of the pods' container, which tell whose gates a packet meets.
    `probed`: the switch itself asks the guest for load balancers whether it is up.
    """
    if not gate_chains(vswitch):
        return None
    return _table(_nothing_but_gates(vswitch), nic_link, tuple(pods), probed)


def _nothing_but_gates(vswitch: Vswitch) -> Vswitch:
    """What is the same for all hosts whose ports have the same gates."""
    node, pods = vswitch.node, vswitch.pods or NetworkContainer()
    return Vswitch(
        underlay_address=_NOWHERE,
        node=NetworkContainer(inbound=node.inbound, outbound=node.outbound),
        pods=NetworkContainer(inbound=pods.inbound, outbound=pods.outbound),
    )


@lru_cache(maxsize=32)
def _table(
    vswitch: Vswitch,
    nic_link: str,
    pods: tuple[IPv4Network, ...],
    probed: bool,  # noqa: FBT001  # a key
) -> FilterTable:
    """Made once for all hosts of a process that share it, and for all rounds."""
    gates = gate_chains(vswitch)
    # A chain has to be there before another jumps to it.
    chains = [FilterChain(name=name, rules=_rules(gate)) for name, gate in gates.items()]
    for name, of_direction in _directions(vswitch).items():
        jumps = [_jump(chain) for chain, _ in _named(name, of_direction)]
        chains.append(FilterChain(name=name, rules=tuple(jumps)))
    chains += [
        FilterChain(name="outbound", rules=_by_container(pods, _OUTBOUND, outbound=True)),
        FilterChain(
            name="inbound",
            rules=_by_container(pods, (INBOUND_CHAIN, PODS_INBOUND_CHAIN), outbound=False),
        ),
        FilterChain(name="security", hook=_FORWARD, rules=_asked_once(nic_link)),
        *([_probes(nic_link)] if probed else []),
        *_about_platform(vswitch, nic_link=nic_link, pods=pods),
    ]
    return FilterTable(
        name=SECURITY_TABLE,
        chains=tuple(chains),
        closed=(
            _ESTABLISHED,
            FilterRule(verdict=Verdict.DROP, incoming=nic_link),
            FilterRule(verdict=Verdict.DROP, outgoing=nic_link),
        ),
    )


def _probes(nic_link: str) -> FilterChain:
    """Probes of load balancers meet the gates as what comes from outside (semantics 2.3)."""
    to_gates = FilterRule(verdict=Verdict.JUMP, outgoing=nic_link, target="inbound")
    return FilterChain(name="probes", hook=_OUTPUT, rules=(_ESTABLISHED, to_gates))


def _about_platform(
    vswitch: Vswitch, *, nic_link: str, pods: Sequence[IPv4Network]
) -> Iterator[FilterChain]:
    """What gates say about the platform's own services; nothing where none says anything."""
    if not any(rule.platform for gate in gate_chains(vswitch).values() for rule in gate.rules):
        return
    for direction in _OUTBOUND:
        gates = list(_named(direction, _directions(vswitch)[direction]))
        for name, gate in gates:
            rules = _rules(gate, platform=True)
            yield FilterChain(name=platform_chain_of(name), rules=rules)
        jumps = tuple(_jump(platform_chain_of(name)) for name, _ in gates)
        yield FilterChain(name=platform_chain_of(direction), rules=jumps)
    node, of_pods = map(platform_chain_of, _OUTBOUND)
    asked = platform_chain_of("outbound")
    yield FilterChain(name=asked, rules=_by_container(pods, (node, of_pods), outbound=True))
    to_gates = FilterRule(verdict=Verdict.JUMP, incoming=nic_link, target=asked)
    yield FilterChain(name="platform", hook=_INPUT, rules=(_ESTABLISHED, to_gates))


def platform_chain_of(chain: str) -> str:
    """The chain of what a gate, or a direction, says about the platform's own services."""
    return f"{chain}_platform"


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


def _named(direction: str, gates: Iterable[SecurityGate]) -> Iterator[tuple[str, SecurityGate]]:
    for number, gate in enumerate(gates):
        yield f"{direction}_{number}", gate


def _asked_once(link: str) -> tuple[FilterRule, ...]:
    """The gates of both directions, each asked once for a connection.

    A packet that the switch hands back to its own guest meets both.
    """
    return (
        _ESTABLISHED,
        FilterRule(
            verdict=Verdict.JUMP, incoming=link, unmarked=_PASSED_OUTBOUND, target="outbound"
        ),
        FilterRule(verdict=Verdict.CONTINUE, incoming=link, mark=_PASSED_OUTBOUND),
        FilterRule(verdict=Verdict.JUMP, outgoing=link, unmarked=_PASSED_INBOUND, target="inbound"),
        FilterRule(verdict=Verdict.CONTINUE, outgoing=link, mark=_PASSED_INBOUND),
    )


def _by_container(
    pods: Sequence[IPv4Network], chains: tuple[str, str], *, outbound: bool
) -> tuple[FilterRule, ...]:
    """Where a packet of a direction goes on: by whose address it has."""
    node_chain, pod_chain = chains
    to_node = FilterRule(verdict=Verdict.GOTO, target=node_chain)
    if not pods:
        return (to_node,)
    prefixes = tuple(collapse_addresses(pods))
    if outbound:
        return (FilterRule(verdict=Verdict.GOTO, sources=prefixes, target=pod_chain), to_node)
    return (FilterRule(verdict=Verdict.GOTO, destinations=prefixes, target=pod_chain), to_node)


def _jump(chain: str) -> FilterRule:
    return FilterRule(verdict=Verdict.JUMP, target=chain)


def _rules(gate: SecurityGate, *, platform: bool = False) -> tuple[FilterRule, ...]:
    return tuple(
        filter_rule(rule)
        for rule in gate.rules
        if rule.platform is platform and rule.sources and rule.destinations
    )


@lru_cache(maxsize=8192)
def filter_rule(rule: SecurityRule) -> FilterRule:
    """A security rule that returns what it allows; its sides must not be empty."""
    source_ports, destination_ports = _spans(rule.source_ports), _spans(rule.destination_ports)
    protocols: tuple[int, ...] = ()
    if rule.protocol is not SecurityProtocol.ANY:
        protocols = (_PROTOCOLS[rule.protocol],)
    elif source_ports or destination_ports:
        # Ports of any protocol are those of TCP and UDP.
        protocols = (_TCP, _UDP)
    return FilterRule(
        verdict=Verdict.RETURN if rule.allow else Verdict.DROP,
        comment=rule.name,
        counted=True,
        sources=_merged(rule.sources),
        destinations=_merged(rule.destinations),
        protocols=protocols,
        source_ports=source_ports,
        destination_ports=destination_ports,
    )


def _merged(prefixes: Sequence[Prefix]) -> tuple[IPv4Network, ...]:
    """Prefixes without overlaps, which the kernel would refuse; none for everything."""
    if any(prefix.prefixlen == 0 for prefix in prefixes):
        return ()
    return tuple(collapse_addresses(p for p in prefixes if isinstance(p, IPv4Network)))


def _spans(ports: Sequence[PortRange]) -> tuple[Span, ...]:
    """Ranges without overlaps; none for any port."""
    merged: list[Span] = []
    for first, last in sorted((each.first, each.last) for each in ports):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return () if merged == [(0, 65535)] else tuple(merged)
