"""What the node's operating system holds, whatever runs on it."""

from ipaddress import IPv4Network, ip_interface

from agents.objects.address import Address
from agents.objects.link import Link, Loopback, Veth
from agents.objects.namespace import VSWITCH_NAMESPACE, NamespaceObjects
from agents.objects.neighbour import Neighbour
from agents.objects.origin import Origin
from agents.objects.route import Route
from lab.contract.node_state import NodeState
from lab.contract.platform import HOST_ADDRESS, METADATA_ADDRESS

NODE_LINK = "eth0"

FABRIC_MAC = "12:34:56:78:9a:bc"
"""Who answers every ARP request of a guest (semantics 1.3)."""

_SWITCH_LINK = "nic"

_DHCP_METRIC = 100
"""What the DHCP client of Azure's images gives its routes."""

_EVERYTHING = IPv4Network("0.0.0.0/0")

_SERVICES = (IPv4Network(HOST_ADDRESS), IPv4Network(METADATA_ADDRESS))
"""What Azure's DHCP server has routes for beside the default one."""

_SYSCTLS = {
    "net.ipv4.ip_forward": "0",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv6.conf.all.disable_ipv6": "0",
    "net.ipv6.conf.default.disable_ipv6": "0",
    # Or addresses would be printed as tentative for their first seconds.
    "net.ipv6.conf.default.accept_dad": "0",
}


def node_objects_for(state: NodeState) -> NamespaceObjects:
    """The NIC as the guest sees it, configured as Azure's DHCP server would.

    A CNI plugin may have made it a port of its bridge, to which it moves the
    configuration (semantics §4.2).
    """
    nic = state.nic
    bridge = state.azure_cni.bridge if state.azure_cni is not None else ""
    configured = bridge or NODE_LINK
    return NamespaceObjects(
        links=frozenset(
            [
                Link(name="lo", kind=Loopback()),
                Link(
                    name=NODE_LINK,
                    kind=Veth(peer_namespace=VSWITCH_NAMESPACE, peer=_SWITCH_LINK),
                    mtu=nic.mtu,
                    mac=nic.mac,
                    master=bridge,
                    hairpin=bool(bridge),
                ),
            ]
        ),
        addresses=frozenset(
            [
                Address(link=configured, interface=nic.primary, broadcast=True),
                *(Address(link=configured, interface=ip_interface(each)) for each in nic.secondary),
            ]
        ),
        routes=frozenset(
            Route(
                prefix=prefix,
                origin=Origin.DHCP,
                metric=_DHCP_METRIC,
                link=configured,
                gateway=nic.gateway,
                source=nic.primary.ip,
            )
            for prefix in (_EVERYTHING, *(_SERVICES if state.platform is not None else ()))
        ),
        # The fabric answers for it with the same MAC address everywhere (semantics 1.3).
        neighbours=frozenset(
            [
                Neighbour(
                    link=configured,
                    address=nic.gateway,
                    mac=FABRIC_MAC,
                    origin=Origin.UNKNOWN,
                    learned=True,
                )
            ]
        ),
        sysctls=_SYSCTLS,
    )
