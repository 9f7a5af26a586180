"""Network security groups as they are written: rules, application groups, service tags.

Property names are those of ``az network nsg … -o json`` (semantics 2.3).
"""

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network

from lab.contract.node_state import ANY_PORT, PortRange, SecurityProtocol
from lab.topology.written import Written

ANYWHERE = IPv4Network("0.0.0.0/0")
"""What ``*`` means as a prefix."""

VIRTUAL_NETWORK = "VirtualNetwork"
INTERNET = "Internet"
AZURE_LOAD_BALANCER = "AzureLoadBalancer"
BUILT_IN_TAGS = (VIRTUAL_NETWORK, INTERNET, AZURE_LOAD_BALANCER)
"""Service tags that every lab has; others come from ``cloud.serviceTags``."""


PLATFORM_DNS = "AzurePlatformDNS"
PLATFORM_METADATA = "AzurePlatformIMDS"
PLATFORM_LICENSES = "AzurePlatformLKM"
PLATFORM_TAGS = (PLATFORM_DNS, PLATFORM_METADATA, PLATFORM_LICENSES)
"""The host's own services, which no rule filters unless it names them so (semantics 2.3)."""


class Direction(Enum):
    """`direction` of a security rule, as seen from the network interface."""

    INBOUND = "Inbound"
    OUTBOUND = "Outbound"


class Access(Enum):
    """`access` of a security rule."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """One side of a security rule: who, and with which ports."""

    prefixes: tuple[IPv4Network, ...] = ()
    tags: tuple[str, ...] = ()
    """Names of service tags as written."""
    application_security_groups: tuple[str, ...] = ()
    ports: tuple[PortRange, ...] = ANY_PORT


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityRule(Written):
    """A rule of a network security group."""

    name: str
    priority: int
    direction: Direction
    access: Access
    protocol: SecurityProtocol
    source: Peers
    destination: Peers


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSecurityGroup(Written):
    """A network security group, associated with subnets and network interfaces."""

    name: str
    security_rules: tuple[SecurityRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSecurityGroup(Written):
    """A name for network interfaces that rules treat alike."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTag(Written):
    """A name for the prefixes of a service, as ``az network list-service-tags`` has them."""

    name: str
    address_prefixes: tuple[IPv4Network, ...]


def same_name(first: str, second: str) -> bool:
    """Whether two names are one to Azure, which takes case for nothing."""
    return first.casefold() == second.casefold()
