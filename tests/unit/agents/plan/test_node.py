"""The node's operating system, whatever runs on it."""

from dataclasses import replace

from agents.objects.link import Veth
from agents.plan.node import node_objects_for
from lab.contract.node_state import AzureCni, AzureCniMode
from tests.unit.agents.states import machine

OBJECTS = node_objects_for(machine(1))


def test_the_nic_is_what_the_state_says() -> None:
    eth0 = OBJECTS.link("eth0")
    assert eth0 is not None
    assert (eth0.mac, eth0.mtu) == ("00:0d:3a:00:00:01", 1500)
    assert eth0.kind == Veth(peer_namespace="host", peer="nic")
    assert (eth0.master, eth0.hairpin) == ("", False)


def test_it_is_configured_as_by_dhcp() -> None:
    """``ip route`` has to print what it prints on a node of Azure."""
    (address,) = OBJECTS.addresses
    (route,) = OBJECTS.routes
    assert (str(address.interface), address.broadcast) == ("10.0.0.4/22", True)
    assert (str(route.prefix), str(route.gateway), str(route.source)) == (
        "0.0.0.0/0",
        "10.0.0.1",
        "10.0.0.4",
    )
    assert (route.origin, route.metric) == (16, 100)


def test_a_plain_machine_does_not_forward() -> None:
    """Written down, because a new namespace may start with what the machine has set."""
    assert OBJECTS.sysctls["net.ipv4.ip_forward"] == "0"


def test_ipv6_stays_on() -> None:
    """Captures of nodes show link-local addresses, and none that is still tentative."""
    assert OBJECTS.sysctls["net.ipv6.conf.all.disable_ipv6"] == "0"
    assert OBJECTS.sysctls["net.ipv6.conf.default.accept_dad"] == "0"


def test_a_plugins_bridge_takes_over_what_the_nic_had() -> None:
    """Azure CNI in bridge mode (semantics §4.2)."""
    azure = AzureCni(mode=AzureCniMode.BRIDGE, bridge="azure0")
    objects = node_objects_for(replace(machine(1), azure_cni=azure))
    eth0 = objects.link("eth0")
    assert eth0 is not None
    assert (eth0.master, eth0.hairpin) == ("azure0", True)
    assert {address.link for address in objects.addresses} == {"azure0"}
    assert {route.link for route in objects.routes} == {"azure0"}


def test_the_gateway_has_the_fabrics_mac() -> None:
    (gateway,) = OBJECTS.neighbours
    assert (gateway.link, str(gateway.address), gateway.mac, gateway.learned) == (
        "eth0",
        "10.0.0.1",
        "12:34:56:78:9a:bc",
        True,
    )
