"""What Azure CNI puts into a node."""

from ipaddress import IPv4Network

import pytest

from agents.objects.link import Bridge
from agents.objects.route import MAIN_TABLE
from agents.plan.azure import azure_objects_for, azure_rulesets_for
from lab.contract.node_state import AzureCni, AzureCniMode
from tests.unit.agents.states import GATEWAY, host_network_pod, nic, pod

TRANSPARENT = AzureCni(mode=AzureCniMode.TRANSPARENT)
BRIDGED = [
    AzureCni(mode=mode, bridge="azure0") for mode in (AzureCniMode.BRIDGE, AzureCniMode.TUNNEL)
]


def test_every_attached_pod_has_a_route_and_proxy_arp() -> None:
    """A pod on the host's network has neither."""
    objects = azure_objects_for(TRANSPARENT, [pod(1, 0), host_network_pod("x")], nic(1))
    assert [(str(route.prefix), route.link) for route in objects.routes] == [
        ("10.244.1.2/32", "veth10000000")
    ]
    assert objects.sysctls["net.ipv4.conf.veth10000000.proxy_arp"] == "1"
    assert objects.sysctls["net.ipv4.ip_forward"] == "1"
    assert azure_rulesets_for(TRANSPARENT, [pod(1, 0)], nic(1)) == ()


def test_the_pod_subnet_is_reached_over_the_nodes_gateway() -> None:
    azure = AzureCni(
        mode=AzureCniMode.TRANSPARENT, routes_via_gateway=(IPv4Network("10.1.0.0/22"),)
    )
    (route,) = azure_objects_for(azure, [], nic(1)).routes
    assert (str(route.prefix), route.link, route.gateway) == ("10.1.0.0/22", "eth0", GATEWAY)


@pytest.mark.parametrize("azure", BRIDGED, ids=lambda azure: str(azure.mode.value))
def test_a_bridge_stands_in_for_the_nic_and_knows_its_pods(azure: AzureCni) -> None:
    objects = azure_objects_for(azure, [pod(1, 0), host_network_pod("x")], nic(1))
    bridge = objects.link("azure0")
    assert bridge is not None
    assert (bridge.kind, bridge.mac) == (Bridge(), nic(1).mac)
    assert [(each.link, str(each.address), each.mac) for each in objects.neighbours] == [
        ("azure0", "10.244.1.2", "d6:12:5a:78:01:00")
    ]
    assert objects.routes == frozenset()
    assert objects.sysctls["net.bridge.bridge-nf-call-iptables"] == "1"


@pytest.mark.parametrize("azure", BRIDGED, ids=lambda azure: str(azure.mode.value))
def test_the_rules_are_for_the_port_that_the_nic_is(azure: AzureCni) -> None:
    prerouting, postrouting = azure_rulesets_for(azure, [host_network_pod("x")], nic(1))
    assert any("-i eth0 " in rule for rule in prerouting.rules)
    assert [rule for rule in postrouting.rules if "-o eth0 " in rule] == list(postrouting.rules)


def test_in_tunnel_mode_packets_for_services_take_the_way_of_all_others() -> None:
    """Out to the fabric and back, as their answers do; but not what bears the node's address."""
    bridge, tunnel = BRIDGED
    objects = azure_objects_for(tunnel, [pod(1, 0), host_network_pod("x")], nic(1), serves=True)

    (route,) = objects.routes
    assert (str(route.prefix), route.link, route.gateway) == ("10.0.0.0/22", "azure0", GATEWAY)
    masqueraded, others = sorted(objects.rules, key=lambda rule: rule.priority)
    assert (str(others.source), str(others.destination)) == ("10.244.1.2/32", "10.0.0.0/22")
    assert others.table == route.table
    assert (masqueraded.mark, masqueraded.table) == (0x4000, MAIN_TABLE)
    assert {rule.incoming for rule in objects.rules} == {"azure0"}

    assert azure_objects_for(tunnel, [pod(1, 0)], nic(1)).rules == frozenset()
    assert azure_objects_for(bridge, [pod(1, 0)], nic(1), serves=True).rules == frozenset()
