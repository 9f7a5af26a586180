"""What kubenet adds to a node (semantics §4.1)."""

from dataclasses import replace
from ipaddress import IPv4Address

from agents.objects.link import Bridge, Link
from agents.plan.kubenet import bridge_mac, kubenet_objects_for, kubenet_rulesets_for
from tests.unit.agents.states import host_network_pod, kubenet, pod


def test_the_bridge_has_a_fixed_mac_and_is_promiscuous() -> None:
    (bridge,) = kubenet_objects_for(kubenet(1)).links
    assert bridge == Link(
        name="cbr0", kind=Bridge(), mtu=1500, mac="0a:58:0a:f4:01:01", promiscuous=True
    )


def test_a_mac_follows_from_the_address() -> None:
    assert bridge_mac(IPv4Address("192.168.255.1")) == "0a:58:c0:a8:ff:01"


def test_a_node_of_kubenet_forwards() -> None:
    assert kubenet_objects_for(kubenet(1)).sysctls == {"net.ipv4.ip_forward": "1"}


def test_the_bridges_address_is_the_pods_gateway() -> None:
    (address,) = kubenet_objects_for(kubenet(1)).addresses
    assert (address.link, str(address.interface)) == ("cbr0", "10.244.1.1/24")


def test_duplicates_are_only_filtered_where_the_bridge_makes_them() -> None:
    (filtering,) = kubenet_rulesets_for(kubenet(1))
    assert filtering.name.chain == "AKS-DEDUP-PROMISC"
    assert "-s 0a:58:0a:f4:01:01 " in filtering.rules[0]
    assert kubenet_rulesets_for(replace(kubenet(1), promiscuous=False)) == ()


def test_pods_are_neighbours_as_if_they_had_been_asked() -> None:
    """They don't count against the machine's table, and `arp -n` shows them (claim I6)."""
    (neighbour,) = kubenet_objects_for(kubenet(1), [pod(1, 0), host_network_pod("x")]).neighbours
    assert (neighbour.link, str(neighbour.address)) == ("cbr0", "10.244.1.2")
    assert (neighbour.mac, neighbour.learned) == ("d6:12:5a:78:01:00", True)
