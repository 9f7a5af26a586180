"""What pods hold, and the ends of their cables in the node."""

from ipaddress import IPv4Address, IPv4Network

from agents.objects.address import Address
from agents.objects.link import Link, Loopback, Veth
from agents.objects.namespace import (
    NODE_NAMESPACE,
    Desired,
    NamespaceObjects,
    pod_namespace,
)
from agents.objects.neighbour import Neighbour
from agents.objects.origin import Origin
from agents.objects.route import Route
from lab.contract.node_state import Address as ContractAddress
from lab.contract.node_state import Pod, PodInterface

POD_LINK = "eth0"

ROUTED_PORT_MAC = "aa:aa:aa:aa:aa:aa"
"""The node's ends of routed pods' cables, all alike (semantics §4.3)."""

_ROUTED_GATEWAY = IPv4Address("169.254.1.1")
"""Whom a routed pod sends everything to; nobody owns it (semantics §4.3)."""

_EVERYTHING = IPv4Network("0.0.0.0/0")

_SYSCTLS = {
    "net.ipv4.ip_forward": "0",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv6.conf.all.disable_ipv6": "0",
    "net.ipv6.conf.default.disable_ipv6": "0",
    # Or addresses would be printed as tentative for their first seconds.
    "net.ipv6.conf.default.accept_dad": "0",
}


def pod_subject(pod: Pod) -> str:
    """How conditions name a pod."""
    return f"pod/{pod.namespace}/{pod.name}"


def pod_for(pod: Pod, *, routed: bool = False, gateway_mac: str = "") -> Desired:
    """A pod's namespace; for one on the host's network, another name for the node's.

    `routed`: it shares no segment with anybody, and knows its node by a made-up gateway.
    Else `gateway_mac` is who answers for its gateway; empty: that is not known.
    """
    if pod.interface is None:
        return Desired(subject=pod_subject(pod), alias_of=NODE_NAMESPACE)
    interface = pod.interface
    return Desired(
        subject=pod_subject(pod),
        objects=NamespaceObjects(
            links=frozenset(
                [
                    Link(name="lo", kind=Loopback()),
                    Link(
                        name=POD_LINK,
                        kind=Veth(peer_namespace=NODE_NAMESPACE, peer=interface.host_interface),
                        mtu=interface.mtu,
                        mac=interface.mac,
                    ),
                ]
            ),
            addresses=frozenset(
                [Address(link=POD_LINK, interface=interface.address, on_link=not routed)]
            ),
            routes=frozenset(
                [_route(_EVERYTHING, _ROUTED_GATEWAY), _route(IPv4Network(_ROUTED_GATEWAY), None)]
                if routed
                else [_route(_EVERYTHING, interface.gateway)]
            ),
            neighbours=_gateway(interface, routed=routed, mac=gateway_mac),
            sysctls=_SYSCTLS,
        ),
    )


def _gateway(interface: PodInterface, *, routed: bool, mac: str) -> frozenset[Neighbour]:
    """Whom a pod sends everything to, known beforehand."""
    if routed:
        # An answer by proxy ARP would come after a random wait.
        mac = ROUTED_PORT_MAC
    address = _ROUTED_GATEWAY if routed else interface.gateway
    gateway = Neighbour(
        link=POD_LINK, address=address, mac=mac, origin=Origin.UNKNOWN, learned=not routed
    )
    return frozenset([gateway] if mac else [])


def _route(prefix: IPv4Network, gateway: ContractAddress | None) -> Route:
    return Route(prefix=prefix, origin=Origin.BOOT, link=POD_LINK, gateway=gateway)


def port_for(
    pod: Pod,
    interface: PodInterface,
    *,
    bridge: str,
    mac: str | None = None,
    hairpin: bool = False,
) -> Link:
    """The end of a pod's cable that stays in the node; `bridge` empty: routed, no port."""
    return Link(
        name=interface.host_interface,
        kind=Veth(peer_namespace=pod_namespace(pod.uid), peer=POD_LINK),
        mtu=interface.mtu,
        mac=mac,
        master=bridge,
        hairpin=hairpin,
    )
