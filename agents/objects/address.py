"""Addresses that are assigned to devices."""

from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address of a device, with the length of its on-link prefix."""

    link: str
    interface: IPv4Interface | IPv6Interface
    broadcast: bool = False
    """Whether ``ip addr`` prints ``brd``: DHCP clients set it, CNI plugins do not."""
    on_link: bool = True
    """Whether the kernel routes the address's prefix to the device, as it does by itself."""
