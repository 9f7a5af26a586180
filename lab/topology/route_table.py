"""Route tables as they were written: user-defined routes."""

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network

from lab.topology.written import Written


class NextHopType(Enum):
    """`nextHopType` of a route (semantics 2.2)."""

    VNET_LOCAL = "VnetLocal"
    INTERNET = "Internet"
    VIRTUAL_APPLIANCE = "VirtualAppliance"
    NONE = "None"
    VIRTUAL_NETWORK_GATEWAY = "VirtualNetworkGateway"
    VNET_PEERING = "VNetPeering"
    """Of system routes only: a peering makes them."""
    VIRTUAL_NETWORK_SERVICE_ENDPOINT = "VirtualNetworkServiceEndpoint"
    """Of system routes only: a service endpoint of the subnet makes them."""
    INTERFACE_ENDPOINT = "InterfaceEndpoint"
    """Of system routes only: a private endpoint makes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Written):
    """A user-defined route (UDR)."""

    name: str
    address_prefix: IPv4Network
    next_hop_type: NextHopType
    next_hop_ip_address: IPv4Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedRoute(Written):
    """A user-defined route for every prefix of a service tag."""

    name: str
    service_tag: str
    next_hop_type: NextHopType
    next_hop_ip_address: IPv4Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable(Written):
    """A table of user-defined routes, associated with subnets."""

    name: str
    routes: tuple[Route, ...]
    tagged_routes: tuple[TaggedRoute, ...] = ()
    """Those of ``routes:`` whose addressPrefix is a service tag."""
    disable_bgp_route_propagation: bool = False
    """Keeps the routes of gateways out of the subnets."""
