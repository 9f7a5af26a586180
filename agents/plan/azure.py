"""What Azure CNI adds to a node in transparent mode (semantics §4.3, claims B3, C10)."""

from collections.abc import Iterable
from ipaddress import IPv4Network

from agents.objects.namespace import NamespaceObjects
from agents.objects.origin import Origin
from agents.objects.route import Route
from agents.plan.node import NODE_LINK
from lab.contract.node_state import Address, AzureCni, AzureCniMode, Pod


def azure_objects_for(
    azure: AzureCni, pods: Iterable[Pod], *, gateway: Address
) -> NamespaceObjects:
    """A route and proxy ARP per pod, and what the node reaches over its own gateway.

    Raises:
        ValueError: a mode that this agent cannot make.
    """
    if azure.mode is not AzureCniMode.TRANSPARENT:
        raise ValueError(f"Azure CNI in {azure.mode.value} mode is not there yet")
    interfaces = [pod.interface for pod in pods if pod.interface is not None]
    routes = [
        Route(
            prefix=IPv4Network(int(interface.address.ip)),
            origin=Origin.BOOT,
            link=interface.host_interface,
        )
        for interface in interfaces
    ]
    routes += [
        Route(prefix=prefix, origin=Origin.BOOT, link=NODE_LINK, gateway=gateway)
        for prefix in azure.routes_via_gateway
    ]
    proxies = {f"net.ipv4.conf.{each.host_interface}.proxy_arp": "1" for each in interfaces}
    return NamespaceObjects(
        routes=frozenset(routes), sysctls={"net.ipv4.ip_forward": "1", **proxies}
    )
