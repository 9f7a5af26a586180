"""Rules at bridges, as text (semantics §4.1, §4.2)."""

from ipaddress import IPv4Address

from agents.objects.ruleset import Ruleset
from agents.render.ebtables import (
    bridge_rulesets,
    deduplication_ruleset,
    no_deduplication_ruleset,
)
from lab.contract.node_state import AzureCni, AzureCniMode
from tests.unit.agents.states import kubenet, nic, pod

FABRIC = "12:34:56:78:9a:bc"
LOCAL_DNS = IPv4Address("169.254.20.10")


def of_azure(mode: AzureCniMode) -> tuple[Ruleset, ...]:
    azure = AzureCni(mode=mode, bridge="azure0", ips_to_route_via_host=(LOCAL_DNS,))
    interface = pod(1, 0).interface
    assert interface is not None
    return bridge_rulesets(azure, nic(1), [interface], port="eth0", fabric_mac=FABRIC)


def test_what_leaves_with_the_bridges_mac_and_a_pods_address_is_a_copy() -> None:
    ruleset = deduplication_ruleset(kubenet(1), bridge_mac="0a:58:0a:f4:01:01")
    assert str(ruleset.name) == "ebtables filter AKS-DEDUP-PROMISC"
    assert ruleset.hooks == ("-A OUTPUT -j AKS-DEDUP-PROMISC",)
    assert ruleset.rules == (
        "-p IPv4 -s 0a:58:0a:f4:01:01 -o veth+ --ip-src 10.244.1.1 -j ACCEPT",
        "-p IPv4 -s 0a:58:0a:f4:01:01 -o veth+ --ip-src 10.244.1.0/24 -j DROP",
    )


def test_removal_owns_the_same_chain() -> None:
    loaded = deduplication_ruleset(kubenet(1), bridge_mac="0a:58:0a:f4:01:01")
    assert no_deduplication_ruleset().name == loaded.name
    assert no_deduplication_ruleset().rules == ()


def test_bridge_mode_answers_for_pods_and_finds_them_by_address() -> None:
    prerouting, postrouting = of_azure(AzureCniMode.BRIDGE)
    assert str(prerouting.name) == "ebtables nat PREROUTING"
    assert prerouting.rules == (
        "-p IPv4 --ip-dst 169.254.20.10 -j redirect --redirect-target ACCEPT",
        "-p ARP --arp-op Request --arp-ip-dst 10.0.0.4 "
        "-j arpreply --arpreply-mac 00:0d:3a:00:00:01 --arpreply-target DROP",
        "-p ARP -i eth0 --arp-op Reply -j dnat --to-dst ff:ff:ff:ff:ff:ff --dnat-target ACCEPT",
        "-p ARP --arp-op Request --arp-ip-dst 10.244.1.2 "
        "-j arpreply --arpreply-mac d6:12:5a:78:01:00 --arpreply-target DROP",
        "-p IPv4 -i eth0 --ip-dst 10.244.1.2 "
        "-j dnat --to-dst d6:12:5a:78:01:00 --dnat-target ACCEPT",
    )
    assert str(postrouting.name) == "ebtables nat POSTROUTING"
    assert postrouting.rules == (
        "-s unicast -o eth0 -j snat --to-src 00:0d:3a:00:00:01 --snat-arp --snat-target ACCEPT",
    )


def test_tunnel_mode_sends_all_that_pods_send_to_the_fabric() -> None:
    """Behind the answer for the node's own address, which the fabric does not give."""
    bridged, _ = of_azure(AzureCniMode.BRIDGE)
    tunnelled, _ = of_azure(AzureCniMode.TUNNEL)
    assert tunnelled.rules[:3] == bridged.rules[:3]
    assert tunnelled.rules[3:5] == (
        f"-i az+ -j dnat --to-dst {FABRIC} --dnat-target ACCEPT",
        "-p ARP --arp-op Request --arp-ip-dst 10.244.1.2 "
        f"-j arpreply --arpreply-mac {FABRIC} --arpreply-target DROP",
    )
    assert tunnelled.rules[5:] == bridged.rules[4:]
