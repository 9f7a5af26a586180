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
