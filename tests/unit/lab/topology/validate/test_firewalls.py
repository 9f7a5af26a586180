"""Firewalls that cannot be; the messages are below ``tests/rejected``."""

from tests.unit.lab.topology.labs import CLOUD, messages

SUBNET = "        - {name: AzureFirewallSubnet, addressPrefix: 10.0.8.0/%d}\n"
ADDRESS = "  publicIPAddresses: [{name: ip}]\n"
PLACE = "name: fw, ipConfigurations: [{subnet: vnet01/AzureFirewallSubnet, publicIPAddress: ip}]"
FIREWALL = f"  azureFirewalls: [{{{PLACE}%s}}]\n"
RULES = ", %s: [{name: %s, priority: 100, action: {type: Allow}, rules: [{name: r, %s}]}]"
NETWORK = (
    "sourceAddresses: ['*'], protocols: [TCP], destinationAddresses: ['*'], destinationPorts: ['*']"
)
APPLICATION = "sourceAddresses: ['*'], protocols: [{protocolType: Http}], targetFqdns: ['*']"


def found(rules: str = "", *, length: int = 26, body: str = "") -> list[str]:
    return messages(body, cloud=CLOUD + SUBNET % length + ADDRESS + FIREWALL % rules)


def test_collections_of_both_kinds_may_have_the_same_priority() -> None:
    rules = RULES % ("networkRuleCollections", "a", NETWORK)
    rules += RULES % ("applicationRuleCollections", "b", APPLICATION)
    assert found(rules) == []


def test_the_subnet_is_a_26_or_larger() -> None:
    assert found(length=25) == []
    assert len(found(length=27)) == 1


def test_a_name_is_not_missed_while_a_host_is_broken() -> None:
    rule = (
        "sourceAddresses: ['*'], protocols: [TCP], destinationFqdns: [a.example], "
        "destinationPorts: ['*']"
    )
    rules = RULES % ("networkRuleCollections", "a", rule)
    broken = "internet: {hosts: [{name: site, address: 1.2.3, names: [a.example]}]}\n"
    assert len(found(rules)) == 1
    assert all("a.example" not in each for each in found(rules, body=broken))
