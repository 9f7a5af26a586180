"""What virtual networks learn by gateways."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.cloud.gateway import gateway_of, gateway_prefixes, links, networks_behind
from lab.topology.gateway import (
    Connection,
    ConnectionType,
    GatewayType,
    LocalNetworkGateway,
    OnPremisesHost,
    OnPremisesNetwork,
    VirtualNetworkGateway,
)
from lab.topology.model import Lab
from lab.topology.virtual_network import VirtualNetwork, VirtualNetworkPeering
from tests.unit.lab.compile.labs import lab, network

DEVICE = IPv4Address("20.0.0.9")
GATEWAY = VirtualNetworkGateway(
    name="gw", gateway_type=GatewayType.VPN, virtual_network="hub", subnet="GatewaySubnet"
)
OFFICE = OnPremisesNetwork(
    name="office",
    address_prefixes=(IPv4Network("192.168.0.0/16"), IPv4Network("0.0.0.0/0")),
    gateway_ip_address=DEVICE,
    hosts=(OnPremisesHost(name="desk", address=IPv4Address("192.168.1.8")),),
)
LOCAL = LocalNetworkGateway(
    name="local", gateway_ip_address=DEVICE, address_prefixes=(IPv4Network("192.168.1.0/24"),)
)


def peered(name: str, prefix: str, remote: str, **flags: bool) -> VirtualNetwork:
    half = VirtualNetworkPeering(name=f"to-{remote}", remote_virtual_network=remote)
    made = network(name, prefix, a=prefix.replace("/16", "/24"))
    return replace(made, virtual_network_peerings=(replace(half, **flags),))  # type: ignore[arg-type]


def hybrid(*, bgp: bool = False, transit: bool = True, use: bool = True) -> Lab:
    connection = Connection(
        name="c",
        connection_type=ConnectionType.IPSEC,
        virtual_network_gateway="gw",
        local_network_gateway="local",
        enable_bgp=bgp,
    )
    made = lab(
        networks=(
            peered("hub", "10.0.0.0/16", "spoke", allow_gateway_transit=transit),
            peered("spoke", "10.1.0.0/16", "hub", use_remote_gateways=use),
        ),
        virtual_network_gateways=(GATEWAY,),
        local_network_gateways=(LOCAL,),
        connections=(connection,),
    )
    return replace(made, on_premises=(OFFICE,))


def test_a_connection_leads_to_the_network_with_that_vpn_device() -> None:
    (link,) = links(hybrid())
    assert (link.gateway, link.site) == (GATEWAY, OFFICE)
    assert link.prefixes == LOCAL.address_prefixes


def test_with_bgp_the_other_end_says_what_it_has() -> None:
    made = hybrid(bgp=True)
    hub, _ = made.cloud.virtual_networks
    assert gateway_prefixes(made, hub) == OFFICE.address_prefixes


def test_an_express_route_names_the_network_itself() -> None:
    made = hybrid()
    connection = replace(
        made.cloud.connections[0],
        connection_type=ConnectionType.EXPRESS_ROUTE,
        local_network_gateway=None,
        peer="office",
    )
    (link,) = links(replace(made, cloud=replace(made.cloud, connections=(connection,))))
    assert (link.site, link.prefixes) == (OFFICE, OFFICE.address_prefixes)


@pytest.mark.parametrize(
    ("transit", "use", "through"),
    [(True, True, True), (False, True, False), (True, False, False)],
)
def test_a_peer_uses_a_gateway_when_both_halves_say_so(
    transit: bool, use: bool, through: bool
) -> None:
    """Semantics 2.5."""
    made = hybrid(transit=transit, use=use)
    hub, spoke = made.cloud.virtual_networks

    assert gateway_of(made.cloud, hub) == GATEWAY
    assert (gateway_of(made.cloud, spoke) == GATEWAY) is through
    assert bool(gateway_prefixes(made, spoke)) is through
    assert (spoke in networks_behind(made.cloud, GATEWAY)) is through
