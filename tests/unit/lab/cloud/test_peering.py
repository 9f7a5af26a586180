"""Peerings: two halves, flags of each, never transitive (semantics 2.5)."""

from ipaddress import IPv4Network

import pytest

from lab.cloud.peering import (
    Peer,
    PeeringState,
    accessible_prefixes,
    forwarding_rules,
    one_sided,
    peered_prefixes,
    peers_of,
)
from lab.topology.model import Cloud
from lab.topology.security import ANYWHERE, Access
from lab.topology.virtual_network import Subnet, VirtualNetwork, VirtualNetworkPeering


def network(name: str, prefix: str, *halves: VirtualNetworkPeering) -> VirtualNetwork:
    return VirtualNetwork(
        name=name,
        address_prefixes=(IPv4Network(prefix),),
        subnets=(Subnet(name="a", address_prefix=IPv4Network(prefix)),),
        virtual_network_peerings=halves,
    )


def to(remote: str, **flags: bool) -> VirtualNetworkPeering:
    return VirtualNetworkPeering(name=f"to-{remote}", remote_virtual_network=remote, **flags)


def cloud(*networks: VirtualNetwork) -> Cloud:
    return Cloud(provider="azure", virtual_networks=networks)


def pair(here: VirtualNetworkPeering, there: VirtualNetworkPeering | None) -> Cloud:
    other = (there,) if there else ()
    return cloud(network("hub", "10.0.0.0/16", here), network("spoke", "10.1.0.0/16", *other))


def peer(found: Cloud) -> Peer:
    return peers_of(found, found.virtual_networks[0])[0]


def test_one_half_is_initiated_and_carries_nothing() -> None:
    found = pair(to("spoke"), None)

    assert peer(found).state is PeeringState.INITIATED
    assert not peer(found).passes
    assert peered_prefixes(found, found.virtual_networks[0]) == ()
    assert [each.message for each in one_sided(found)] == [
        "peering to-spoke of virtual network hub is Initiated: spoke has no peering back, so no "
        "packet passes"
    ]


def test_two_halves_are_connected() -> None:
    found = pair(to("spoke"), to("hub"))

    assert peer(found).state is PeeringState.CONNECTED
    assert peer(found).passes
    assert peered_prefixes(found, found.virtual_networks[0]) == (IPv4Network("10.1.0.0/16"),)
    assert list(one_sided(found)) == []


@pytest.mark.parametrize(("here", "there"), [(False, True), (True, False)])
def test_access_that_either_half_forbids_is_none(*, here: bool, there: bool) -> None:
    found = pair(
        to("spoke", allow_virtual_network_access=here),
        to("hub", allow_virtual_network_access=there),
    )

    assert not peer(found).passes
    assert accessible_prefixes(found, found.virtual_networks[0]) == ()
    assert peered_prefixes(found, found.virtual_networks[0]) != ()


def test_the_half_of_the_receiver_decides_on_forwarded_packets() -> None:
    assert not peer(pair(to("spoke", allow_forwarded_traffic=True), to("hub"))).takes_forwarded
    assert peer(pair(to("spoke"), to("hub", allow_forwarded_traffic=True))).takes_forwarded


def test_peerings_are_not_transitive() -> None:
    found = cloud(
        network("a", "10.1.0.0/16", to("hub")),
        network("hub", "10.0.0.0/16", to("a"), to("b")),
        network("b", "10.2.0.0/16", to("hub")),
    )

    assert peered_prefixes(found, found.virtual_networks[0]) == (IPv4Network("10.0.0.0/16"),)


def refused(found: Cloud) -> list[tuple[list[str], list[str]]]:
    rules = forwarding_rules(found, found.virtual_networks[0])
    return [
        ([str(each) for each in rule.sources], [str(each) for each in rule.destinations])
        for rule in rules
        if rule.rule.access is Access.DENY
    ]


def test_a_peer_takes_what_originates_next_door_only() -> None:
    ((sources, destinations),) = refused(pair(to("spoke"), to("hub")))

    assert destinations == ["10.1.0.0/16"]
    assert "10.0.0.0/16" not in sources
    assert "10.2.0.0/15" in sources


def test_a_peer_that_allows_it_takes_forwarded_packets() -> None:
    found = pair(to("spoke"), to("hub", allow_forwarded_traffic=True))

    assert forwarding_rules(found, found.virtual_networks[0]) == ()


def test_what_originates_here_passes_behind_the_refusals() -> None:
    found = pair(to("spoke"), to("hub"))
    last = forwarding_rules(found, found.virtual_networks[0])[-1]

    assert last.rule.access is Access.ALLOW
    assert (last.sources, last.destinations) == ((ANYWHERE,), (ANYWHERE,))
