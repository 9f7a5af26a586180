"""What transparent mode puts into a node."""

from ipaddress import IPv4Network

import pytest

from agents.plan.azure import azure_objects_for
from lab.contract.node_state import AzureCni, AzureCniMode
from tests.unit.agents.states import GATEWAY, host_network_pod, pod


def test_every_attached_pod_has_a_route_and_proxy_arp() -> None:
    """A pod on the host's network has neither."""
    azure = AzureCni(mode=AzureCniMode.TRANSPARENT)
    objects = azure_objects_for(azure, [pod(1, 0), host_network_pod("x")], gateway=GATEWAY)
    assert [(str(route.prefix), route.link) for route in objects.routes] == [
        ("10.244.1.2/32", "veth10000000")
    ]
    assert objects.sysctls["net.ipv4.conf.veth10000000.proxy_arp"] == "1"
    assert objects.sysctls["net.ipv4.ip_forward"] == "1"


def test_the_pod_subnet_is_reached_over_the_nodes_gateway() -> None:
    azure = AzureCni(
        mode=AzureCniMode.TRANSPARENT, routes_via_gateway=(IPv4Network("10.1.0.0/22"),)
    )
    (route,) = azure_objects_for(azure, [], gateway=GATEWAY).routes
    assert (str(route.prefix), route.link, route.gateway) == ("10.1.0.0/22", "eth0", GATEWAY)


@pytest.mark.parametrize("mode", [AzureCniMode.BRIDGE, AzureCniMode.TUNNEL])
def test_a_mode_that_is_not_there_is_refused(mode: AzureCniMode) -> None:
    with pytest.raises(ValueError, match="not there yet"):
        azure_objects_for(AzureCni(mode=mode), [], gateway=GATEWAY)
