"""The chain against duplicates of a promiscuous bridge (semantics §4.1, AKS-DEDUP-PROMISC).

A promiscuous cbr0 hears a frame from pod to pod of the same node a second time
as the node's own, and would deliver it twice: what leaves with the bridge's MAC
address but a pod's IP address is the copy.
"""

from agents.objects.ruleset import Ruleset, RulesetName, RulesetTool
from lab.contract.node_state import Kubenet

_CHAIN = "AKS-DEDUP-PROMISC"

DEDUPLICATION_CHAIN = RulesetName(tool=RulesetTool.EBTABLES.value, table="filter", chain=_CHAIN)


def deduplication_ruleset(kubenet: Kubenet, *, bridge_mac: str) -> Ruleset:
    """The rules of a node whose bridge has that MAC address."""
    copied = f"-p IPv4 -s {bridge_mac} -o veth+ --ip-src"
    return Ruleset(
        name=DEDUPLICATION_CHAIN,
        hook=f"OUTPUT -j {_CHAIN}",
        rules=(
            f"{copied} {kubenet.bridge_interface.ip} -j ACCEPT",
            f"{copied} {kubenet.pod_cidr} -j DROP",
        ),
    )


def no_deduplication_ruleset() -> Ruleset:
    """The chain and its hook gone."""
    return Ruleset(name=DEDUPLICATION_CHAIN, rules=())
