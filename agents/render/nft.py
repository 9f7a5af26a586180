"""The virtual switch's own table: who is reached, and the way to the Internet.

What its guest may send at all is asked before that (`agents.plan.fabric`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, collapse_addresses

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from agents.render.balanced import answered_chains, balanced_rules, found_chain, moved_chain
from agents.render.leases import leased_chains
from agents.render.platform import platform_chain
from lab.contract.node_state import Nic, Vswitch

VSWITCH_TABLE = RulesetName(tool=RulesetTool.NFT.value, table="ip vnetlab")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What rules tell packets apart by."""

    nic: str
    """The device towards the node."""
    internet: str
    """The device that packets leave through for the Internet."""
    node: tuple[IPv4Network, ...]
    """Addresses of the node's network container."""
    pods: tuple[IPv4Network, ...] = ()
    """Addresses of the pods' network container, without the node's; empty: there is none."""


def vswitch_ruleset(
    nic: Nic, vswitch: Vswitch, ports: Ports, *, platform: bool = False, probed: bool = False
) -> Ruleset:
    """What the switch does to packets of its one NIC, beside routing them.

    `platform`: it has services of its own for its guest; `probed`: it asks whether that is up.
    """
    balanced = vswitch.node.balanced
    rules = _chain(
        "forwarded",
        "filter hook forward priority filter",
        [
            *balanced_rules(balanced, nic=ports.nic, internet=ports.internet),
            *_to_nic(nic, vswitch, ports),
            *_to_internet(nic, vswitch, ports),
        ],
    )
    if platform:
        rules += platform_chain(ports.nic, probed=probed)
    if vswitch.node.accepts_inbound:
        rules += _inbound(nic, vswitch, ports)
    if vswitch.node.leases:
        own = _any_of(_borrowing(nic, vswitch, ports))
        rules += leased_chains(vswitch.node.leases, own=own, internet=ports.internet)
    if balanced:
        rules += found_chain(balanced, internet=ports.internet)
        rules += moved_chain(balanced, own=nic.primary.ip, internet=ports.internet)
    if balanced and vswitch.node.answers:
        rules += answered_chains(balanced, own=nic.primary.ip, nic=ports.nic)
    translations = _translations(vswitch, ports)
    if translations:
        # Only then: a nat chain has the kernel track every connection.
        rules += _chain("translated", "nat hook postrouting priority srcnat", translations)
    return Ruleset(name=VSWITCH_TABLE, rules=tuple(rules))


def _to_nic(nic: Nic, vswitch: Vswitch, ports: Ports) -> list[str]:
    outgoing = f'oifname "{ports.nic}"'
    if not nic.enable_ip_forwarding:
        return [f"{outgoing} ip daddr != {_any_of(_own(ports))} drop"]
    containers = [vswitch.node] if vswitch.pods is None else [vswitch.node, vswitch.pods]
    publics = dict.fromkeys(each.public_address for each in containers if each.public_address)
    # A stranger's packet: answers have been translated back by now.
    return [f"{outgoing} ip daddr {each} drop" for each in publics if each != nic.primary.ip]


def _to_internet(nic: Nic, vswitch: Vswitch, ports: Ports) -> list[str]:
    """The fabric translates a port's own addresses; what comes from others is dropped."""
    allowed = [*ports.node] if vswitch.node.public_address is not None else []
    if vswitch.node.leases:
        allowed = _borrowing(nic, vswitch, ports)
    if vswitch.pods is not None and vswitch.pods.public_address is not None:
        allowed += ports.pods
    outgoing = f'oifname "{ports.internet}"'
    if not allowed:
        return [f"{outgoing} drop"]
    return [f"{outgoing} ip saddr != {_any_of(allowed)} drop"]


def _inbound(nic: Nic, vswitch: Vswitch, ports: Ports) -> list[str]:
    """What begins outside: the guest sees its private address, whoever asks (semantics 1.10).

    An answer that a user-defined route takes elsewhere than to the Internet is not
    the fabric's to translate: the appliance sees the private address.
    """
    public, private = vswitch.node.public_address, nic.primary.ip
    return [
        *_chain(
            "published",
            "nat hook prerouting priority dstnat",
            [f'iifname "{ports.internet}" ip daddr {public} dnat to {private}'],
        ),
        *_chain(
            "diverted",
            "filter hook postrouting priority srcnat + 10",
            [f'oifname != "{ports.internet}" ip saddr {public} ip saddr set {private}'],
        ),
    ]


def _translations(vswitch: Vswitch, ports: Ports) -> list[str]:
    outgoing = f'oifname "{ports.internet}"'
    rules = []
    if vswitch.pods is not None and vswitch.pods.public_address is not None and ports.pods:
        sources = _any_of(ports.pods)
        rules.append(f"{outgoing} ip saddr {sources} snat to {vswitch.pods.public_address}")
    if vswitch.node.public_address is not None:
        rules.append(f"{outgoing} snat to {vswitch.node.public_address}")
    return rules


def _borrowing(nic: Nic, vswitch: Vswitch, ports: Ports) -> list[IPv4Network]:
    """Who has leased ports to leave with: no secondary address of the node (semantics 2.6)."""
    pods = ports.pods if vswitch.pods is not None and vswitch.pods.leases else ()
    return [IPv4Network(int(nic.primary.ip)), *pods]


def _own(ports: Ports) -> list[IPv4Network]:
    return [*ports.pods, *ports.node]


def _any_of(prefixes: Iterable[IPv4Network]) -> str:
    """Prefixes as the right-hand side of a match."""
    merged = list(collapse_addresses(prefixes))
    if len(merged) == 1:
        return _written(merged[0])
    return f"{{ {', '.join(map(_written, merged))} }}"


def _written(prefix: IPv4Network) -> str:
    return str(prefix.network_address) if prefix.prefixlen == prefix.max_prefixlen else str(prefix)


def _chain(name: str, hook: str, rules: list[str]) -> list[str]:
    return [f"chain {name} {{", f"  type {hook};", *(f"  {rule}" for rule in rules), "}"]
