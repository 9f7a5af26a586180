"""What a firewall's collections come to: rules in the order in which they are asked.

Collections by rising priority, rules in the order of the file; network rules before
application rules, wherever their priorities are (semantics 2.6).
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network

from lab.contract.firewall import ApplicationRule, Firewall
from lab.contract.node_state import ANY_PORT, SecurityProtocol, SecurityRule
from lab.topology.firewall import (
    AzureFirewall,
    FirewallApplicationRule,
    FirewallNetworkRule,
    FqdnTag,
    ProtocolType,
)
from lab.topology.security import Access

AKS_FQDNS = (
    "*.azmk8s.io",
    "mcr.microsoft.com",
    "*.data.mcr.microsoft.com",
    "mcr-0001.mcr-msedge.net",
    "management.azure.com",
    "login.microsoftonline.com",
    "packages.microsoft.com",
    "acs-mirror.azureedge.net",
    "packages.aks.azure.com",
)
"""What the tag AzureKubernetesService stands for, over TLS on port 443; API servers of all
regions."""

_HTTPS = ((ProtocolType.HTTPS, 443),)


def firewall_rules(
    firewall: AzureFirewall,
    *,
    names: Mapping[str, tuple[IPv4Address, ...]],
    tags: Mapping[str, tuple[IPv4Network, ...]],
) -> Firewall:
    """The rules of `firewall`.

    `names` has the addresses of names in the public DNS, `tags` the prefixes of the
    lab's service tags by case-folded name.
    """
    return Firewall(
        network_rules=tuple(
            made
            for each in sorted(firewall.network_rule_collections, key=lambda c: c.priority)
            for rule in each.rules
            for made in _network_rules(
                rule,
                name=f"{each.name}/{rule.name}",
                priority=each.priority,
                allow=each.action is Access.ALLOW,
                destinations=(
                    *rule.destination_addresses,
                    *(p for tag in rule.destination_tags for p in tags.get(tag.casefold(), ())),
                    *(
                        IPv4Network(address)
                        for name in rule.destination_fqdns
                        for address in names.get(name, ())
                    ),
                ),
            )
        ),
        application_rules=tuple(
            _application_rule(
                rule, name=f"{each.name}/{rule.name}", allow=each.action is Access.ALLOW
            )
            for each in sorted(firewall.application_rule_collections, key=lambda c: c.priority)
            for rule in each.rules
        ),
        denied_status=firewall.denied_status,
    )


def _network_rules(
    rule: FirewallNetworkRule,
    *,
    name: str,
    priority: int,
    allow: bool,
    destinations: tuple[IPv4Network, ...],
) -> Iterator[SecurityRule]:
    """One for each protocol."""
    protocols = rule.protocols
    if SecurityProtocol.ANY in protocols:
        protocols = (SecurityProtocol.ANY,)
    for protocol in protocols:
        yield SecurityRule(
            name=name,
            priority=priority,
            allow=allow,
            protocol=protocol,
            sources=rule.source_addresses,
            destinations=destinations,
            destination_ports=(
                ANY_PORT if protocol is SecurityProtocol.ICMP else rule.destination_ports
            ),
        )


def _application_rule(rule: FirewallApplicationRule, *, name: str, allow: bool) -> ApplicationRule:
    fqdns, protocols = rule.target_fqdns, rule.protocols
    if FqdnTag.AZURE_KUBERNETES_SERVICE in rule.fqdn_tags:
        fqdns, protocols = AKS_FQDNS, rule.protocols or _HTTPS
    return ApplicationRule(
        name=name,
        allow=allow,
        sources=rule.source_addresses,
        fqdns=fqdns,
        http_ports=tuple(port for kind, port in protocols if kind is ProtocolType.HTTP),
        https_ports=tuple(port for kind, port in protocols if kind is ProtocolType.HTTPS),
    )
