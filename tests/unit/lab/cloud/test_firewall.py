"""What a firewall's collections come to."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.cloud.firewall import AKS_FQDNS, firewall_rules
from lab.contract.firewall import Firewall
from lab.contract.node_state import ANY_PORT, PortRange, SecurityProtocol
from tests.unit.lab.topology.labs import CLOUD, parsed

SUBNET = "        - {name: AzureFirewallSubnet, addressPrefix: 10.0.8.0/26}\n"
ADDRESS = "  publicIPAddresses: [{name: ip}]\n"
PLACE = "name: fw, ipConfigurations: [{subnet: vnet01/AzureFirewallSubnet, publicIPAddress: ip}]"
NAMES = {"www.example.com": (IPv4Address("203.0.113.10"), IPv4Address("203.0.113.11"))}


def rules(collections: str) -> Firewall:
    text = f"{CLOUD}{SUBNET}{ADDRESS}  azureFirewalls: [{{{PLACE}, {collections}}}]\n"
    body = "internet: {hosts: [{name: a, address: 203.0.113.10, names: [www.example.com]}]}\n"
    (firewall,) = parsed(body, cloud=text).cloud.azure_firewalls
    return firewall_rules(firewall, names=NAMES, tags={})


def network(name: str, priority: int, rule: str, action: str = "Allow") -> str:
    return (
        f"{{name: {name}, priority: {priority}, action: {{type: {action}}}, rules: [{{name: r, "
        f"sourceAddresses: ['*'], {rule}}}]}}"
    )


ANYWHERE = "protocols: [TCP], destinationAddresses: ['*'], destinationPorts: ['443']"


def test_collections_are_asked_by_priority() -> None:
    found = rules(
        f"networkRuleCollections: [{network('b', 200, ANYWHERE)}, "
        f"{network('a', 100, ANYWHERE, 'Deny')}]"
    )
    assert [(rule.name, rule.allow) for rule in found.network_rules] == [
        ("a/r", False),
        ("b/r", True),
    ]


def test_a_rule_of_several_protocols_is_several_and_icmp_has_no_ports() -> None:
    rule = "protocols: [UDP, ICMP], destinationAddresses: [10.9.0.4], destinationPorts: ['53']"
    udp, icmp = rules(f"networkRuleCollections: [{network('a', 100, rule)}]").network_rules
    assert (udp.protocol, udp.destination_ports) == (
        SecurityProtocol.UDP,
        (PortRange(first=53, last=53),),
    )
    assert (icmp.protocol, icmp.destination_ports) == (SecurityProtocol.ICMP, ANY_PORT)
    assert udp.destinations == icmp.destinations == (IPv4Network("10.9.0.4/32"),)


def test_names_in_network_rules_are_their_addresses() -> None:
    """By resolution, unlike in application rules (semantics 2.6)."""
    rule = "protocols: [Any], destinationFqdns: [www.example.com], destinationPorts: ['*']"
    (found,) = rules(f"networkRuleCollections: [{network('a', 100, rule)}]").network_rules
    assert found.destinations == tuple(map(IPv4Network, NAMES["www.example.com"]))


def test_protocols_of_application_rules_have_ports() -> None:
    rule = "protocols: [{protocolType: Http, port: 8080}, {protocolType: Https}]"
    found = rules(
        "applicationRuleCollections: "
        f"[{network('a', 100, rule + ', targetFqdns: [WWW.Example.com]')}]"
    )
    (made,) = found.application_rules
    assert (made.http_ports, made.https_ports) == ((8080,), (443,))
    assert made.fqdns == ("www.example.com",)
    assert found.denied_status == 470


@pytest.mark.claim("H2")
def test_what_a_cluster_needs_is_a_list_of_names() -> None:
    """The tag AzureKubernetesService: names that nodes of AKS have to reach over TLS."""
    found = rules(
        f"applicationRuleCollections: [{network('a', 100, 'fqdnTags: [AzureKubernetesService]')}]"
    )
    (made,) = found.application_rules
    assert (made.fqdns, made.https_ports, made.http_ports) == (AKS_FQDNS, (443,), ())
    assert {"mcr.microsoft.com", "*.data.mcr.microsoft.com", "management.azure.com"} <= set(
        made.fqdns
    )
