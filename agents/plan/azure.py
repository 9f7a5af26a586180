"""What Azure CNI adds to a node (semantics §4.2, §4.3, claims B1, B3, C10)."""

from collections.abc import Iterable
from ipaddress import IPv4Network

from agents.objects.link import Bridge, Link
from agents.objects.namespace import NamespaceObjects
from agents.objects.neighbour import Neighbour
from agents.objects.origin import Origin
from agents.objects.route import Route
from agents.objects.ruleset import Ruleset
from agents.plan.node import FABRIC_MAC, NODE_LINK
from agents.render.ebtables import bridge_rulesets
from lab.contract.node_state import AzureCni, Nic, Pod, PodInterface


def azure_objects_for(azure: AzureCni, pods: Iterable[Pod], nic: Nic) -> NamespaceObjects:
    """How the node reaches its pods: through a bridge if it has one, else by routes."""
    interfaces = _interfaces(pods)
    return _bridged(azure, interfaces, nic) if azure.bridge else _routed(azure, interfaces, nic)


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
