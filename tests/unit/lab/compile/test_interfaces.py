"""Addresses of network interfaces."""

from ipaddress import IPv4Address

from lab.compile.interfaces import Wanted, allocated
from lab.compile.ledger import InterfaceAllocation, Ledger
from lab.topology.problems import Location, Problem
from tests.unit.lab.compile.labs import lab, network, subnet

CLOUD = lab(networks=(network("vnet01", "10.0.0.0/16", small="10.0.0.0/29"),)).cloud


def wanted(owner: str, *, reserved: int = 0, address: str = "") -> Wanted:
    return Wanted(
        owner=owner,
        subnet=subnet("vnet01/small"),
        address=IPv4Address(address) if address else None,
        reserved=reserved,
        location=Location("lab.yaml", 1),
    )


def addresses(*interfaces: Wanted, previous: Ledger | None = None) -> dict[str, list[str]]:
    problems: list[Problem] = []
    found = allocated(CLOUD, interfaces, previous=previous or Ledger(), problems=problems)
    assert problems == []
    return {
        owner: [str(address) for address in (each.address, *each.secondary)]
        for owner, each in found.items()
    }


def test_an_interface_takes_all_of_its_addresses_before_the_next() -> None:
    """Claim B10."""
    assert addresses(wanted("a", reserved=1), wanted("b")) == {
        "a": ["10.0.0.4", "10.0.0.5"],
        "b": ["10.0.0.6"],
    }


def test_who_asks_for_an_address_gets_it_and_who_had_one_keeps_it() -> None:
    held = InterfaceAllocation(subnet=subnet("vnet01/small"), address=IPv4Address("10.0.0.6"))
    before = Ledger(interfaces={"b": held})
    found = addresses(wanted("a"), wanted("b"), wanted("c", address="10.0.0.4"), previous=before)
    assert found == {"a": ["10.0.0.5"], "b": ["10.0.0.6"], "c": ["10.0.0.4"]}


def test_a_subnet_that_is_too_small_is_a_problem_and_no_error() -> None:
    problems: list[Problem] = []
    found = allocated(
        CLOUD,
        [wanted("a", reserved=2), wanted("b")],
        previous=Ledger(),
        problems=problems,
    )
    assert list(found) == ["a"]
    assert "has 3 addresses for the network interfaces in it, which need 4" in str(problems[0])
