"""Addresses: what is reserved, what is next, and what stays."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.cloud import addressing
from lab.contract.underlay import UNDERLAY

SUBNET = IPv4Network("10.0.0.0/22")


def addresses(**names: str) -> dict[str, IPv4Address]:
    return {name: IPv4Address(text) for name, text in names.items()}


def allocate(
    *owners: str,
    subnet: IPv4Network = SUBNET,
    fixed: dict[str, IPv4Address] | None = None,
    previous: dict[str, IPv4Address] | None = None,
) -> dict[str, str]:
    found = addressing.allocate(
        owners,
        pool=addressing.subnet_pool(subnet),
        fixed=fixed or {},
        previous=previous or {},
    )
    return {owner: str(address) for owner, address in found.items()}


def test_a_subnet_keeps_its_first_four_addresses_and_its_last() -> None:
    """Semantics 1.8: the first one handed out is .4."""
    assert [str(address) for address, _ in addressing.reserved(SUBNET)] == [
        "10.0.0.0",
        "10.0.0.1",
        "10.0.0.2",
        "10.0.0.3",
        "10.0.3.255",
    ]
    assert allocate("a", "b") == {"a": "10.0.0.4", "b": "10.0.0.5"}


def test_the_gateway_is_the_second_address() -> None:
    assert addressing.gateway(SUBNET) == IPv4Address("10.0.0.1")


def test_the_smallest_subnet_hands_out_three_addresses() -> None:
    smallest = IPv4Network("10.0.0.8/29")
    found = allocate("a", "b", "c", "d", subnet=smallest)
    assert found == {"a": "10.0.0.12", "b": "10.0.0.13", "c": "10.0.0.14"}


def test_an_owner_keeps_its_address_when_others_come_and_go() -> None:
    previous = addresses(a="10.0.0.4", b="10.0.0.5", c="10.0.0.6")
    assert allocate("new", "c", previous=previous) == {"new": "10.0.0.4", "c": "10.0.0.6"}


def test_an_asked_for_address_is_given_before_any_other() -> None:
    found = allocate("a", "b", fixed=addresses(b="10.0.0.4"))
    assert found == {"a": "10.0.0.5", "b": "10.0.0.4"}


def test_an_asked_for_address_displaces_who_held_it() -> None:
    found = allocate(
        "a", "b", fixed=addresses(b="10.0.0.4"), previous=addresses(a="10.0.0.4", b="10.0.0.9")
    )
    assert found == {"a": "10.0.0.5", "b": "10.0.0.4"}


def test_an_address_outside_the_pool_is_not_kept() -> None:
    """The subnet's prefix was changed, or the machine moved."""
    assert allocate("a", previous=addresses(a="10.9.0.4")) == {"a": "10.0.0.4"}
    assert allocate("a", previous=addresses(a="10.0.0.3")) == {"a": "10.0.0.4"}


def test_an_asked_for_address_may_lie_outside_the_pool() -> None:
    """An Internet host's is its own public address."""
    found = addressing.allocate(
        ["internet", "a"],
        pool=addressing.PUBLIC_POOL,
        fixed=addresses(internet="8.8.8.8"),
        previous={},
    )
    assert found == addresses(internet="8.8.8.8", a="198.51.100.4")


def test_the_public_pool_holds_a_lab_of_four_hundred_nodes_in_documentation_ranges() -> None:
    owners = [f"n{number}" for number in range(753)]
    found = addressing.allocate(owners, pool=addressing.PUBLIC_POOL, fixed={}, previous={})
    documentation = ["198.51.100.0/24", "192.0.2.0/24", "203.0.113.0/24"]
    networks = [IPv4Network(text) for text in documentation]
    assert len(set(found.values())) == 753
    assert all(any(address in network for network in networks) for address in found.values())


def test_the_public_pool_goes_on_beyond_the_documentation_ranges() -> None:
    owners = [f"n{number}" for number in range(754)]
    found = addressing.allocate(owners, pool=addressing.PUBLIC_POOL, fixed={}, previous={})
    assert found["n753"] == IPv4Address("198.19.0.4")


def test_the_underlay_pool_leaves_the_runtimes_addresses_alone() -> None:
    found = addressing.allocate(
        ["a"], pool=addressing.underlay_pool(UNDERLAY), fixed={}, previous={}
    )
    assert found == addresses(a="198.18.0.10")


def test_hardware_addresses_are_azures_and_stay_the_same() -> None:
    mac = addressing.nic_mac("lab", "vm1")
    assert mac == addressing.nic_mac("lab", "vm1")
    assert mac.startswith("00:0d:3a:")
    assert len({addressing.nic_mac("lab", f"vm{number}") for number in range(100)}) == 100


@pytest.mark.parametrize("count", [0, 1, 300])
def test_addresses_are_given_in_the_order_of_the_owners(count: int) -> None:
    owners = [f"n{number}" for number in range(count)]
    found = allocate(*owners)
    assert list(found) == owners
    assert list(found.values()) == sorted(found.values(), key=IPv4Address)
