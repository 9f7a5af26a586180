"""The virtual switch on the wire; arbitrary values are in `values`."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.contract.node_state import (
    ANY_PORT,
    Delivery,
    FabricRoute,
    NetworkContainer,
    SecurityGate,
    SecurityProtocol,
    SecurityRule,
    Vswitch,
)
from lab.contract.v1 import node_state_pb2 as pb
from lab.contract.vswitch_codec import vswitch_from_wire, vswitch_to_wire
from lab.contract.wire import CodecError

HERE, PEER = IPv4Address("198.18.0.4"), IPv4Address("198.18.0.5")
DROP = FabricRoute(prefix=IPv4Network("0.0.0.0/0"), delivery=Delivery.DROP)


def test_pods_that_are_not_there_stay_away() -> None:
    message = vswitch_to_wire(Vswitch(underlay_address=HERE))

    assert not message.HasField("pods")
    assert vswitch_from_wire(message).pods is None


def test_a_peer_is_one_object_however_many_routes_lead_to_it() -> None:
    routes = tuple(
        FabricRoute(
            prefix=IPv4Network((number << 8, 24)),
            delivery=Delivery.FABRIC,
            underlay_address=PEER,
            vni=1000,
        )
        for number in (1, 2)
    )
    found = vswitch_from_wire(
        vswitch_to_wire(Vswitch(underlay_address=HERE, node=NetworkContainer(routes=routes)))
    )

    assert found.node.routes == routes
    assert found.node.routes[0].underlay_address is found.node.routes[1].underlay_address


def test_a_rule_for_nobody_stays_one_and_any_port_is_one_object() -> None:
    rule = SecurityRule(
        name="nobody",
        priority=100,
        allow=True,
        protocol=SecurityProtocol.ANY,
        sources=(),
        destinations=(IPv4Network("0.0.0.0/0"),),
    )
    gate = SecurityGate(name="nic vm1", network_security_group="nsg1", rules=(rule,))
    found = vswitch_from_wire(
        vswitch_to_wire(Vswitch(underlay_address=HERE, node=NetworkContainer(inbound=(gate,))))
    )

    assert found.node.inbound == (gate,)
    assert found.node.inbound[0].rules[0].source_ports is ANY_PORT


def test_a_protocol_of_a_newer_contract_is_refused() -> None:
    rule = pb.SecurityRule(name="odd", protocol=99)  # type: ignore[arg-type]
    message = pb.Vswitch(
        underlay_address=HERE.packed,
        node=pb.NetworkContainer(inbound=[pb.SecurityGate(rules=[rule])]),
    )

    with pytest.raises(CodecError, match="99 stands for no SecurityProtocol"):
        vswitch_from_wire(message)
