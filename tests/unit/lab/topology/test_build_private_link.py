"""Storage accounts and private endpoints from the words of az."""

from ipaddress import IPv4Address, IPv4Network

from lab.topology.private_link import ConnectionStatus, DefaultAction
from tests.unit.lab.topology.labs import CLOUD, parsed

ACCOUNT = "  storageAccounts: [{name: acct, address: 203.0.113.50%s}]\n"
ENABLED = CLOUD.replace(
    "addressPrefix: 10.0.0.0/22",
    "addressPrefix: 10.0.0.0/22, serviceEndpoints: [{service: Microsoft.Storage}]",
)


def test_an_account_without_rules_is_open_and_a_host_of_the_internet() -> None:
    lab = parsed(cloud=CLOUD + ACCOUNT % "")
    (account,) = lab.cloud.storage_accounts
    assert account.network_rule_set.default_action is DefaultAction.ALLOW
    assert account.public_network_access
    assert [(host.name, host.address) for host in lab.internet] == [
        ("internet", IPv4Address("203.0.113.10")),
        ("acct", IPv4Address("203.0.113.50")),
    ]


def test_rules_deny_unless_they_say_otherwise() -> None:
    rules = """, publicNetworkAccess: Disabled, networkRuleSet: {
      ipRules: [{ipAddressOrRange: 203.0.113.20}, {ipAddressOrRange: 203.0.113.64/26}],
      virtualNetworkRules: [{virtualNetworkResourceId: vnet01/vlan01}]}"""
    (account,) = parsed(cloud=ENABLED + ACCOUNT % rules).cloud.storage_accounts
    found = account.network_rule_set
    assert not account.public_network_access
    assert found.default_action is DefaultAction.DENY
    assert found.ip_rules == (IPv4Network("203.0.113.20/32"), IPv4Network("203.0.113.64/26"))
    assert list(map(str, found.virtual_network_rules)) == ["vnet01/vlan01"]


def test_an_endpoint_as_az_prints_it() -> None:
    ids = "/subscriptions/s/resourceGroups/g/providers"
    text = f"""
  privateEndpoints:
    - id: {ids}/Microsoft.Network/privateEndpoints/pe1
      name: pe1
      subnet: {{id: {ids}/Microsoft.Network/virtualNetworks/vnet01/subnets/vlan01}}
      customNetworkInterfaceName: ""
      ipConfigurations: [{{name: a, privateIPAddress: 10.0.0.9, groupId: blob}}]
      privateLinkServiceConnections:
        - name: c
          groupIds: [blob]
          privateLinkServiceId: {ids}/Microsoft.Storage/storageAccounts/acct
          privateLinkServiceConnectionState:
            {{status: Pending, description: "", actionsRequired: None}}
"""
    (endpoint,) = parsed(cloud=CLOUD + ACCOUNT % "" + text).cloud.private_endpoints
    assert (endpoint.name, str(endpoint.subnet)) == ("pe1", "vnet01/vlan01")
    assert (endpoint.storage_account, endpoint.group) == ("acct", "blob")
    assert endpoint.private_ip_address == IPv4Address("10.0.0.9")
    assert endpoint.status is ConnectionStatus.PENDING
    assert not endpoint.passes


def test_a_subnet_knows_its_service_endpoints() -> None:
    first, second = parsed(cloud=ENABLED).cloud.virtual_networks[0].subnets
    assert (first.service_endpoints, second.service_endpoints) == (("Microsoft.Storage",), ())
