"""Hosts without a guest where virtual networks end."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from lab.contract.node_state import Delivery, NodeKind, SourceTranslation
from lab.contract.state_parts import assembled
from lab.topology.egress import NatGateway, PublicIPAddress
from lab.topology.model import Lab, VirtualMachine
from lab.topology.virtual_network import Subnet
from tests.unit.lab.compile.labs import INTERNET, compiled, lab, machine, network, routes

PUBLIC = IPv4Address("198.51.100.40")
GATEWAY = NatGateway(name="egress", public_ip_addresses=("ip1", "ip2"), idle_timeout_in_minutes=10)


def behind_a_nat_gateway(*machines: VirtualMachine) -> Lab:
    vnet = network()
    app = Subnet(name="app", address_prefix=IPv4Network("10.0.8.0/24"), nat_gateway="egress")
    return lab(
        *machines,
        INTERNET,
        networks=(replace(vnet, subnets=(*vnet.subnets, app)),),
        nat_gateways=(GATEWAY,),
        public_ip_addresses=(
            PublicIPAddress(name="ip1", ip_address=PUBLIC),
            PublicIPAddress(name="ip2", ip_address=PUBLIC + 1),
            PublicIPAddress(name="own"),
        ),
    )


def test_a_nat_gateway_is_the_next_hop_internet_of_its_subnets() -> None:
    """Nothing is translated before it gets there; other subnets go their own ways."""
    found = compiled(behind_a_nat_gateway(machine("a", "vnet01/app"), machine("b")))
    state = found.nodes["a"].vswitch.node

    assert routes(found, "a")["0.0.0.0/0"] == "egress"
    assert "203.0.113.10/32" not in routes(found, "a")
    assert state.public_address is None
    assert routes(found, "b")["203.0.113.10/32"] == "out:internet"


def test_a_public_address_of_its_own_goes_past_it() -> None:
    own = machine("a", "vnet01/app", public_ip_address="own")
    found = compiled(behind_a_nat_gateway(own))

    assert routes(found, "a")["203.0.113.10/32"] == "out:internet"
    assert found.nodes["a"].vswitch.node.accepts_inbound is False
    assert found.nodes["a"].vswitch.node.public_address is not None


def test_its_host_translates_and_brings_answers_back() -> None:
    found = compiled(behind_a_nat_gateway(machine("a", "vnet01/app")))
    state = found.nodes["egress"]

    assert (state.kind, state.nic.primary.ip) == (NodeKind.NAT_GATEWAY, PUBLIC)
    assert state.edge is not None
    assert state.edge.translation == SourceTranslation(
        public_addresses=(PUBLIC, PUBLIC + 1), tcp_idle_seconds=600
    )
    back = {str(each.prefix): each for each in state.edge.inward}
    assert back["10.0.8.4/32"].delivery is Delivery.FABRIC
    assert back["10.0.8.4/32"].underlay_address == found.nodes["a"].vswitch.underlay_address
    assert back["0.0.0.0/0"].delivery is Delivery.DROP
    assert assembled(found.encoded("egress")) == state


def test_the_internet_finds_it_by_each_of_its_addresses() -> None:
    found = compiled(behind_a_nat_gateway(machine("a", "vnet01/app")))

    assert routes(found, "internet")[f"{PUBLIC}/31"] == "out:egress"
