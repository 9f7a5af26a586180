"""Ways to the Internet from the words of ``az network … -o json``."""

from ipaddress import IPv4Address

from lab.topology.egress import (
    ClusterEgress,
    NatGateway,
    OutboundType,
    PublicIPAddress,
    PublicIPAddressSku,
)
from lab.topology.load_balancer import OutboundProtocol, OutboundRule
from lab.topology.model import Lab
from tests.unit.lab.topology.labs import CLOUD, cluster, parsed


def cloud(text: str, body: str = "") -> Lab:
    return parsed(body, cloud=CLOUD + text)


def test_a_public_address_has_the_values_of_the_file() -> None:
    own = "{name: ip1, ipAddress: 198.51.100.7, sku: {name: Basic}}"
    found = cloud(f"  publicIPAddresses: [{own}, {{name: ip2}}]\n").cloud.public_ip_addresses

    assert found == (
        PublicIPAddress(
            name="ip1", ip_address=IPv4Address("198.51.100.7"), sku=PublicIPAddressSku.BASIC
        ),
        PublicIPAddress(name="ip2", ip_address=None, sku=PublicIPAddressSku.STANDARD),
    )


def test_a_machine_names_its_public_address() -> None:
    machine = "virtualMachines: [{name: vm1, subnet: vnet01/vlan01, publicIPAddress: ip1}]\n"
    found = cloud("  publicIPAddresses: [{name: ip1}]\n", machine)

    assert found.virtual_machines[0].public_ip_address == "ip1"


def test_a_subnet_has_default_outbound_access_unless_told_otherwise() -> None:
    private = CLOUD.replace("10.0.4.0/24}", "10.0.4.0/24, defaultOutboundAccess: false}")
    subnets = parsed(cloud=private).cloud.virtual_networks[0].subnets

    assert [each.default_outbound_access for each in subnets] == [True, False]


def test_a_nat_gateway_has_the_values_of_the_file() -> None:
    text = "  natGateways: [{name: nat1, publicIpAddresses: [a, b], idleTimeoutInMinutes: 9}]\n"
    assert cloud(text + "  publicIPAddresses: [{name: a}, {name: b}]\n").cloud.nat_gateways == (
        NatGateway(name="nat1", public_ip_addresses=("a", "b"), idle_timeout_in_minutes=9),
    )


def test_a_load_balancer_has_the_values_of_the_file() -> None:
    text = """\
  publicIPAddresses: [{name: ip1}]
  loadBalancers:
    - name: lb1
      frontendIPConfigurations: [{name: front, publicIPAddress: ip1}]
      backendAddressPools: [{name: pool1}]
      outboundRules:
        - name: rule
          frontendIPConfigurations: [front]
          backendAddressPool: pool1
          protocol: Udp
          allocatedOutboundPorts: 64
"""
    (found,) = cloud(text).cloud.load_balancers

    assert found.frontend_ip_configurations[0].public_ip_address == "ip1"
    assert found.outbound_rules == (
        OutboundRule(
            name="rule",
            frontend_ip_configurations=("front",),
            backend_address_pool="pool1",
            protocol=OutboundProtocol.UDP,
            allocated_outbound_ports=64,
        ),
    )


def test_a_cluster_makes_what_its_outbound_type_says() -> None:
    def egress(**properties: str) -> ClusterEgress:
        return parsed(cluster(**properties)).clusters[0].egress

    assert egress() == ClusterEgress(outbound_type=OutboundType.NONE)
    assert egress(
        outboundType="loadBalancer",
        loadBalancerProfile="{managedOutboundIPs: {count: 3}, allocatedOutboundPorts: 2048}",
    ) == ClusterEgress(
        outbound_type=OutboundType.LOAD_BALANCER,
        managed_outbound_ips=3,
        allocated_outbound_ports=2048,
    )
    assert egress(
        outboundType="managedNATGateway",
        natGatewayProfile="{managedOutboundIPProfile: {count: 2}, idleTimeoutInMinutes: 10}",
    ) == ClusterEgress(
        outbound_type=OutboundType.MANAGED_NAT_GATEWAY,
        managed_outbound_ips=2,
        idle_timeout_in_minutes=10,
    )
