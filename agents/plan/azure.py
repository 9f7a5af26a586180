"""What Azure CNI adds to a node (semantics §4.2, §4.3, claims B1, B3, C10)."""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Interface, IPv4Network

from agents.objects.link import Bridge, Link
from agents.objects.namespace import NamespaceObjects
from agents.objects.neighbour import Neighbour
from agents.objects.origin import Origin
from agents.objects.route import MAIN_TABLE, Route
from agents.objects.rule import Rule
from agents.objects.ruleset import Ruleset
from agents.plan.node import FABRIC_MAC, NODE_LINK
from agents.render.ebtables import bridge_rulesets
from agents.render.masqueraded_connections import MASQUERADE_MARK
from lab.contract.node_state import AzureCni, AzureCniMode, Nic, Pod, PodInterface

_FABRIC_TABLE = 110
_AS_THE_NODE, _BETWEEN_PODS = 100, 101
"""Priorities."""


def azure_objects_for(
    azure: AzureCni, pods: Iterable[Pod], nic: Nic, *, serves: bool = False
) -> NamespaceObjects:
    """How the node reaches its pods: through a bridge if it has one, else by routes.

    `serves`: there are Services, whose packets to pods the node itself sends on.
    """
    interfaces = _interfaces(pods)
    if not azure.bridge:
        return _routed(azure, interfaces, nic)
    bridged = _bridged(azure, interfaces, nic)
    if not serves or azure.mode is not AzureCniMode.TUNNEL:
        return bridged
    routes, rules = _through_the_fabric(azure, interfaces, nic)
    return replace(bridged, routes=routes, rules=rules)


def azure_rulesets_for(azure: AzureCni, pods: Iterable[Pod], nic: Nic) -> tuple[Ruleset, ...]:
    """The plugin's rules at its bridge; none without one."""
    if not azure.bridge:
        return ()
    return bridge_rulesets(azure, nic, _interfaces(pods), port=NODE_LINK, fabric_mac=FABRIC_MAC)


def _interfaces(pods: Iterable[Pod]) -> list[PodInterface]:
    return [pod.interface for pod in pods if pod.interface is not None]


def _bridged(azure: AzureCni, interfaces: list[PodInterface], nic: Nic) -> NamespaceObjects:
    """The bridge, which takes over from the NIC, and its pods as permanent neighbours.

    The plugin has no such neighbours in tunnel mode, where the node would find its pods
    by way of the fabric. But there an answer to a masqueraded packet, which looks for
    its pod at the bridge, would be sent with a stranger's source address and be dropped
    (semantics 1.7): decision 0055.
    """
    return NamespaceObjects(
        links=frozenset([Link(name=azure.bridge, kind=Bridge(), mtu=nic.mtu, mac=nic.mac)]),
        neighbours=frozenset(
            Neighbour(
                link=azure.bridge,
                address=interface.address.ip,
                mac=interface.mac,
                origin=Origin.VNETLAB,
            )
            for interface in interfaces
        ),
        sysctls={
            "net.ipv4.ip_forward": "1",
            # Or frames would pass the masquerading rules by (claim B22).
            "net.bridge.bridge-nf-call-iptables": "1",
        },
    )


def _through_the_fabric(
    azure: AzureCni, interfaces: list[PodInterface], nic: Nic
) -> tuple[frozenset[Route], frozenset[Rule]]:
    """Routes and rules by which translated packets between pods take the way of all others.

    The answer goes out to the fabric, so the question has to: each passes the node
    twice then, and leaves it with addresses that the fabric knows (decision 0090). What is
    masqueraded stays inside, and so do its answers (decision 0099).
    """
    if not isinstance(nic.primary, IPv4Interface):
        return frozenset(), frozenset()
    subnet = nic.primary.network
    route = Route(
        prefix=subnet,
        origin=Origin.VNETLAB,
        table=_FABRIC_TABLE,
        link=azure.bridge,
        gateway=nic.gateway,
    )
    masqueraded = Rule(
        priority=_AS_THE_NODE,
        table=MAIN_TABLE,
        origin=Origin.VNETLAB,
        incoming=azure.bridge,
        mark=MASQUERADE_MARK,
    )
    return frozenset([route]), frozenset(
        [
            masqueraded,
            *(
                Rule(
                    priority=_BETWEEN_PODS,
                    table=_FABRIC_TABLE,
                    origin=Origin.VNETLAB,
                    incoming=azure.bridge,
                    source=IPv4Network(int(interface.address.ip)),
                    destination=subnet,
                )
                for interface in interfaces
            ),
        ]
    )


def _routed(azure: AzureCni, interfaces: list[PodInterface], nic: Nic) -> NamespaceObjects:
    """A route and proxy ARP per pod, and what the node reaches over its own gateway."""
    routes = [
        Route(
            prefix=IPv4Network(int(interface.address.ip)),
            origin=Origin.BOOT,
            link=interface.host_interface,
        )
        for interface in interfaces
    ]
    routes += [
        Route(prefix=prefix, origin=Origin.BOOT, link=NODE_LINK, gateway=nic.gateway)
        for prefix in azure.routes_via_gateway
    ]
    proxies = {f"net.ipv4.conf.{each.host_interface}.proxy_arp": "1" for each in interfaces}
    return NamespaceObjects(
        routes=frozenset(routes),
        neighbours=frozenset(
            Neighbour(
                link=interface.host_interface,
                address=interface.address.ip,
                mac=interface.mac,
                origin=Origin.UNKNOWN,
                learned=True,
            )
            for interface in interfaces
        ),
        sysctls={"net.ipv4.ip_forward": "1", **proxies},
    )
