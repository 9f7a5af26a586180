"""What the namespaces of a host without a guest hold: a switch where virtual networks end.

What comes from virtual networks arrives in one tunnel and what comes from outside
in the other, so each has a routing table of its own and the two never mix.
"""

from collections.abc import Mapping

from agents.objects.link import Link, Loopback
from agents.objects.namespace import (
    NODE_NAMESPACE,
    VSWITCH_NAMESPACE,
    Desired,
    NamespaceObjects,
)
from agents.objects.origin import Origin
from agents.objects.rule import LOCAL_TABLE, Rule
from agents.plan.fabric import edge_fabric_table
from agents.plan.routes import (
    FABRIC_LINK,
    INTERNET_LINK,
    INWARD_TABLE,
    OUTWARD_TABLE,
    edge_routes_for,
)
from agents.plan.vswitch import FORWARDING, tunnels
from agents.render.balancing import balancing_ruleset
from agents.render.edge import RESET_MARK, edge_ruleset
from lab.contract.node_state import Edge, NodeState, SourceTranslation

_LOOPBACK = Link(name="lo", kind=Loopback())

_RULES = frozenset(
    [
        Rule(priority=10, table=OUTWARD_TABLE, incoming=FABRIC_LINK, origin=Origin.VNETLAB),
        Rule(priority=11, table=INWARD_TABLE, incoming=INTERNET_LINK, origin=Origin.VNETLAB),
        # The one thing that an edge says itself, to whoever sends on a dead connection.
        Rule(priority=12, table=INWARD_TABLE, mark=RESET_MARK, origin=Origin.VNETLAB),
        Rule(priority=100, table=LOCAL_TABLE, origin=Origin.VNETLAB),
    ]
)


def edge_for(state: NodeState, edge: Edge) -> Mapping[str, Desired]:
    """Both namespaces of the host; that of the node has nothing in it."""
    fabric = edge_routes_for(edge, own=state.vswitch.underlay_address)
    timers = _timers(edge.translation) if edge.translation is not None else {}
    return {
        VSWITCH_NAMESPACE: Desired(
            subject="vswitch",
            objects=NamespaceObjects(
                links=frozenset([_LOOPBACK, *tunnels(state.nic.mtu)]),
                routes=fabric.routes,
                nexthops=fabric.nexthops,
                rules=_RULES,
                sysctls={**FORWARDING, **timers},
            ),
            rulesets=(
                edge_fabric_table(),
                edge_ruleset(edge, inside=FABRIC_LINK, outside=INTERNET_LINK),
                *([balancing_ruleset(edge, outside=INTERNET_LINK)] if edge.rules else []),
            ),
        ),
        NODE_NAMESPACE: Desired(
            subject="node", objects=NamespaceObjects(links=frozenset([_LOOPBACK]))
        ),
    }


def _timers(translation: SourceTranslation) -> Mapping[str, str]:
    """How long a NAT gateway keeps a port for a flow (semantics 2.6), in seconds."""
    tcp = "net.netfilter.nf_conntrack_tcp_timeout_"
    udp = "net.netfilter.nf_conntrack_udp_timeout"
    return {
        # A packet in the middle of a connection that is not known belongs to a dead one.
        "net.netfilter.nf_conntrack_tcp_loose": "0",
        "net.ipv4.fwmark_reflect": "1",
        f"{tcp}established": str(translation.tcp_idle_seconds),
        f"{tcp}syn_sent": "30",
        f"{tcp}syn_recv": "30",
        f"{tcp}time_wait": "65",
        f"{tcp}close": "16",
        udp: "240",
        f"{udp}_stream": "240",
    }
