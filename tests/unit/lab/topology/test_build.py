"""From a checked document to the model, property by property."""

from ipaddress import IPv4Address, IPv4Network

from lab.topology.route_table import NextHopType
from tests.unit.lab.topology.labs import parsed


def test_route_tables_and_their_routes() -> None:
    cloud = """
        cloud:
          virtualNetworks:
            - name: vnet01
              addressPrefixes: [10.0.0.0/16]
              subnets: [{name: vlan01, addressPrefix: 10.0.0.0/24, routeTable: table1}]
          routeTables:
            - name: table1
              routes:
                - name: default
                  addressPrefix: 0.0.0.0/0
                  nextHopType: VirtualAppliance
                  nextHopIpAddress: 10.0.0.9
                - {name: nowhere, addressPrefix: 10.9.0.0/16, nextHopType: None}
            - name: table2
    """
    found = parsed(cloud=cloud).cloud

    assert found.virtual_networks[0].subnets[0].route_table == "table1"
    appliance, nowhere = found.route_tables[0].routes
    assert appliance.address_prefix == IPv4Network("0.0.0.0/0")
    assert appliance.next_hop_type is NextHopType.VIRTUAL_APPLIANCE
    assert appliance.next_hop_ip_address == IPv4Address("10.0.0.9")
    assert (nowhere.next_hop_type, nowhere.next_hop_ip_address) == (NextHopType.NONE, None)
    assert found.route_tables[1].routes == ()


def test_virtual_machines() -> None:
    (machine,) = parsed(
        """
        virtualMachines:
          - name: nva
            subnet: vnet01/vlan01
            privateIpAddress: 10.0.0.9
            enableIPForwarding: true
            sysctls: {net.ipv4.ip_forward: 1, net.ipv4.conf.all.rp_filter: "0"}
        """
    ).virtual_machines

    assert machine.private_ip_address == IPv4Address("10.0.0.9")
    assert machine.enable_ip_forwarding
    assert machine.sysctls == {"net.ipv4.ip_forward": "1", "net.ipv4.conf.all.rp_filter": "0"}


def test_hosts_of_the_internet_replace_the_default_one() -> None:
    lab = parsed("internet: {hosts: [{name: web, address: 198.51.100.1}]}")

    assert [host.name for host in lab.internet] == ["web"]


def test_a_lab_may_have_no_internet() -> None:
    assert parsed("internet: {hosts: []}").internet == ()


def test_a_half_of_a_peering_is_open_to_the_peer_and_to_nothing_else_by_default() -> None:
    cloud = """\
cloud:
  virtualNetworks:
    - name: hub
      addressPrefixes: [10.0.0.0/16]
      subnets: [{name: a, addressPrefix: 10.0.0.0/24}]
      virtualNetworkPeerings:
        - {name: plain, remoteVirtualNetwork: spoke}
    - name: spoke
      addressPrefixes: [10.1.0.0/16]
      subnets: [{name: a, addressPrefix: 10.1.0.0/24}]
      virtualNetworkPeerings:
        - {name: back, remoteVirtualNetwork: hub, allowForwardedTraffic: true,
           allowVirtualNetworkAccess: false, allowGatewayTransit: true}
"""
    hub, spoke = parsed(cloud=cloud).cloud.virtual_networks
    plain, back = (*hub.virtual_network_peerings, *spoke.virtual_network_peerings)

    assert (plain.allow_virtual_network_access, plain.allow_forwarded_traffic) == (True, False)
    assert (back.allow_virtual_network_access, back.allow_forwarded_traffic) == (False, True)
    assert back.allow_gateway_transit
    assert not plain.use_remote_gateways


def test_a_route_to_a_word_is_one_to_a_service_tag() -> None:
    cloud = """\
cloud:
  virtualNetworks:
    - {name: vnet01, addressPrefixes: [10.0.0.0/16],
       subnets: [{name: a, addressPrefix: 10.0.0.0/24, routeTable: rt}]}
  serviceTags: [{name: Storage, addressPrefixes: [203.0.113.0/24]}]
  routeTables:
    - name: rt
      routes:
        - {name: all, addressPrefix: 0.0.0.0/0, nextHopType: None}
        - {name: storage, addressPrefix: Storage, nextHopType: Internet}
"""
    (table,) = parsed(cloud=cloud).cloud.route_tables

    assert [each.name for each in table.routes] == ["all"]
    assert [(each.name, each.service_tag) for each in table.tagged_routes] == [
        ("storage", "Storage")
    ]
