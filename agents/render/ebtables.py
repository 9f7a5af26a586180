"""What a node's components have ebtables do at their bridges, in the components' own words.

kubenet (semantics §4.1, AKS-DEDUP-PROMISC): a promiscuous cbr0 hears a frame from pod
to pod of the same node a second time as the node's own, and would deliver it twice:
what leaves with the bridge's MAC address but a pod's IP address is the copy.

Azure CNI in bridge and tunnel mode (semantics §4.2): a fabric delivers by IP address
and knows one MAC address per NIC. So pods' frames leave with the NIC's, and what the
NIC receives finds the pod by its IP address.
"""

from collections.abc import Iterable

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from lab.contract.node_state import AzureCni, AzureCniMode, Kubenet, Nic, PodInterface

_CHAIN = "AKS-DEDUP-PROMISC"

DEDUPLICATION_CHAIN = RulesetName(tool=RulesetTool.EBTABLES.value, table="filter", chain=_CHAIN)

PREROUTING = RulesetName(tool=RulesetTool.EBTABLES.value, table="nat", chain="PREROUTING")
POSTROUTING = RulesetName(tool=RulesetTool.EBTABLES.value, table="nat", chain="POSTROUTING")

_POD_PORTS = "az+"
"""Every port of the bridge that Azure CNI made."""


def deduplication_ruleset(kubenet: Kubenet, *, bridge_mac: str) -> Ruleset:
    """The rules of a node whose bridge has that MAC address."""
    copied = f"-p IPv4 -s {bridge_mac} -o veth+ --ip-src"
    return Ruleset(
        name=DEDUPLICATION_CHAIN,
        hooks=(f"-A OUTPUT -j {_CHAIN}",),
        rules=(
            f"{copied} {kubenet.bridge_interface.ip} -j ACCEPT",
            f"{copied} {kubenet.pod_cidr} -j DROP",
        ),
    )


def no_deduplication_ruleset() -> Ruleset:
    """The chain and its hook gone."""
    return Ruleset(name=DEDUPLICATION_CHAIN, rules=())


def bridge_rulesets(
    azure: AzureCni, nic: Nic, pods: Iterable[PodInterface], *, port: str, fabric_mac: str
) -> tuple[Ruleset, ...]:
    """The rules of a node whose NIC is the `port` of Azure CNI's bridge."""
    leaving = f"-s unicast -o {port} -j snat --to-src {nic.mac} --snat-arp --snat-target ACCEPT"
    return (
        Ruleset(name=PREROUTING, rules=tuple(_arriving(azure, nic, pods, port, fabric_mac))),
        Ruleset(name=POSTROUTING, rules=(leaving,)),
    )


def _arriving(
    azure: AzureCni, nic: Nic, pods: Iterable[PodInterface], port: str, fabric_mac: str
) -> Iterable[str]:
    """In the order in which the plugin appends them; the first that matches decides."""
    tunnel = azure.mode is AzureCniMode.TUNNEL
    for address in azure.ips_to_route_via_host:
        # The plugin writes it to the table broute, which ebtables-nft 1.8.9 has not.
        yield f"-p IPv4 --ip-dst {address} -j redirect --redirect-target ACCEPT"
    # The fabric does not answer for the NIC's own address (semantics 1.3).
    yield _arp_reply(nic.primary.ip, nic.mac)
    # They come to the NIC's MAC address, whoever asked: all hear them.
    yield (
        f"-p ARP -i {port} --arp-op Reply -j dnat --to-dst ff:ff:ff:ff:ff:ff --dnat-target ACCEPT"
    )
    if tunnel:
        yield f"-i {_POD_PORTS} -j dnat --to-dst {fabric_mac} --dnat-target ACCEPT"
    for pod in pods:
        yield _arp_reply(pod.address.ip, fabric_mac if tunnel else pod.mac)
        yield (
            f"-p IPv4 -i {port} --ip-dst {pod.address.ip} "
            f"-j dnat --to-dst {pod.mac} --dnat-target ACCEPT"
        )


def _arp_reply(address: object, mac: str) -> str:
    return (
        f"-p ARP --arp-op Request --arp-ip-dst {address} "
        f"-j arpreply --arpreply-mac {mac} --arpreply-target DROP"
    )
