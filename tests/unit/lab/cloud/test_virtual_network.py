"""System routes of a virtual network, and what its parts are called."""

from ipaddress import IPv4Network

import pytest

from lab.cloud import virtual_network
from lab.topology.model import Cloud
from lab.topology.route_table import NextHopType
from lab.topology.virtual_network import Subnet, SubnetReference, VirtualNetwork


def network(*prefixes: str) -> VirtualNetwork:
    subnet = Subnet(name="vlan01", address_prefix=IPv4Network(prefixes[0]))
    return VirtualNetwork(
        name="vnet01",
        address_prefixes=tuple(map(IPv4Network, prefixes)),
        subnets=(subnet,),
    )


def routes(*prefixes: str) -> dict[str, NextHopType]:
    return {
        str(route.address_prefix): route.next_hop_type
        for route in virtual_network.system_routes(network(*prefixes))
    }


def test_a_network_of_public_addresses_drops_all_reserved_space() -> None:
    """Semantics 2.2."""
    assert routes("20.0.0.0/16") == {
        "20.0.0.0/16": NextHopType.VNET_LOCAL,
        "0.0.0.0/0": NextHopType.INTERNET,
        "10.0.0.0/8": NextHopType.NONE,
        "172.16.0.0/12": NextHopType.NONE,
        "192.168.0.0/16": NextHopType.NONE,
        "100.64.0.0/10": NextHopType.NONE,
    }


def test_owning_a_part_of_reserved_space_removes_its_none_route() -> None:
    """Semantics 2.2: pod addresses then fall to 0.0.0.0/0 and still lead nowhere."""
    found = routes("10.0.0.0/16")
    assert "10.0.0.0/8" not in found
    assert found["10.0.0.0/16"] is NextHopType.VNET_LOCAL
    assert found["192.168.0.0/16"] is NextHopType.NONE


def test_owning_exactly_a_reserved_prefix_flips_it() -> None:
    """Semantics 2.2."""
    assert routes("10.0.0.0/8")["10.0.0.0/8"] is NextHopType.VNET_LOCAL


def test_owning_more_than_a_reserved_prefix_removes_it() -> None:
    """A None route inside the address space would cut the network in two."""
    assert "192.168.0.0/16" not in routes("192.0.0.0/8")


def test_every_address_prefix_is_local() -> None:
    found = routes("10.0.0.0/16", "192.168.7.0/24")
    local = [prefix for prefix, kind in found.items() if kind is NextHopType.VNET_LOCAL]
    assert local == ["10.0.0.0/16", "192.168.7.0/24"]
    assert "192.168.0.0/16" not in found


def test_subnets_and_networks_are_found_by_name() -> None:
    cloud = Cloud(provider="azure", virtual_networks=(network("10.0.0.0/16"),))
    reference = SubnetReference(virtual_network="vnet01", subnet="vlan01")
    assert virtual_network.subnets(cloud) == (reference,)
    assert virtual_network.subnet_of(cloud, reference).name == "vlan01"
    assert virtual_network.network_of(cloud, reference).name == "vnet01"
    with pytest.raises(LookupError, match="no subnet is called vnet01/other"):
        virtual_network.subnet_of(cloud, SubnetReference(virtual_network="vnet01", subnet="other"))
    with pytest.raises(LookupError, match="no virtual network is called other"):
        virtual_network.network_of(cloud, SubnetReference(virtual_network="other", subnet="x"))


def test_identifiers_stay_and_freed_ones_are_used_again() -> None:
    first = virtual_network.identifiers(["a", "b", "c"], {})
    assert list(first.values()) == [1000, 1001, 1002]
    assert virtual_network.identifiers(["new", "c"], first) == {"new": 1000, "c": 1002}
