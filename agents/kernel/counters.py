"""What each rule of a virtual switch's security gates has counted, from one netlink dump."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct

from agents.kernel.attributes import attributes, listed, string
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.netlink import NETFILTER_FAMILY, NetlinkSocket
from agents.kernel.nftables import rule_listing
from agents.objects.namespace import VSWITCH_NAMESPACE
from agents.plan.security import SECURITY_TABLE, gate_chains, platform_chain_of
from lab.contract.node_state import Vswitch

_CHAIN, _EXPRESSIONS, _USER_DATA = 2, 4, 7
_EXPRESSION_NAME, _EXPRESSION_DATA = 1, 2
_BYTES, _PACKETS = 1, 2
_COMMENT = 0

_BE64 = Struct(">Q")
_HEADER = 4  # struct nfgenmsg


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Packets that a rule decided on: the first ones of flows."""

    packets: int = 0
    octets: int = 0


def security_counters(
    directory: NamespaceDirectory, vswitch: Vswitch
) -> Mapping[str, Mapping[str, Counter]]:
    """Counters by rule name, by the gate's chain (`agents.plan.security.gate_chains`).

    Counted since the rule was written; one that can match nothing has counted
    nothing. Call from a thread that may change its namespace.

    Raises:
        NamespaceMissing: there is no virtual switch.
        OSError: the kernel refused.
    """
    with directory.inside(VSWITCH_NAMESPACE), NetlinkSocket(NETFILTER_FAMILY) as netlink:
        _, _, table = SECURITY_TABLE.table.partition(" ")
        rows = netlink.dump(rule_listing(socket.AF_INET, table), _parse)
    seen = {(chain, name): counter for chain, name, counter in rows}
    return {
        chain: {
            rule.name: seen.get(
                (platform_chain_of(chain) if rule.platform else chain, rule.name), Counter()
            )
            for rule in gate.rules
        }
        for chain, gate in gate_chains(vswitch).items()
    }


def _parse(data: bytes, start: int, end: int) -> tuple[str, str, Counter]:
    """Chain, comment, counter of a rule."""
    found = attributes(data, start + _HEADER, end)
    counter = Counter()
    for expression in listed(found.get(_EXPRESSIONS, b"")):
        parts = attributes(expression, 0, len(expression))
        if parts.get(_EXPRESSION_NAME) == b"counter\0":
            detail = parts[_EXPRESSION_DATA]
            values = attributes(detail, 0, len(detail))
            counter = Counter(
                packets=_BE64.unpack(values[_PACKETS])[0], octets=_BE64.unpack(values[_BYTES])[0]
            )
    return string(found[_CHAIN]), _comment(found.get(_USER_DATA, b"")), counter


def _comment(user_data: bytes) -> str:
    """What nft keeps beside a rule: bytes of type, length, value."""
    at = 0
    while at + 2 <= len(user_data):
        kind, length = user_data[at], user_data[at + 1]
        if kind == _COMMENT:
            return string(user_data[at + 2 : at + 2 + length])
        at += 2 + length
    return ""
