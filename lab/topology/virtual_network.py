"""Virtual networks as they were written: subnets, peerings."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import NamedTuple

from lab.topology.written import Written


class SubnetReference(NamedTuple):
    """``VNET/SUBNET`` as nodes and machines name where they are.

    A tuple, because it is looked up for every host: a dataclass is hashed by a call.
    """

    virtual_network: str
    subnet: str

    def __str__(self) -> str:
        return f"{self.virtual_network}/{self.subnet}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet(Written):
    """A subnet of a virtual network."""

    name: str
    address_prefix: IPv4Network
    route_table: str | None = None
    """Name of the associated `RouteTable`; None: a cluster may bring its own."""
    network_security_group: str | None = None
    default_outbound_access: bool = True
    """Whether who has no other way to the Internet gets an address for it (semantics 2.6)."""
    nat_gateway: str | None = None
    """Name of the `NatGateway` that is associated."""
    service_endpoints: tuple[str, ...] = ()
    """Services that see the subnet's own addresses (semantics 2.7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualNetworkPeering(Written):
    """One network's half of a peering; the flags speak for this half alone."""

    name: str
    remote_virtual_network: str
    allow_virtual_network_access: bool = True
    allow_forwarded_traffic: bool = False
    """Lets packets in that don't originate in the remote network (semantics 2.5)."""
    allow_gateway_transit: bool = False
    use_remote_gateways: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualNetwork(Written):
    """A virtual network with its subnets."""

    name: str
    address_prefixes: tuple[IPv4Network, ...]
    subnets: tuple[Subnet, ...]
    virtual_network_peerings: tuple[VirtualNetworkPeering, ...] = ()
