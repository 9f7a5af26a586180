"""The table of a switch without a guest: a NAT gateway's, a load balancer's, a gateway's."""

from collections.abc import Iterable

from agents.objects.ruleset import Ruleset
from agents.render.leases import protocols_of
from agents.render.nft import VSWITCH_TABLE
from lab.contract.node_state import Edge, PortLease, SourceTranslation

RESET_MARK = 1
"""Of a reset and of the packet that it answers: a route is looked up by it."""

_PORTS = "1024-65535"
"""64,512 of each address (semantics 2.6)."""


def edge_ruleset(edge: Edge, *, inside: str, outside: str) -> Ruleset:
    """The rules of `edge`; `inside` and `outside` are its two devices."""
    # A fabric never speaks: no ICMP error of the switch itself reaches anybody.
    rules = _chain("own", ["type filter hook output priority filter;", "meta l4proto icmp drop"])
    if edge.translation is not None:
        rules += _translation(edge.translation, inside=inside, outside=outside)
    if edge.leases:
        rules += _leases(edge.leases, outside=outside)
    return Ruleset(name=VSWITCH_TABLE, rules=tuple(rules))


def _translation(translation: SourceTranslation, *, inside: str, outside: str) -> list[str]:
    """TCP and UDP leave with an address of the gateway, and only answers come back."""
    addresses = translation.public_addresses
    if len(addresses) == 1:
        source = f"{addresses[0]}:{_PORTS}"
    else:
        pool = ", ".join(f"{number} : {each}" for number, each in enumerate(addresses))
        source = f"numgen inc mod {len(addresses)} map {{ {pool} }}"
    return [
        *_chain(
            "forwarded",
            [
                "type filter hook forward priority filter;",
                "ct state established,related accept",
                f'iifname "{inside}" ct state invalid meta l4proto tcp '
                f"meta mark set {RESET_MARK} reject with tcp reset",
                f'iifname "{inside}" oifname "{outside}" ct state new '
                "meta l4proto { tcp, udp } accept",
                "drop",
            ],
        ),
        # The reset has its route by then; the mark would lead what encapsulates it astray.
        *_chain(
            "unmarked",
            [
                "type filter hook postrouting priority mangle;",
                f"meta mark {RESET_MARK} meta mark set 0",
            ],
        ),
        *_chain(
            "translated",
            [
                "type nat hook postrouting priority srcnat;",
                f'oifname "{outside}" meta l4proto {{ tcp, udp }} snat to {source}',
            ],
        ),
    ]


def _leases(leases: Iterable[PortLease], *, outside: str) -> list[str]:
    """Answers find the host whose port it is; nothing is remembered, as in Ananta's muxes."""
    elements = [
        f"{lease.public_address} . {protocol} . {lease.ports.first}-{lease.ports.last} : "
        f"{lease.locator}"
        for lease in leases
        for protocol in protocols_of(lease)
    ]
    return [
        "map leased {",
        "  type ipv4_addr . inet_proto . inet_service : ipv4_addr;",
        "  flags interval;",
        f"  elements = {{ {', '.join(elements)} }};",
        "}",
        *_chain(
            "answers",
            [
                "type filter hook prerouting priority raw;",
                f'iifname "{outside}" ip daddr set ip daddr . meta l4proto . th dport map @leased',
            ],
        ),
    ]


def _chain(name: str, lines: Iterable[str]) -> list[str]:
    return [f"chain {name} {{", *(f"  {line}" for line in lines), "}"]
