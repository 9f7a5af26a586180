"""ExpressRoute, and VPN with BGP, by packets: the example has a VPN without (semantics 2.2)."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import DeployedLab, deployed

LAB = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: announced}
cloud:
  virtualNetworks:
    - name: private
      addressPrefixes: [10.20.0.0/16]
      subnets:
        - {name: GatewaySubnet, addressPrefix: 10.20.255.0/27}
        - name: servers
          addressPrefix: 10.20.1.0/24
          serviceEndpoints: [{service: Microsoft.Storage}]
      virtualNetworkPeerings:
        - {name: to-spoke, remoteVirtualNetwork: spoke, allowGatewayTransit: true}
    - name: spoke
      addressPrefixes: [10.21.0.0/16]
      subnets: [{name: links, addressPrefix: 10.21.1.0/24}]
      virtualNetworkPeerings:
        - {name: to-private, remoteVirtualNetwork: private, useRemoteGateways: true}
    - name: branch
      addressPrefixes: [10.30.0.0/16]
      subnets:
        - {name: GatewaySubnet, addressPrefix: 10.30.255.0/27}
        - {name: servers, addressPrefix: 10.30.1.0/24}
        - {name: direct, addressPrefix: 10.30.2.0/24, routeTable: nothing-announced}
  routeTables: [{name: nothing-announced, disableBgpRoutePropagation: true}]
  virtualNetworkGateways:
    - {name: er, gatewayType: ExpressRoute, ipConfigurations: [{subnet: private/GatewaySubnet}]}
    - {name: vpn, gatewayType: Vpn, ipConfigurations: [{subnet: branch/GatewaySubnet}]}
  localNetworkGateways:
    - name: shops
      gatewayIpAddress: 198.51.100.201
      localNetworkAddressSpace: {addressPrefixes: [198.51.100.201/32]}
  connections:
    - {name: circuit, connectionType: ExpressRoute, virtualNetworkGateway1: er, peer: datacentre}
    - name: tunnel
      connectionType: IPsec
      virtualNetworkGateway1: vpn
      localNetworkGateway2: shops
      enableBgp: true
  storageAccounts:
    - name: vnetlabdata
      address: 203.0.113.50
      networkRuleSet:
        defaultAction: Deny
        virtualNetworkRules: [{virtualNetworkResourceId: private/servers}]
  privateEndpoints:
    - name: pe
      subnet: private/servers
      ipConfigurations: [{privateIPAddress: 10.20.1.10}]
      privateLinkServiceConnections: [{privateLinkServiceId: vnetlabdata, groupIds: [blob]}]
    - name: spoke-pe
      subnet: spoke/links
      ipConfigurations: [{privateIPAddress: 10.21.1.10}]
      privateLinkServiceConnections: [{privateLinkServiceId: vnetlabdata, groupIds: [file]}]
onPremises:
  - name: datacentre
    addressPrefixes: [192.168.10.0/24]
    gatewayIpAddress: 198.51.100.200
    hosts: [{name: vault, address: 192.168.10.8}]
  - name: shops
    addressPrefixes: [192.168.20.0/24, 172.22.0.0/16, 0.0.0.0/0]
    gatewayIpAddress: 198.51.100.201
    hosts: [{name: till, address: 192.168.20.8}, {name: stock, address: 172.22.0.8}]
internet:
  hosts: [{name: site, address: 203.0.113.10}]
virtualMachines:
  - {name: safe, subnet: private/servers, privateIpAddress: 10.20.1.4}
  - {name: shop, subnet: branch/servers, privateIpAddress: 10.30.1.4}
  - {name: direct, subnet: branch/direct, privateIpAddress: 10.30.2.4}
"""
STORAGE, ENDPOINT, SPOKE_ENDPOINT = "203.0.113.50", "10.20.1.10", "10.21.1.10"
SITE, VAULT, TILL, STOCK = "203.0.113.10", "192.168.10.8", "192.168.20.8", "172.22.0.8"


@pytest.fixture(scope="module")
def announced(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    file = tmp_path_factory.mktemp("announced") / "announced.lab.yaml"
    file.write_text(LAB)
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab


def answered(lab: DeployedLab, source: str, destination: str) -> bool:
    """Whether pings are answered; those that are have met no hop."""
    seen = lab.ping(source, destination, count=1)
    assert seen.ttls <= {64}
    return seen.received == 1


def routes(lab: DeployedLab, machine: str) -> set[tuple[str, str, str, str]]:
    return {
        (row["address_prefix"], row["next_hop_type"], row["source"], row["state"])
        for row in lab.inspect("routes", "--nic", machine)
    }


def test_a_circuit_leads_both_ways(announced: DeployedLab) -> None:
    assert answered(announced, "vm/safe", VAULT)
    assert answered(announced, "onprem/vault", "10.20.1.4")


def test_a_circuit_leads_to_its_own_network_alone(announced: DeployedLab) -> None:
    assert not answered(announced, "vm/safe", TILL)
    assert not answered(announced, "onprem/vault", "10.30.1.4")


def fetched(lab: DeployedLab, source: str, address: str) -> str:
    """What a storage account answers; nothing when it doesn't."""
    return lab.execute(source, "curl", "-s", "-m", "3", f"http://{address}/", check=False).stdout


def test_private_endpoints_are_reached_from_premises_and_service_endpoints_are_not(
    announced: DeployedLab,
) -> None:
    """Semantics 2.7; the second one by way of a peer's gateway."""
    for address, name in ((ENDPOINT, "pe"), (SPOKE_ENDPOINT, "spoke-pe")):
        seen = json.loads(fetched(announced, "onprem/vault", address))
        assert (seen["client"]["address"], seen["privateEndpoint"]) == (VAULT, name)
    assert json.loads(fetched(announced, "vm/safe", STORAGE))["subnet"] == "private/servers"
    assert fetched(announced, "onprem/vault", STORAGE) == ""
    assert fetched(announced, "onprem/till", ENDPOINT) == ""


def test_with_bgp_the_far_end_says_what_it_has(announced: DeployedLab) -> None:
    """The cloud's own description of it names neither network."""
    assert answered(announced, "vm/shop", TILL)
    assert answered(announced, "vm/shop", STOCK)
    assert answered(announced, "onprem/stock", "10.30.1.4")


def test_a_default_route_that_is_announced_takes_over_from_the_systems(
    announced: DeployedLab,
) -> None:
    """Nobody on premises passes on what is for the Internet."""
    assert not answered(announced, "vm/shop", SITE)
    assert answered(announced, "vm/safe", SITE)


def test_a_table_without_propagation_hears_of_nothing(announced: DeployedLab) -> None:
    assert answered(announced, "vm/direct", SITE)
    assert not answered(announced, "vm/direct", STOCK)


def test_announced_routes_are_shown_with_source_and_state(announced: DeployedLab) -> None:
    gateway = "VirtualNetworkGateway"
    learned = {
        (prefix, gateway, gateway, "Active")
        for prefix in ("192.168.20.0/24", "172.22.0.0/16", "0.0.0.0/0")
    }
    assert routes(announced, "shop") > {*learned, ("0.0.0.0/0", "Internet", "Default", "Invalid")}
    assert (VAULT.replace(".8", ".0/24"), gateway, gateway, "Active") in routes(announced, "safe")
    assert {source for *_, source, _ in routes(announced, "direct")} == {"Default"}
