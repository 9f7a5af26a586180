"""What the virtual switch's namespace holds."""

from collections.abc import Callable
from dataclasses import fields, replace
from ipaddress import IPv4Network
from operator import attrgetter

from agents.objects.filter import FilterTable
from agents.objects.link import Link, Loopback, Veth, VxlanGpe
from agents.objects.namespace import NODE_NAMESPACE, Desired, NamespaceObjects
from agents.objects.neighbour import Neighbour
from agents.objects.origin import Origin
from agents.objects.rule import LOCAL_TABLE, Rule
from agents.objects.ruleset import Ruleset
from agents.plan.containers import node_addresses, own_addresses, pod_addresses
from agents.plan.fabric import host_fabric_table
from agents.plan.node import FABRIC_MAC, NODE_LINK
from agents.plan.platform import platform_objects
from agents.plan.routes import (
    ANSWERS_TABLE,
    FABRIC_LINK,
    GUEST,
    INTERNET_LINK,
    INWARD_TABLE,
    NIC_LINK,
    OUTWARD_TABLE,
    PODS_TABLE,
    routes_for,
)
from agents.plan.security import security_table
from agents.render.balanced import ANSWER_MARK
from agents.render.nft import Ports, vswitch_ruleset
from lab.contract.node_state import NetworkContainer, NodeState

_FABRIC_PORT = 4790
_INTERNET_PORT = 4791

KERNEL_LOCAL_RULE = Rule(priority=0, table=LOCAL_TABLE, origin=Origin.KERNEL)
"""The kernel's first rule. Ours to remove here: guests may use the underlay's addresses."""

_RULES = frozenset(
    [
        Rule(priority=10, table=OUTWARD_TABLE, incoming=NIC_LINK, origin=Origin.VNETLAB),
        Rule(priority=11, table=INWARD_TABLE, incoming=FABRIC_LINK, origin=Origin.VNETLAB),
        Rule(priority=12, table=INWARD_TABLE, incoming=INTERNET_LINK, origin=Origin.VNETLAB),
        Rule(priority=100, table=LOCAL_TABLE, origin=Origin.VNETLAB),
    ]
)

_ANSWERS = Rule(
    priority=8,
    table=ANSWERS_TABLE,
    incoming=NIC_LINK,
    mark=ANSWER_MARK,
    origin=Origin.VNETLAB,
)

# A new namespace starts with what the machine happens to have set
# (native-runtime-facts §1): everything relied upon is written.
FORWARDING = {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv4.conf.all.send_redirects": "0",
    "net.ipv4.conf.default.send_redirects": "0",
    # A guest may have the address that this host has in the underlay.
    "net.ipv4.conf.all.accept_local": "1",
    # No socket here has what passes: the kernel needn't look for one, packet by packet.
    "net.ipv4.ip_early_demux": "0",
    "net.ipv6.conf.all.disable_ipv6": "1",
    "net.ipv6.conf.default.disable_ipv6": "1",
}
"""What a switch sets to route between its links and never speak itself."""

_SYSCTLS = FORWARDING | {
    f"net.ipv4.conf.{NIC_LINK}.proxy_arp": "1",
    # Also for who is behind the same port, as the node's own pods are (semantics 1.3, 4.2).
    f"net.ipv4.conf.{NIC_LINK}.proxy_arp_pvlan": "1",
    # The kernel answers for others after a random wait, unless told to answer at once.
    f"net.ipv4.neigh.{NIC_LINK}.proxy_delay": "0",
}


def vswitch_for(
    state: NodeState, *, before: NodeState | None = None, earlier: Desired | None = None
) -> Desired:
    """The namespace beside the node that plays the cloud's part of its network.

    What follows from the same as in `before` is taken from `earlier`.
    """
    objects: NamespaceObjects | None = None
    rulesets = guarding = None
    if before is not None and earlier is not None and _same_guest(state, before):
        if _same(state, before, _UNGATED):
            objects = earlier.objects
        elif _same(state, before, _BARE):
            objects = _with_routes(earlier.objects, state)
        if _same(state, before, _UNROUTED):
            rulesets = earlier.rulesets
        elif _same(state, before, _BARE):
            guarding = earlier.rulesets[:_GUARDING]
    return Desired(
        subject="vswitch",
        objects=objects or _objects_for(state),
        rulesets=rulesets or (*(guarding or _guarding(state)), *_security(state)),
    )


def _with_routes(objects: NamespaceObjects, state: NodeState) -> NamespaceObjects:
    """`objects`, with the routes that `state` says."""
    fabric = routes_for(state.vswitch, state.nic)
    return replace(objects, routes=fabric.routes, nexthops=fabric.nexthops)


_Parts = Callable[[NetworkContainer], tuple[object, ...]]


def _without(*left_out: str) -> _Parts:
    names = (field.name for field in fields(NetworkContainer))
    return attrgetter(*(name for name in names if name not in left_out))


_UNGATED = _without("inbound", "outbound")
"""All that objects follow from."""
_UNROUTED = _without("routes")
"""All that rules follow from."""
_BARE = _without("routes", "inbound", "outbound")
"""All that objects beside routes, and rules beside those of gates follow from."""


def _same_guest(state: NodeState, before: NodeState) -> bool:
    return (
        state.nic == before.nic
        and (state.platform is None) == (before.platform is None)
        and bool(state.health_probes) == bool(before.health_probes)
    )


def _same(state: NodeState, before: NodeState, parts: _Parts) -> bool:
    """Whether the switches are the same in these parts of their containers."""
    one, other = state.vswitch, before.vswitch
    if one.underlay_address != other.underlay_address or parts(one.node) != parts(other.node):
        return False
    if one.pods is None or other.pods is None:
        return one.pods is other.pods
    return parts(one.pods) == parts(other.pods)


def _objects_for(state: NodeState) -> NamespaceObjects:
    nic = state.nic
    pods = pod_addresses(state.vswitch, nic)
    services = NamespaceObjects() if state.platform is None else platform_objects()
    unrouted = NamespaceObjects(
        links=frozenset(
            [
                Link(name="lo", kind=Loopback()),
                Link(
                    name=NIC_LINK,
                    kind=Veth(peer_namespace=NODE_NAMESPACE, peer=NODE_LINK),
                    mtu=nic.mtu,
                    mac=FABRIC_MAC,
                ),
                *tunnels(nic.mtu),
            ]
        ),
        addresses=services.addresses,
        neighbours=frozenset(
            [Neighbour(link=NIC_LINK, address=GUEST, mac=nic.mac, origin=Origin.VNETLAB)]
        ),
        rules=_RULES
        | services.rules
        | {_from_pods(prefix) for prefix in pods}
        | ({_ANSWERS} if state.vswitch.node.answers else frozenset()),
        sysctls=_SYSCTLS,
    )
    return _with_routes(unrouted, state)


_GUARDING = 2
"""How many rulesets a switch has that are not its gates."""


def _guarding(state: NodeState) -> tuple[Ruleset | FilterTable, ...]:
    """What a port may send and receive at all, and how it gets to the Internet."""
    nic, vswitch, platform = state.nic, state.vswitch, state.platform is not None
    ports = Ports(
        nic=NIC_LINK,
        internet=INTERNET_LINK,
        node=node_addresses(vswitch, nic),
        pods=pod_addresses(vswitch, nic),
    )
    own = own_addresses(vswitch, nic)
    return (
        host_fabric_table(nic, own, platform=platform, balanced=vswitch.node.balanced),
        vswitch_ruleset(nic, vswitch, ports, platform=platform, probed=bool(state.health_probes)),
    )


def _security(state: NodeState) -> tuple[FilterTable, ...]:
    pods = pod_addresses(state.vswitch, state.nic)
    table = security_table(
        state.vswitch, nic_link=NIC_LINK, pods=pods, probed=bool(state.health_probes)
    )
    return () if table is None else (table,)


def tunnels(mtu: int) -> tuple[Link, Link]:
    """The devices towards other hosts: of virtual networks, and of what is outside of them."""
    return (
        Link(name=FABRIC_LINK, kind=VxlanGpe(port=_FABRIC_PORT), mtu=mtu),
        Link(name=INTERNET_LINK, kind=VxlanGpe(port=_INTERNET_PORT), mtu=mtu),
    )


def _from_pods(prefix: IPv4Network) -> Rule:
    return Rule(
        priority=9,
        table=PODS_TABLE,
        incoming=NIC_LINK,
        source=prefix,
        origin=Origin.VNETLAB,
    )
