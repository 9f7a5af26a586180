"""Storage accounts, who may get at them, and private endpoints that lead to them.

Property names are those of ``az storage account show`` and ``az network
private-endpoint show`` (semantics 2.7).
"""

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network

from lab.topology.virtual_network import SubnetReference
from lab.topology.written import Written

STORAGE = "Microsoft.Storage"
"""The service of storage accounts, as service endpoints name it."""


class DefaultAction(Enum):
    """`defaultAction` of a network rule set."""

    ALLOW = "Allow"
    DENY = "Deny"


class ConnectionStatus(Enum):
    """`status` of the state of a private endpoint's connection."""

    APPROVED = "Approved"
    PENDING = "Pending"
    REJECTED = "Rejected"
    DISCONNECTED = "Disconnected"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRuleSet(Written):
    """Who gets at an account other than by private endpoints."""

    default_action: DefaultAction = DefaultAction.DENY
    ip_rules: tuple[IPv4Network, ...] = ()
    virtual_network_rules: tuple[SubnetReference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageAccount(Written):
    """A storage account: a service with a public address."""

    name: str
    address: IPv4Address
    public_network_access: bool = True
    network_rule_set: NetworkRuleSet = NetworkRuleSet(default_action=DefaultAction.ALLOW)
    """Without one everybody gets in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateEndpoint(Written):
    """An address in a subnet that leads to a storage account."""

    name: str
    subnet: SubnetReference
    private_ip_address: IPv4Address | None = None
    """None: the next free one."""
    storage_account: str
    group: str
    """The part of the account whose name leads to the endpoint: ``blob``, ``file`` …"""
    status: ConnectionStatus = ConnectionStatus.APPROVED
    private_dns_zones: tuple[str, ...] = ()
    """Zones that get a record for the endpoint, lower case."""

    @property
    def passes(self) -> bool:
        """Whether packets get through."""
        return self.status is ConnectionStatus.APPROVED
