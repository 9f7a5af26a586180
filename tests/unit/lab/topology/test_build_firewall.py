"""Azure firewalls from the words of ``az network firewall show``."""

from ipaddress import IPv4Address, IPv4Network

from lab.contract.node_state import PortRange, SecurityProtocol
from lab.topology.firewall import FqdnTag, ProtocolType
from lab.topology.security import Access
from tests.unit.lab.topology.labs import CLOUD, parsed

IDS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
TEXT = f"""        - {{name: AzureFirewallSubnet, addressPrefix: 10.0.8.0/26}}
  publicIPAddresses: [{{name: ip}}]
  serviceTags: [{{name: Storage, addressPrefixes: [203.0.113.0/25]}}]
  azureFirewalls:
    - id: {IDS}/azureFirewalls/fw
      name: fw
      threatIntelMode: Alert
      ipConfigurations:
        - name: c
          subnet: {{id: {IDS}/virtualNetworks/vnet01/subnets/AzureFirewallSubnet}}
          publicIPAddress: {{id: {IDS}/publicIPAddresses/ip}}
          privateIPAddress: 10.0.8.4
      networkRuleCollections:
        - name: net
          priority: 100
          action: {{type: Deny}}
          rules:
            - name: r
              protocols: [TCP, Any]
              sourceAddresses: [10.0.0.0/16, "*"]
              destinationAddresses: [Storage, 203.0.113.200]
              destinationPorts: ["80", 8000-8080]
      applicationRuleCollections:
        - name: app
          priority: 100
          action: {{type: Allow}}
          rules:
            - name: r
              sourceAddresses: [10.0.0.4]
              protocols: [{{protocolType: Https}}, {{protocolType: Http, port: 8080}}]
              targetFqdns: ["*.Example.com", "*"]
            - {{name: t, sourceAddresses: ["*"], fqdnTags: [AzureKubernetesService]}}
"""


def test_a_firewall_has_the_values_of_the_file() -> None:
    (firewall,) = parsed(cloud=CLOUD + TEXT).cloud.azure_firewalls
    assert (firewall.name, firewall.public_ip_address) == ("fw", "ip")
    assert str(firewall.subnet) == "vnet01/AzureFirewallSubnet"
    assert firewall.private_ip_address == IPv4Address("10.0.8.4")
    assert firewall.denied_status == 470
    (network,) = firewall.network_rule_collections
    (rule,) = network.rules
    assert network.action is Access.DENY
    assert rule.protocols == (SecurityProtocol.TCP, SecurityProtocol.ANY)
    assert rule.source_addresses == (IPv4Network("10.0.0.0/16"), IPv4Network("0.0.0.0/0"))
    assert rule.destination_addresses == (IPv4Network("203.0.113.200/32"),)
    assert rule.destination_tags == ("Storage",)
    assert rule.destination_ports == (
        PortRange(first=80, last=80),
        PortRange(first=8000, last=8080),
    )


def test_names_are_lower_case_and_protocols_have_their_ports() -> None:
    (firewall,) = parsed(cloud=CLOUD + TEXT).cloud.azure_firewalls
    (application,) = firewall.application_rule_collections
    named, tagged = application.rules
    assert named.protocols == ((ProtocolType.HTTPS, 443), (ProtocolType.HTTP, 8080))
    assert named.target_fqdns == ("*.example.com", "*")
    assert (tagged.fqdn_tags, tagged.protocols) == ((FqdnTag.AZURE_KUBERNETES_SERVICE,), ())
