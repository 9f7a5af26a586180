"""Gateways of virtual networks, and the networks on premises behind them."""

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network

from lab.topology.written import Written

GATEWAY_SUBNET = "GatewaySubnet"
"""The one name that a gateway's subnet can have; nothing else may be in it."""


class GatewayType(Enum):
    """`gatewayType` of a virtual network gateway."""

    VPN = "Vpn"
    EXPRESS_ROUTE = "ExpressRoute"


class ConnectionType(Enum):
    """`connectionType` of a connection."""

    IPSEC = "IPsec"
    EXPRESS_ROUTE = "ExpressRoute"


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualNetworkGateway(Written):
    """A VPN or ExpressRoute gateway in the GatewaySubnet of its virtual network."""

    name: str
    gateway_type: GatewayType
    virtual_network: str
    subnet: str
    """`GATEWAY_SUBNET`, or the file is refused."""
    public_ip_address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalNetworkGateway(Written):
    """What the cloud knows of a network at the other end of a VPN."""

    name: str
    gateway_ip_address: IPv4Address
    address_prefixes: tuple[IPv4Network, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Written):
    """Connects a gateway to a network on premises."""

    name: str
    connection_type: ConnectionType
    virtual_network_gateway: str
    local_network_gateway: str | None = None
    """With IPsec."""
    peer: str | None = None
    """With ExpressRoute: name of the `OnPremisesNetwork`."""
    enable_bgp: bool = False
    """The other end announces its prefixes; those of the local network gateway don't count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPremisesHost(Written):
    """A machine on premises."""

    name: str
    address: IPv4Address


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPremisesNetwork(Written):
    """A network on premises with its hosts."""

    name: str
    address_prefixes: tuple[IPv4Network, ...]
    gateway_ip_address: IPv4Address | None = None
    """Of its VPN device: local network gateways with it stand for this network."""
    hosts: tuple[OnPremisesHost, ...] = ()
