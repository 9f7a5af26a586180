"""The lab as it was written, parsed and defaulted: frozen values, ARM and Kubernetes words.

Property names are the lab file's in snake_case. Every object knows the line it
came from (`location`) and those of its properties (`at`), which take no part in
comparison.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import Any, ClassVar

from lab.topology.cluster import Cluster
from lab.topology.egress import NatGateway, PublicIPAddress
from lab.topology.firewall import AzureFirewall
from lab.topology.gateway import (
    Connection,
    LocalNetworkGateway,
    OnPremisesNetwork,
    VirtualNetworkGateway,
)
from lab.topology.limits import DEFAULT_LIMITS, Limits
from lab.topology.load_balancer import LoadBalancer
from lab.topology.private_dns import PrivateDnsZone
from lab.topology.private_link import PrivateEndpoint, StorageAccount
from lab.topology.problems import Problem
from lab.topology.route_table import RouteTable
from lab.topology.security import ApplicationSecurityGroup, NetworkSecurityGroup, ServiceTag
from lab.topology.virtual_network import SubnetReference, VirtualNetwork
from lab.topology.written import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud(Written):
    """The virtual networks and what belongs to them."""

    provider: str
    virtual_networks: tuple[VirtualNetwork, ...]
    route_tables: tuple[RouteTable, ...] = ()
    network_security_groups: tuple[NetworkSecurityGroup, ...] = ()
    application_security_groups: tuple[ApplicationSecurityGroup, ...] = ()
    service_tags: tuple[ServiceTag, ...] = ()
    public_ip_addresses: tuple[PublicIPAddress, ...] = ()
    nat_gateways: tuple[NatGateway, ...] = ()
    load_balancers: tuple[LoadBalancer, ...] = ()
    private_dns_zones: tuple[PrivateDnsZone, ...] = ()
    virtual_network_gateways: tuple[VirtualNetworkGateway, ...] = ()
    local_network_gateways: tuple[LocalNetworkGateway, ...] = ()
    connections: tuple[Connection, ...] = ()
    azure_firewalls: tuple[AzureFirewall, ...] = ()
    storage_accounts: tuple[StorageAccount, ...] = ()
    private_endpoints: tuple[PrivateEndpoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualMachine(Written):
    """A plain virtual machine."""

    name: str
    subnet: SubnetReference
    private_ip_address: IPv4Address | None = None
    """None: the next free address."""
    enable_ip_forwarding: bool = False
    sysctls: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    network_security_group: str | None = None
    """Of its network interface."""
    application_security_groups: tuple[str, ...] = ()
    """To which its network interface belongs."""
    public_ip_address: str | None = None
    """Name of that of its network interface."""
    load_balancer_backend_address_pools: tuple[str, ...] = ()
    """``LOADBALANCER/POOL`` of each pool that its network interface is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InternetHost(Written):
    """A host of the emulated Internet."""

    name: str
    address: IPv4Address
    names: tuple[str, ...] = ()
    """In the public DNS, lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation(Written):
    """What a test expects.

    The values are those of the lab file's ``expect:`` mapping, checked by the
    schema (``$defs/expect``, which describes each); `lab.checks` gives them
    meaning. Mappings and tuples all the way down; defaults are not filled in.
    """

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Test(Written):
    """One entry of ``tests:``."""

    __test__: ClassVar[bool] = False

    name: str
    source: str
    """``from:``, a target such as ``pod/nginx-0``."""
    destination: str | None
    """``to:``, a target or an address."""
    expect: Expectation
    within: float = 10.0
    """Seconds in which the expectation has to come true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab(Written):
    """A whole lab file."""

    name: str
    cloud: Cloud
    clusters: tuple[Cluster, ...] = ()
    virtual_machines: tuple[VirtualMachine, ...] = ()
    internet: tuple[InternetHost, ...] = ()
    on_premises: tuple[OnPremisesNetwork, ...] = ()
    tests: tuple[Test, ...] = ()
    limits: Limits = DEFAULT_LIMITS
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    """What works, but not as one may think (`lab.topology.load`)."""
