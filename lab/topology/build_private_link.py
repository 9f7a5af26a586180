"""From the usable part of a document to storage accounts and private endpoints."""

from lab.topology.entry import Entry
from lab.topology.model import InternetHost
from lab.topology.private_link import (
    ConnectionStatus,
    DefaultAction,
    NetworkRuleSet,
    PrivateEndpoint,
    StorageAccount,
)
from lab.topology.schema import formats
from lab.topology.virtual_network import SubnetReference


def storage_account(entry: Entry) -> StorageAccount:
    """A storage account; one without rules is open to everybody."""
    rules = entry.below("networkRuleSet")
    return StorageAccount(
        **entry.origin,
        name=entry.text("name"),
        address=formats.address(entry.text("address")),
        public_network_access=entry.text("publicNetworkAccess", "Enabled") == "Enabled",
        network_rule_set=NetworkRuleSet(default_action=DefaultAction.ALLOW)
        if rules.value is None
        else _rules(rules),
    )


def storage_host(account: StorageAccount) -> InternetHost:
    """The host of the Internet that an account is."""
    return InternetHost(
        location=account.location,
        places=account.places,
        name=account.name,
        address=account.address,
    )


def private_endpoint(entry: Entry) -> PrivateEndpoint:
    """A private endpoint with its one connection."""
    connection = next(entry.entries("privateLinkServiceConnections"), entry)
    address = next(entry.entries("ipConfigurations"), entry)
    state = connection.below("privateLinkServiceConnectionState")
    return PrivateEndpoint(
        **entry.origin,
        name=entry.text("name"),
        subnet=reference(entry.text("subnet")),
        private_ip_address=address.parsed("privateIPAddress", formats.address),
        storage_account=connection.text("privateLinkServiceId"),
        group=next(iter(connection.texts("groupIds")), ""),
        status=state.parsed("status", ConnectionStatus) or ConnectionStatus.APPROVED,
        private_dns_zones=tuple(
            config.text("privateDnsZoneId").lower()
            for group in entry.entries("privateDnsZoneGroups")
            for config in group.entries("privateDnsZoneConfigs")
        ),
    )


def reference(text: str) -> SubnetReference:
    """The subnet that ``VNET/SUBNET`` names."""
    virtual_network, _, subnet = text.partition("/")
    return SubnetReference(virtual_network=virtual_network, subnet=subnet)


def _rules(entry: Entry) -> NetworkRuleSet:
    return NetworkRuleSet(
        **entry.origin,
        default_action=entry.parsed("defaultAction", DefaultAction) or DefaultAction.DENY,
        ip_rules=tuple(
            formats.address_range(each.text("ipAddressOrRange"))
            for each in entry.entries("ipRules")
        ),
        virtual_network_rules=tuple(
            reference(each.text("virtualNetworkResourceId"))
            for each in entry.entries("virtualNetworkRules")
        ),
    )
