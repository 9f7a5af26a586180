"""Gateways and networks on premises from the words of ``az network … -o json``."""

from ipaddress import IPv4Address, IPv4Network

from lab.topology.gateway import ConnectionType, GatewayType
from tests.unit.lab.topology.labs import CLOUD, parsed

GATEWAYS = """\
  virtualNetworkGateways:
    - name: gw
      gatewayType: ExpressRoute
      ipConfigurations: [{subnet: vnet01/GatewaySubnet}]
  localNetworkGateways:
    - name: office
      gatewayIpAddress: 20.0.0.9
      localNetworkAddressSpace: {addressPrefixes: [192.168.0.0/16]}
  connections:
    - name: c
      connectionType: ExpressRoute
      virtualNetworkGateway1: gw
      peer: lan
      enableBgp: true
"""
PREMISES = """\
onPremises:
  - name: lan
    addressPrefixes: [192.168.0.0/16]
    gatewayIpAddress: 20.0.0.9
    hosts: [{name: desk, address: 192.168.1.8}]
"""
SUBNET = "        - {name: GatewaySubnet, addressPrefix: 10.0.255.0/27}\n"


def test_everything_has_the_values_of_the_file() -> None:
    found = parsed(PREMISES, cloud=CLOUD + SUBNET + GATEWAYS)
    (gateway,) = found.cloud.virtual_network_gateways
    (local,) = found.cloud.local_network_gateways
    (connection,) = found.cloud.connections
    (site,) = found.on_premises

    assert (gateway.gateway_type, gateway.virtual_network, gateway.subnet) == (
        GatewayType.EXPRESS_ROUTE,
        "vnet01",
        "GatewaySubnet",
    )
    assert local.gateway_ip_address == site.gateway_ip_address == IPv4Address("20.0.0.9")
    assert local.address_prefixes == site.address_prefixes == (IPv4Network("192.168.0.0/16"),)
    assert connection.connection_type is ConnectionType.EXPRESS_ROUTE
    assert (connection.virtual_network_gateway, connection.peer) == ("gw", "lan")
    assert connection.enable_bgp
    assert [(host.name, str(host.address)) for host in site.hosts] == [("desk", "192.168.1.8")]


def test_a_route_table_may_keep_gateway_routes_out() -> None:
    text = "  routeTables: [{name: a, disableBgpRoutePropagation: true}, {name: b}]\n"
    found = parsed(cloud=CLOUD + text).cloud.route_tables

    assert [table.disable_bgp_route_propagation for table in found] == [True, False]
