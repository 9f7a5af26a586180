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
from lab.contract.vswitch_codec import vswitch_from_parts, vswitch_to_wire
from lab.contract.wire import CodecError


def from_wire(*messages: pb.Vswitch) -> Vswitch:
    return vswitch_from_parts([message.SerializeToString() for message in messages])


HERE, PEER = IPv4Address("198.18.0.4"), IPv4Address("198.18.0.5")
DROP = FabricRoute(prefix=IPv4Network("0.0.0.0/0"), delivery=Delivery.DROP)


def test_pods_that_are_not_there_stay_away() -> None:
    message = vswitch_to_wire(Vswitch(underlay_address=HERE))

    assert not message.HasField("pods")
    assert from_wire(message).pods is None


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
    found = from_wire(
        vswitch_to_wire(Vswitch(underlay_address=HERE, node=NetworkContainer(routes=routes)))
    )

    assert found.node.routes == routes
    assert found.node.routes[0].underlay_address is found.node.routes[1].underlay_address


def test_parts_are_merged_as_protobuf_merges_messages() -> None:
    """Whatever the order in which the cloud process puts them together."""
    gate = SecurityGate(name="nic vm1", network_security_group="nsg1", rules=())
    addresses = (IPv4Network("10.0.0.4"),)
    parts = [
        Vswitch(underlay_address=HERE, node=NetworkContainer(routes=(DROP,))),
        Vswitch(underlay_address=PEER, pods=NetworkContainer(inbound=(gate,))),
        Vswitch(
            underlay_address=HERE,
            node=NetworkContainer(subnet="vnet1/a", addresses=addresses, public_address=PEER),
            pods=NetworkContainer(outbound=(gate,), accepts_inbound=True, routes=(DROP,)),
        ),
    ]
    whole = pb.Vswitch()
    for part in parts:
        whole.MergeFrom(vswitch_to_wire(part))

    found = from_wire(*map(vswitch_to_wire, parts))

    assert found == from_wire(whole)
    assert found.node == NetworkContainer(
        subnet="vnet1/a", addresses=addresses, routes=(DROP,), public_address=PEER
    )
    assert found.pods == NetworkContainer(
        inbound=(gate,), outbound=(gate,), accepts_inbound=True, routes=(DROP,)
    )


def test_hosts_that_share_a_part_have_its_routes_in_common() -> None:
    shared = pb.Vswitch(
        node=vswitch_to_wire(
            Vswitch(underlay_address=HERE, node=NetworkContainer(routes=(DROP,)))
        ).node
    )
    one, other = (
        from_wire(shared, vswitch_to_wire(Vswitch(underlay_address=each))) for each in (HERE, PEER)
    )

    assert one.underlay_address != other.underlay_address
    assert one.node.routes is other.node.routes


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
    found = from_wire(
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
        from_wire(message)
