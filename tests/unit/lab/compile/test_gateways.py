"""Gateways and what is behind them, as routes of hosts."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from lab.compile import Compilation
from lab.contract.node_state import Delivery, FabricRoute, NodeKind
from lab.contract.state_parts import assembled
from lab.topology.gateway import (
    Connection,
    ConnectionType,
    GatewayType,
    LocalNetworkGateway,
    OnPremisesHost,
    OnPremisesNetwork,
    VirtualNetworkGateway,
)
from tests.unit.lab.compile.labs import (
    INTERNET,
    compiled,
    lab,
    machine,
    network,
    route,
    routes,
)

DEVICE = IPv4Address("20.0.0.9")


def hybrid(*, tables: bool = False) -> Compilation:
    vlan: str | tuple[str, str] = ("10.0.0.0/22", "rt") if tables else "10.0.0.0/22"
    made = lab(
        machine("a", "vnet01/vlan01"),
        INTERNET,
        networks=(network(vlan01=vlan, GatewaySubnet="10.0.255.0/27"),),
        tables={"rt": (route("x", "192.168.1.9/32", "VirtualNetworkGateway"),)},
        virtual_network_gateways=(
            VirtualNetworkGateway(
                name="gw",
                gateway_type=GatewayType.VPN,
                virtual_network="vnet01",
                subnet="GatewaySubnet",
            ),
        ),
        local_network_gateways=(
            LocalNetworkGateway(
                name="local",
                gateway_ip_address=DEVICE,
                address_prefixes=(IPv4Network("192.168.0.0/16"),),
            ),
        ),
        connections=(
            Connection(
                name="c",
                connection_type=ConnectionType.IPSEC,
                virtual_network_gateway="gw",
                local_network_gateway="local",
            ),
        ),
    )
    office = OnPremisesNetwork(
        name="office",
        address_prefixes=(IPv4Network("192.168.0.0/16"), IPv4Network("172.20.0.0/16")),
        gateway_ip_address=DEVICE,
        hosts=(
            OnPremisesHost(name="desk", address=IPv4Address("192.168.1.8")),
            OnPremisesHost(name="hidden", address=IPv4Address("172.20.0.8")),
        ),
    )
    if tables:
        table = replace(made.cloud.route_tables[0], disable_bgp_route_propagation=True)
        made = replace(made, cloud=replace(made.cloud, route_tables=(table,)))
    return compiled(replace(made, on_premises=(office,)))


def by_prefix(found: tuple[FabricRoute, ...]) -> dict[str, FabricRoute]:
    return {str(each.prefix): each for each in found}


def test_what_a_gateway_brings_is_sent_to_it() -> None:
    assert routes(hybrid(), "a")["192.168.0.0/16"] == "gw"


def test_a_table_keeps_the_gateways_routes_out_but_not_its_own() -> None:
    found = routes(hybrid(tables=True), "a")
    assert found["192.168.1.9/32"] == "gw"
    assert "192.168.0.0/16" not in found or found["192.168.0.0/16"] == "drop"


def test_a_gateway_leads_out_to_hosts_and_in_to_interfaces() -> None:
    found = hybrid()
    gateway = found.nodes["gw"]
    assert gateway.kind is NodeKind.VIRTUAL_NETWORK_GATEWAY
    assert str(gateway.nic.primary.ip) == "10.0.255.4"
    assert gateway.edge is not None
    out, back = by_prefix(gateway.edge.outward), by_prefix(gateway.edge.inward)

    desk = found.nodes["desk"].vswitch.underlay_address
    assert (out["192.168.1.8/32"].underlay_address, out["192.168.1.8/32"].delivery) == (
        desk,
        Delivery.INTERNET,
    )
    assert "172.20.0.8/32" not in out, "no connection has its prefix"
    assert back["10.0.0.4/32"].underlay_address == found.nodes["a"].vswitch.underlay_address
    assert not any(each.delivery is Delivery.INTERNET for each in gateway.edge.inward)
    assert assembled(found.encoded("gw")) == gateway


def test_hosts_on_premises_send_what_is_for_the_network_to_its_gateway() -> None:
    found = hybrid()
    desk = routes(found, "desk")
    assert (desk["10.0.0.0/16"], desk["0.0.0.0/0"]) == ("out:gw", "drop")
    assert desk["172.20.0.8/32"] == "hidden"
    state = found.nodes["desk"]
    assert state.kind is NodeKind.ON_PREMISES_HOST
    assert state.vswitch.node.public_address == state.nic.primary.ip
    assert "203.0.113.10/32" not in desk


def test_the_internet_knows_nothing_of_them() -> None:
    found = routes(hybrid(), "internet")
    assert not any(prefix.startswith(("192.168.", "172.20.")) for prefix in found)


def test_a_route_to_a_gateway_that_is_not_there_is_a_warning() -> None:
    made = lab(
        machine("a", "vnet01/vlan01"),
        networks=(network(vlan01=("10.0.0.0/22", "rt")),),
        tables={"rt": (route("x", "192.168.1.9/32", "VirtualNetworkGateway"),)},
    )
    found = compiled(made)
    assert routes(found, "a")["0.0.0.0/0"] == "drop"
    assert [problem.message for problem in found.warnings] == [
        "route x of route table rt leads to the gateway of vnet01, which has none: what the "
        "route matches is dropped"
    ]
