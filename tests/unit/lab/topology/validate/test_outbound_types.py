"""What the outboundType of a cluster asks for; the messages are below ``tests/rejected``."""

import pytest

from tests.unit.lab.topology.labs import CLOUD, cluster, messages


def told(kind: str, subnet: str = "", more: str = "") -> list[str]:
    cloud = CLOUD.replace("10.0.0.0/22}", f"10.0.0.0/22{subnet}}}") + more
    return messages(cluster(outboundType=kind), cloud=cloud)


def table(next_hop: str) -> str:
    route = f"{{name: default, addressPrefix: 0.0.0.0/0, nextHopType: {next_hop}}}"
    return f"  routeTables: [{{name: rt, routes: [{route}]}}]\n"


@pytest.mark.parametrize("kind", ["loadBalancer", "managedNATGateway", "none", "block"])
def test_these_ask_for_nothing(kind: str) -> None:
    assert told(kind) == []


def test_user_defined_routing_asks_for_a_route_to_an_appliance() -> None:
    """AKS: RouteTableInvalidNextHop."""
    appliance = table("VirtualAppliance, nextHopIpAddress: 10.0.4.4")
    assert told("userDefinedRouting", ", routeTable: rt", appliance) == []
    assert len(told("userDefinedRouting")) == 1
    assert len(told("userDefinedRouting", ", routeTable: rt", table("None"))) == 1


def test_a_nat_gateway_of_ones_own_has_to_be_there() -> None:
    gateway = (
        "  natGateways: [{name: nat1, publicIpAddresses: [ip1]}]\n"
        "  publicIPAddresses: [{name: ip1}]\n"
    )
    assert told("userAssignedNATGateway", ", natGateway: nat1", gateway) == []
    assert len(told("userAssignedNATGateway")) == 1
    assert len(told("managedNATGateway", ", natGateway: nat1", gateway)) == 1
