"""From the usable part of a document to what leads to the Internet."""

from lab.topology.egress import (
    ClusterEgress,
    NatGateway,
    OutboundType,
    PublicIPAddress,
    PublicIPAddressSku,
)
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


def cluster_egress(entry: Entry) -> ClusterEgress:
    """What the cluster at `entry` makes for its egress; profiles of other kinds are refused."""
    kind = entry.parsed("outboundType", OutboundType) or OutboundType.NONE
    balanced, translated = entry.below("loadBalancerProfile"), entry.below("natGatewayProfile")
    managed = (
        translated.below("managedOutboundIPProfile")
        if kind is OutboundType.MANAGED_NAT_GATEWAY
        else balanced.below("managedOutboundIPs")
    )
    return ClusterEgress(
        **entry.origin,
        outbound_type=kind,
        managed_outbound_ips=managed.number("count", 1),
        allocated_outbound_ports=balanced.number("allocatedOutboundPorts"),
        idle_timeout_in_minutes=translated.number("idleTimeoutInMinutes", 4),
    )
