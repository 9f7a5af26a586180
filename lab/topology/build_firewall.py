"""From the usable part of a document to Azure firewalls."""

from ipaddress import IPv4Network

from lab.contract.node_state import SecurityProtocol
from lab.topology.build_private_link import reference
from lab.topology.entry import Entry
from lab.topology.firewall import (
    DENIED_STATUS,
    ApplicationRuleCollection,
    AzureFirewall,
    FirewallApplicationRule,
    FirewallNetworkRule,
    FqdnTag,
    NetworkRuleCollection,
    ProtocolType,
)
from lab.topology.schema import formats
from lab.topology.security import Access

PORTS = {ProtocolType.HTTP: 80, ProtocolType.HTTPS: 443}
_PROTOCOLS = {
    "TCP": SecurityProtocol.TCP,
    "UDP": SecurityProtocol.UDP,
    "ICMP": SecurityProtocol.ICMP,
    "Any": SecurityProtocol.ANY,
}


def azure_firewall(entry: Entry) -> AzureFirewall:
    """A firewall with its rules, in the order of the file."""
    where = next(entry.entries("ipConfigurations"), entry)
    return AzureFirewall(
        **entry.origin,
        name=entry.text("name"),
        subnet=reference(where.text("subnet")),
        public_ip_address=where.text("publicIPAddress"),
        private_ip_address=where.parsed("privateIPAddress", formats.address),
        denied_status=entry.number("deniedStatus", DENIED_STATUS),
        network_rule_collections=tuple(
            NetworkRuleCollection(
                **each.origin,
                name=each.text("name"),
                priority=each.number("priority"),
                action=Access(each.below("action").text("type")),
                rules=each.made("rules", _network_rule),
            )
            for each in entry.entries("networkRuleCollections")
        ),
        application_rule_collections=tuple(
            ApplicationRuleCollection(
                **each.origin,
                name=each.text("name"),
                priority=each.number("priority"),
                action=Access(each.below("action").text("type")),
                rules=each.made("rules", _application_rule),
            )
            for each in entry.entries("applicationRuleCollections")
        ),
    )


def _network_rule(entry: Entry) -> FirewallNetworkRule:
    found = [formats.security_prefix(text) for text in entry.texts("destinationAddresses")]
    return FirewallNetworkRule(
        **entry.origin,
        name=entry.text("name"),
        protocols=tuple(_PROTOCOLS[text] for text in entry.texts("protocols")),
        source_addresses=_sources(entry),
        destination_addresses=tuple(each for each in found if isinstance(each, IPv4Network)),
        destination_tags=tuple(each for each in found if isinstance(each, str)),
        destination_fqdns=tuple(map(formats.dns_name, entry.texts("destinationFqdns"))),
        destination_ports=tuple(map(formats.port_range, entry.texts("destinationPorts"))),
    )


def _application_rule(entry: Entry) -> FirewallApplicationRule:
    protocols = [
        (ProtocolType(each.text("protocolType")), each.number("port"))
        for each in entry.entries("protocols")
    ]
    return FirewallApplicationRule(
        **entry.origin,
        name=entry.text("name"),
        source_addresses=_sources(entry),
        protocols=tuple((kind, port or PORTS[kind]) for kind, port in protocols),
        target_fqdns=tuple(map(formats.fqdn_pattern, entry.texts("targetFqdns"))),
        fqdn_tags=tuple(map(FqdnTag, entry.texts("fqdnTags"))),
    )


def _sources(entry: Entry) -> tuple[IPv4Network, ...]:
    return tuple(map(formats.firewall_address, entry.texts("sourceAddresses")))
