"""Gateways and what is around them; the messages are below ``tests/rejected``."""

from tests.unit.lab.topology.labs import CLOUD, messages
from tests.unit.lab.topology.test_build_gateway import GATEWAYS, PREMISES, SUBNET

WHOLE = CLOUD + SUBNET + GATEWAYS


def test_what_fits_is_not_complained_about() -> None:
    assert messages(PREMISES, cloud=WHOLE) == []


def test_a_gateway_has_its_subnet() -> None:
    assert messages(PREMISES, cloud=CLOUD + GATEWAYS) == [
        "gateway 'gw' is in subnet 'vnet01/GatewaySubnet', which does not exist"
    ]


def test_a_connection_fits_its_gateway() -> None:
    ipsec = WHOLE.replace("connectionType: ExpressRoute", "connectionType: IPsec")
    assert messages(PREMISES, cloud=ipsec) == [
        "connection 'c' (IPsec) belongs to gateway 'gw', which has gatewayType ExpressRoute",
        "connection 'c' (IPsec) has a peer",
        "connection 'c' (IPsec) has no localNetworkGateway2",
    ]


def test_a_gateway_that_was_refused_is_not_missed() -> None:
    broken = WHOLE.replace("gatewayType: ExpressRoute", "gatewayType: Other")
    assert len(messages(PREMISES, cloud=broken)) == 1


def test_hosts_have_the_addresses_of_their_network() -> None:
    more = "{name: x, address: 192.168.1.8}, {name: y, address: 10.9.0.1}"
    two = PREMISES.replace("192.168.1.8}]", f"192.168.1.8}}, {more}]")
    assert len(messages(two, cloud=WHOLE)) == 2
