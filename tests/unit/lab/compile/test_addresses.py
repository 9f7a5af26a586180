"""Who is reached at which address, and what stays with whom."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.compile.addresses import addresses_of
from lab.compile.hosts import hosts_of
from lab.compile.ledger import InterfaceAllocation, Ledger
from lab.topology.egress import PublicIPAddress
from lab.topology.load_balancer import FrontendIPConfiguration, LoadBalancer
from lab.topology.model import InternetHost, Lab
from lab.topology.problems import LabFileError
from lab.topology.virtual_network import Subnet
from tests.unit.lab.compile.labs import (
    INTERNET,
    NODE0,
    NODE1,
    cluster,
    documented,
    lab,
    machine,
    network,
    pool,
    subnet,
)


def primary(made: Lab, previous: Ledger | None = None) -> dict[str, str]:
    found = addresses_of(made, hosts_of(made), previous or Ledger())
    return {name: str(address) for name, address in found.primary.items()}


def test_addresses_are_handed_out_in_the_order_of_instances() -> None:
    """The capture: vmss000000 is .4, although vmss000001 registered first."""
    assert primary(documented()) == {
        NODE0: "10.0.0.4",
        NODE1: "10.0.0.5",
        "vm1": "10.0.4.4",
        "internet": "203.0.113.10",
    }


def test_a_static_address_comes_first_and_others_go_round_it() -> None:
    made = lab(
        cluster(),
        machine("a", "vnet01/vlan01"),
        machine("b", "vnet01/vlan01", private_ip_address=IPv4Address("10.0.0.5")),
    )
    assert primary(made) == {NODE0: "10.0.0.4", NODE1: "10.0.0.6", "a": "10.0.0.7", "b": "10.0.0.5"}


def test_a_machine_that_moved_to_another_subnet_gets_an_address_there() -> None:
    """Even where its old address would lie in both, as in another virtual network."""
    networks = (network(), network("vnet02"))
    made = lab(machine("a", "vnet02/vlan02"), machine("b", "vnet02/vlan02"), networks=networks)
    before = InterfaceAllocation(subnet=subnet("vnet01/vlan02"), address=IPv4Address("10.0.4.9"))
    assert primary(made, Ledger(interfaces={"a": before}))["a"] == "10.0.4.4"


def test_equal_addresses_in_two_virtual_networks_do_not_disturb_each_other() -> None:
    networks = (network(), network("vnet02"))
    made = lab(machine("a"), machine("b", "vnet02/vlan02"), networks=networks)
    assert primary(made) == {"a": "10.0.4.4", "b": "10.0.4.4"}


def test_every_network_interface_has_a_public_address_that_no_internet_host_has() -> None:
    other = InternetHost(name="other", address=IPv4Address("198.51.100.4"))
    made = lab(cluster(), INTERNET, other)
    public = addresses_of(made, hosts_of(made), Ledger()).public
    assert {name: str(address) for name, address in public.items()} == {
        NODE0: "198.51.100.5",
        NODE1: "198.51.100.6",
        "internet": "203.0.113.10",
        "other": "198.51.100.4",
    }


def test_a_public_address_of_its_own_takes_the_place_of_the_default_one() -> None:
    named = PublicIPAddress(name="ip1", ip_address=IPv4Address("198.51.100.4"))
    spare = PublicIPAddress(name="ip2")
    made = lab(
        machine("a", public_ip_address="ip1"), machine("b"), public_ip_addresses=(named, spare)
    )
    found = addresses_of(made, hosts_of(made), Ledger())
    assert {name: str(address) for name, address in found.public.items()} == {
        "a": "198.51.100.4",
        "b": "198.51.100.5",
    }
    assert {name: str(address) for name, address in found.named.items()} == {
        "ip1": "198.51.100.4",
        "ip2": "198.51.100.6",
    }


def test_who_has_no_way_out_has_no_public_address() -> None:
    private = Subnet(
        name="p", address_prefix=IPv4Network("10.0.9.0/24"), default_outbound_access=False
    )
    vnet = network()
    made = lab(
        machine("a", "vnet01/p"), networks=(replace(vnet, subnets=(*vnet.subnets, private)),)
    )
    assert addresses_of(made, hosts_of(made), Ledger()).public == {}


def test_underlay_addresses_come_from_the_ledgers_range() -> None:
    made = lab(machine("a"), INTERNET)
    underlay = IPv4Network("198.19.4.0/24")
    found = addresses_of(made, hosts_of(made), Ledger(underlay=underlay)).underlay
    assert {name: str(address) for name, address in found.items()} == {
        "a": "198.19.4.10",
        "internet": "198.19.4.11",
    }


def test_what_does_not_fit_is_reported_for_every_subnet_at_once() -> None:
    small = network(one="10.0.0.0/29", two="10.0.1.0/29")
    made = lab(
        cluster(pool(4, at="vnet01/one")),
        *(machine(f"m{number}", "vnet01/two") for number in range(5)),
        networks=(small,),
    )
    with pytest.raises(LabFileError) as caught:
        primary(made)
    assert [problem.message for problem in caught.value.problems] == [
        "subnet vnet01/one (10.0.0.0/29) has 3 addresses for the network interfaces in it, which "
        "need 4",
        "subnet vnet01/two (10.0.1.0/29) has 3 addresses for the network interfaces in it, which "
        "need 5",
    ]


def test_an_underlay_that_is_too_small_is_reported() -> None:
    made = lab(*(machine(f"m{number}") for number in range(6)))
    with pytest.raises(LabFileError, match=r"underlay 198.18.0.0/28 has 5 addresses"):
        primary(made, Ledger(underlay=IPv4Network("198.18.0.0/28")))


def test_there_are_only_so_many_frontends() -> None:
    """More would not have a locator each."""

    def with_frontends(count: int) -> Lab:
        frontends = tuple(
            FrontendIPConfiguration(name=f"front{number}", public_ip_address="ip1")
            for number in range(count)
        )
        balancer = LoadBalancer(
            name="lb1", frontend_ip_configurations=frontends, backend_address_pools=()
        )
        shared = PublicIPAddress(name="ip1", ip_address=IPv4Address("198.51.100.60"))
        return lab(load_balancers=(balancer,), public_ip_addresses=(shared,))

    primary(with_frontends(2048))
    with pytest.raises(LabFileError, match=r"2049 frontends, .* 2048 is the limit"):
        primary(with_frontends(2049))
