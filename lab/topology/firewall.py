"""Azure firewalls as they are written: collections of rules about addresses and about names.

Property names are those of ``az network firewall show`` (semantics 2.6).
"""

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network

from lab.contract.node_state import PortRange, SecurityProtocol
from lab.topology.security import Access
from lab.topology.virtual_network import SubnetReference
from lab.topology.written import Written

SUBNET_NAME = "AzureFirewallSubnet"
DENIED_STATUS = 470
"""What the real one answers to an HTTP request that it denies."""


class ProtocolType(Enum):
    """`protocolType` of an application rule."""

    HTTP = "Http"
    HTTPS = "Https"


class FqdnTag(Enum):
    """`fqdnTags` of an application rule."""

    AZURE_KUBERNETES_SERVICE = "AzureKubernetesService"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallNetworkRule(Written):
    """A rule about addresses and ports."""

    name: str
    protocols: tuple[SecurityProtocol, ...]
    source_addresses: tuple[IPv4Network, ...]
    destination_addresses: tuple[IPv4Network, ...] = ()
    destination_tags: tuple[str, ...] = ()
    """Service tags of the lab among ``destinationAddresses``."""
    destination_fqdns: tuple[str, ...] = ()
    destination_ports: tuple[PortRange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallApplicationRule(Written):
    """A rule about names."""

    name: str
    source_addresses: tuple[IPv4Network, ...]
    protocols: tuple[tuple[ProtocolType, int], ...] = ()
    """With their ports."""
    target_fqdns: tuple[str, ...] = ()
    fqdn_tags: tuple[FqdnTag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRuleCollection(Written):
    """Network rules with one action."""

    name: str
    priority: int
    action: Access
    rules: tuple[FirewallNetworkRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRuleCollection(Written):
    """Application rules with one action."""

    name: str
    priority: int
    action: Access
    rules: tuple[FirewallApplicationRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureFirewall(Written):
    """A firewall in a subnet of its own."""

    name: str
    subnet: SubnetReference
    public_ip_address: str
    private_ip_address: IPv4Address | None = None
    """None: the next free one."""
    denied_status: int = DENIED_STATUS
    network_rule_collections: tuple[NetworkRuleCollection, ...] = ()
    application_rule_collections: tuple[ApplicationRuleCollection, ...] = ()
