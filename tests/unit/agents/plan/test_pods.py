"""Pods, and the ends of their cables in the node."""

from agents.objects.link import Veth
from agents.plan.pods import pod_for, pod_subject, port_for
from tests.unit.agents.states import host_network_pod, pod

POD = pod(1, 0)


def test_a_pod_has_its_address_and_a_way_out() -> None:
    """As a CNI plugin leaves it: no broadcast address, a route of protocol boot."""
    objects = pod_for(POD).objects
    (address,) = objects.addresses
    (route,) = objects.routes
    assert (str(address.interface), address.broadcast) == ("10.244.1.2/24", False)
    assert (str(route.gateway), route.origin, route.metric) == ("10.244.1.1", 3, 0)


def test_both_ends_of_a_cable_name_each_other() -> None:
    eth0 = pod_for(POD).objects.link("eth0")
    assert eth0 is not None
    assert POD.interface is not None
    port = port_for(POD, POD.interface, bridge="cbr0")
    assert eth0.kind == Veth(peer_namespace="node", peer=port.name)
    assert port.kind == Veth(peer_namespace="pod-1-0", peer="eth0")
    assert (eth0.mtu, eth0.mac, port.mtu, port.master) == (1500, POD.interface.mac, 1500, "cbr0")


def test_a_port_without_a_bridge_is_no_port() -> None:
    assert POD.interface is not None
    assert port_for(POD, POD.interface, bridge="").master == ""


def test_a_pod_on_the_hosts_network_is_an_alias() -> None:
    desired = pod_for(host_network_pod("agent"))
    assert desired.alias_of == "node"
    assert desired.objects.links == frozenset()


def test_failures_are_told_by_namespace_and_name() -> None:
    assert pod_subject(POD) == "pod/default/web-0"


def test_a_pod_knows_who_its_gateway_is() -> None:
    assert pod_for(POD).objects.neighbours == frozenset()
    (bridge,) = pod_for(POD, gateway_mac="0a:58:0a:f4:01:01").objects.neighbours
    assert (str(bridge.address), bridge.mac, bridge.learned) == (
        "10.244.1.1",
        "0a:58:0a:f4:01:01",
        True,
    )
    (port,) = pod_for(POD, routed=True).objects.neighbours
    assert (str(port.address), port.mac, port.learned) == (
        "169.254.1.1",
        "aa:aa:aa:aa:aa:aa",
        False,
    )
