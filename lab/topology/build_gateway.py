"""From the usable part of a document to gateways, connections and networks on premises."""

from lab.topology.entry import Entry
from lab.topology.gateway import (
    Connection,
    ConnectionType,
    GatewayType,
    LocalNetworkGateway,
    OnPremisesHost,
    OnPremisesNetwork,
    VirtualNetworkGateway,
)
from lab.topology.schema import formats


def virtual_network_gateway(entry: Entry) -> VirtualNetworkGateway:
    """A gateway; of its IP configurations the first counts."""
    configuration = next(entry.entries("ipConfigurations"), entry)
    network, _, subnet = configuration.text("subnet").partition("/")
    return VirtualNetworkGateway(
        **entry.origin,
        name=entry.text("name"),
        gateway_type=GatewayType(entry.text("gatewayType", GatewayType.VPN.value)),
        virtual_network=network,
        subnet=subnet,
        public_ip_address=configuration.parsed("publicIPAddress", str),
    )


def local_network_gateway(entry: Entry) -> LocalNetworkGateway:
    """What the cloud knows of the other end of a VPN."""
    space = entry.below("localNetworkAddressSpace")
    return LocalNetworkGateway(
        **entry.origin,
        name=entry.text("name"),
        gateway_ip_address=formats.address(entry.text("gatewayIpAddress")),
        address_prefixes=tuple(formats.prefix(each) for each in space.texts("addressPrefixes")),
    )


def connection(entry: Entry) -> Connection:
    """A connection of a gateway."""
    return Connection(
        **entry.origin,
        name=entry.text("name"),
        connection_type=ConnectionType(entry.text("connectionType")),
        virtual_network_gateway=entry.text("virtualNetworkGateway1"),
        local_network_gateway=entry.parsed("localNetworkGateway2", str),
        peer=entry.parsed("peer", str),
        enable_bgp=entry.flag("enableBgp", default=False),
    )


def on_premises_network(entry: Entry) -> OnPremisesNetwork:
    """A network on premises with its hosts."""
    return OnPremisesNetwork(
        **entry.origin,
        name=entry.text("name"),
        address_prefixes=tuple(formats.prefix(each) for each in entry.texts("addressPrefixes")),
        gateway_ip_address=entry.parsed("gatewayIpAddress", formats.address),
        hosts=tuple(
            OnPremisesHost(
                **each.origin, name=each.text("name"), address=formats.address(each.text("address"))
            )
            for each in entry.entries("hosts")
        ),
    )
