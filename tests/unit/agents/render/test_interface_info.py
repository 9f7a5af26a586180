"""The addresses of the network interface, as Azure CNI asks for them."""

from dataclasses import replace
from ipaddress import IPv4Network
from xml.etree import ElementTree

from agents.render.interface_info import interface_info
from lab.contract.node_state import NodeState
from tests.unit.agents.states import machine


def with_pods_addresses() -> NodeState:
    state = machine(1)
    own = (IPv4Network("10.0.0.4/30"),)
    node = replace(state.vswitch.node, addresses=own)
    return replace(state, vswitch=replace(state.vswitch, node=node))


def test_every_address_is_told_the_primary_one_first() -> None:
    (interface,) = ElementTree.fromstring(interface_info(with_pods_addresses()).encode())
    (subnet,) = interface
    assert interface.attrib == {"MacAddress": "000D3A000001", "IsPrimary": "true"}
    assert subnet.attrib == {"Prefix": "10.0.0.0/22"}
    assert [(each.get("Address"), each.get("IsPrimary")) for each in subnet] == [
        ("10.0.0.4", "true"),
        ("10.0.0.5", "false"),
        ("10.0.0.6", "false"),
        ("10.0.0.7", "false"),
    ]
