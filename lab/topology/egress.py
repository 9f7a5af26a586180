"""How a network interface gets to the Internet: public addresses and what shares them."""

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address

from lab.topology.written import Written


class PublicIPAddressSku(Enum):
    """`sku.name` of a public address."""

    BASIC = "Basic"
    STANDARD = "Standard"
    """Closed to what comes in until a network security group allows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicIPAddress(Written):
    """A public address that network interfaces, NAT gateways or load balancers have."""

    name: str
    ip_address: IPv4Address | None = None
    """None: the next free one."""
    sku: PublicIPAddressSku = PublicIPAddressSku.STANDARD


@dataclass(frozen=True, slots=True, kw_only=True)
class NatGateway(Written):
    """A NAT gateway: the way out of the subnets that name it."""

    name: str
    public_ip_addresses: tuple[str, ...]
    """Names; at least one, at most sixteen."""
    idle_timeout_in_minutes: int = 4
    """After how long without a packet a TCP connection is forgotten."""
