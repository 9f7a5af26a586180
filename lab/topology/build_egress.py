"""From the usable part of a document to what leads to the Internet."""

from lab.topology.egress import NatGateway, PublicIPAddress, PublicIPAddressSku
from lab.topology.entry import Entry
from lab.topology.schema import formats


def public_ip_address(entry: Entry) -> PublicIPAddress:
    """A public address of the lab's own."""
    return PublicIPAddress(
        **entry.origin,
        name=entry.text("name"),
        ip_address=entry.parsed("ipAddress", formats.address),
        sku=entry.below("sku").parsed("name", PublicIPAddressSku) or PublicIPAddressSku.STANDARD,
    )


def nat_gateway(entry: Entry) -> NatGateway:
    """A NAT gateway; its subnets name it, it names none."""
    return NatGateway(
        **entry.origin,
        name=entry.text("name"),
        public_ip_addresses=entry.texts("publicIpAddresses"),
        idle_timeout_in_minutes=entry.number("idleTimeoutInMinutes", 4),
    )
