"""Whose address is whose: the longest match decides between node and pods."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from agents.plan.containers import node_addresses, pod_addresses
from lab.contract.node_state import NetworkContainer
from tests.unit.agents.states import nic, vswitch


def test_without_a_container_of_their_own_pods_have_no_addresses() -> None:
    assert pod_addresses(vswitch(1), nic(1)) == ()
    assert node_addresses(vswitch(1), nic(1)) == (IPv4Network("10.0.0.4"),)


def test_an_address_of_the_node_is_cut_out_of_the_pods_range() -> None:
    """The longer prefix wins (the contract's rule for `addresses`)."""
    pods = NetworkContainer(addresses=(IPv4Network("10.0.0.0/29"),))
    found = pod_addresses(replace(vswitch(1), pods=pods), nic(1))
    inside = {str(address) for prefix in found for address in prefix}
    assert inside == {f"10.0.0.{last}" for last in (0, 1, 2, 3, 5, 6, 7)}
    assert IPv4Address("10.0.0.4") not in [address for prefix in found for address in prefix]


def test_neighbouring_addresses_become_one_prefix() -> None:
    """Rules are looked through one by one: there should be few."""
    addresses = tuple(IPv4Network(f"10.1.0.{last}") for last in range(16, 32))
    pods = NetworkContainer(addresses=addresses)
    found = pod_addresses(replace(vswitch(1), pods=pods), nic(1))
    assert found == (IPv4Network("10.1.0.16/28"),)
