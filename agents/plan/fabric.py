"""The table that packets of guests meet first: it drops what may not be, and hides the fabric.

A fabric never decrements the TTL (semantics 1.1), but the virtual switch routes,
and a router does. So what comes in is raised by one before it is routed; a TTL of
1 survives as well, and no traceroute ever sees the fabric. nf_tables can't add, but
it can set bits: adding one turns the last zero into a one and the ones behind it
into zeros, and for the place of that zero there are eight possibilities. (255 has
none and stays: nothing is emitted with more than that.)

What carries guests' packets from host to host is not tracked as a connection: it is
nobody's flow. Every packet of every flow meets this table, so it is short and every
rule is asked of as few packets as can be (decision 0096).
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network

from agents.objects.filter import FilterChain, FilterRule, FilterTable, Hook, Verdict
from agents.objects.ruleset import RulesetName, RulesetTool
from agents.plan.routes import FABRIC_LINK, INTERNET_LINK, NIC_LINK
from lab.contract.load_balancing import BalancedPort
from lab.contract.node_state import Nic, Protocol
from lab.contract.platform import HOST_ADDRESS, METADATA_ADDRESS

FABRIC_TABLE = RulesetName(tool=RulesetTool.NF_TABLES.value, table="ip vnetlab_fabric")

_ZEROS = (7, 1, 8, 2, 3, 4, 5, 6)
"""Places of the last zero, counted from the end, in the order of how many packets have
them: 63 is what a node has routed, then all even ones, then 127."""

_RAW = -300
"""Where nft's word for the priority is raw: ahead of connection tracking, so that a refused
packet leaves no trace, and of the decision where to route."""
_PREROUTING = Hook(number=0, priority=_RAW)
_OUTPUT = Hook(number=3, priority=_RAW)

_TCP, _UDP = 6, 17
_NUMBERS = {Protocol.TCP: _TCP, Protocol.UDP: _UDP}
_MULTICAST = IPv4Network("224.0.0.0/4")
_BROADCAST = IPv4Network("255.255.255.255")
_HOST, _METADATA = IPv4Network(HOST_ADDRESS), IPv4Network(METADATA_ADDRESS)

_ONE_MORE = FilterChain(
    name="one_more",
    rules=tuple(FilterRule(verdict=Verdict.ACCEPT, raised_bits=place) for place in _ZEROS),
)
_RAISED = FilterRule(verdict=Verdict.GOTO, target=_ONE_MORE.name)
_UNTRACKED = FilterRule(verdict=Verdict.CONTINUE, untracked=True)
_DROPPED = FilterRule(verdict=Verdict.DROP)

_ANSWERS = (
    # What the platform's services say to a guest (semantics 2.4); no ICMP error is among it.
    FilterRule(verdict=Verdict.ACCEPT, sources=(_HOST,), protocols=(_TCP, _UDP)),
    FilterRule(verdict=Verdict.ACCEPT, sources=(_METADATA,), protocols=(_TCP,)),
)


def host_fabric_table(
    nic: Nic,
    own: Sequence[IPv4Network],
    *,
    platform: bool,
    balanced: Sequence[BalancedPort] = (),
) -> FilterTable:
    """The table of a switch with a guest.

    `own`: what a guest without IP forwarding may speak as (semantics 1.7), in order and
    without overlaps; `platform`: the switch has services of its own for it; `balanced`: ports
    of frontends as which it answers, which `agents.render.balanced` sees to.
    """
    spoken = () if nic.enable_ip_forwarding else tuple(own)
    answering = tuple(port for port in balanced if port.floating) if spoken else ()
    return _of_host(IPv4Network(int(nic.gateway)), spoken, platform, answering)


@lru_cache(maxsize=64)
def _of_host(
    gateway: IPv4Network,
    own: tuple[IPv4Network, ...],
    platform: bool,  # noqa: FBT001  # a key
    answering: tuple[BalancedPort, ...],
) -> FilterTable:
    rules = (*_refused(gateway), *map(_answering, answering), *_allowed(own))
    from_nic = FilterChain(name="from_nic", rules=rules)
    # A fabric never speaks: no ICMP error of the switch itself reaches a guest.
    to_nic = FilterChain(name="own", rules=(*(_ANSWERS if platform else ()), _DROPPED))
    return _table(
        [_ONE_MORE, from_nic, to_nic],
        incoming={NIC_LINK: from_nic, FABRIC_LINK: _ONE_MORE, INTERNET_LINK: _ONE_MORE},
        said=FilterRule(verdict=Verdict.GOTO, outgoing=NIC_LINK, target=to_nic.name),
        closed=(FilterRule(verdict=Verdict.DROP, incoming=NIC_LINK),),
    )


@lru_cache(maxsize=1)
def edge_fabric_table() -> FilterTable:
    """The table of a switch without a guest, between virtual networks and what is outside."""
    return _table(
        [_ONE_MORE],
        incoming={FABRIC_LINK: _ONE_MORE, INTERNET_LINK: _ONE_MORE},
        # The reset of a connection that an edge no longer knows.
        said=FilterRule(verdict=Verdict.ACCEPT, outgoing=FABRIC_LINK),
    )


def _refused(gateway: IPv4Network) -> Iterable[FilterRule]:
    """Where nothing goes: the gateway is silent (semantics 1.4), and all is unicast (1.2)."""
    for destination in (gateway, _MULTICAST, _BROADCAST):
        yield FilterRule(verdict=Verdict.DROP, destinations=(destination,))


def _answering(port: BalancedPort) -> FilterRule:
    return FilterRule(
        verdict=Verdict.GOTO,
        sources=(IPv4Network(int(port.frontend)),),
        protocols=(_NUMBERS[port.protocol],),
        source_ports=((port.port, port.port),),
        target=_ONE_MORE.name,
    )


def _allowed(own: tuple[IPv4Network, ...]) -> Iterable[FilterRule]:
    if own:
        yield FilterRule(verdict=Verdict.GOTO, sources=own, target=_ONE_MORE.name)
        yield _DROPPED
        return
    # Nobody but the switch itself speaks as the platform, not even who forwards.
    for service in (_HOST, _METADATA):
        yield FilterRule(verdict=Verdict.DROP, sources=(service,))
    yield _RAISED


def _table(
    chains: Sequence[FilterChain],
    *,
    incoming: dict[str, FilterChain],
    said: FilterRule,
    closed: tuple[FilterRule, ...] = (),
) -> FilterTable:
    """`incoming`: where packets go that come in through a link; all others are the underlay's."""
    prerouting = (
        FilterRule(verdict=Verdict.GOTO, incoming=link, target=chain.name)
        for link, chain in incoming.items()
    )
    return FilterTable(
        name=FABRIC_TABLE,
        chains=(
            *chains,
            FilterChain(name="prerouting", hook=_PREROUTING, rules=(*prerouting, _UNTRACKED)),
            FilterChain(name="output", hook=_OUTPUT, rules=(said, _UNTRACKED)),
        ),
        closed=closed,
    )
