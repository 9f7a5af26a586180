"""What kubenet adds to a node (semantics §4.1, claims A1, A9, A10)."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

from agents.objects.address import Address
from agents.objects.link import Bridge, Link
from agents.objects.namespace import NamespaceObjects
from agents.objects.neighbour import Neighbour
from agents.objects.origin import Origin
from agents.objects.ruleset import Ruleset
from agents.render.ebtables import deduplication_ruleset
from lab.contract.node_state import Kubenet, Pod

_BRIDGED_FRAMES = {"net.bridge.bridge-nf-call-iptables": "1"}


def kubenet_objects_for(
    kubenet: Kubenet, pods: Iterable[Pod] = (), *, serves: bool = False
) -> NamespaceObjects:
    """The bridge, its address, the pods behind it, and a node that forwards.

    `serves`: there are Services, so that bridged frames have to meet iptables: an
    answer from a pod of the same node would pass the translation by (semantics 4.1).
    """
    return NamespaceObjects(
        links=frozenset(
            [
                Link(
                    name=kubenet.bridge,
                    kind=Bridge(),
                    mtu=kubenet.mtu,
                    mac=bridge_mac(kubenet.bridge_interface.ip),
                    promiscuous=kubenet.promiscuous,
                )
            ]
        ),
        addresses=frozenset([Address(link=kubenet.bridge, interface=kubenet.bridge_interface)]),
        neighbours=frozenset(
            Neighbour(
                link=kubenet.bridge,
                address=pod.interface.address.ip,
                mac=pod.interface.mac,
                origin=Origin.UNKNOWN,
                learned=True,
            )
            for pod in pods
            if pod.interface is not None
        ),
        sysctls={"net.ipv4.ip_forward": "1", **(_BRIDGED_FRAMES if serves else {})},
    )


def kubenet_rulesets_for(kubenet: Kubenet) -> tuple[Ruleset, ...]:
    """The rules of the node's components, in their own languages."""
    if not kubenet.promiscuous:
        return ()
    mac = bridge_mac(kubenet.bridge_interface.ip)
    return (deduplication_ruleset(kubenet, bridge_mac=mac),)


def bridge_mac(address: IPv4Address | IPv6Address) -> str:
    """MAC address of the bridge: fixed, or it would follow whichever port has the lowest.

    Made from its IP address behind the prefix that kubenet keeps for its own.
    """
    return (b"\x0a\x58" + address.packed[-4:]).hex(":")
