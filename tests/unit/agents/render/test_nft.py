"""The virtual switch's table."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from agents.render.nft import Ports, vswitch_ruleset
from lab.contract.node_state import NetworkContainer
from tests.unit.agents.states import address_of, nic, vswitch

NODE = (IPv4Network(address_of(1)),)
PODS = (IPv4Network("10.1.0.16/28"),)
PUBLIC, PODS_PUBLIC = IPv4Address("20.0.0.1"), IPv4Address("20.0.0.2")


def lines(*, public: IPv4Address | None, pods_public: IPv4Address | None) -> list[str]:
    pods = NetworkContainer(addresses=PODS, public_address=pods_public)
    switch = replace(vswitch(1, public=public), pods=pods)
    ports = Ports(nic="nic", internet="inet0", node=NODE, pods=PODS)
    return [line.strip() for line in vswitch_ruleset(nic(1), switch, ports).rules]


def test_only_own_addresses_are_translated() -> None:
    """Azure translates the port's own addresses; others are dropped, not translated."""
    found = lines(public=PUBLIC, pods_public=PODS_PUBLIC)
    assert 'oifname "inet0" ip saddr != { 10.0.0.4, 10.1.0.16/28 } drop' in found
    assert found.index('oifname "inet0" ip saddr 10.1.0.16/28 snat to 20.0.0.2') < found.index(
        'oifname "inet0" snat to 20.0.0.1'
    )


def test_a_container_without_a_public_address_may_not_leave() -> None:
    assert 'oifname "inet0" ip saddr != 10.0.0.4 drop' in lines(public=PUBLIC, pods_public=None)
    found = lines(public=None, pods_public=None)
    assert 'oifname "inet0" drop' in found
    assert not any("snat" in line for line in found)


def test_a_guest_speaks_for_both_containers() -> None:
    found = lines(public=None, pods_public=None)
    assert 'iifname "nic" ip saddr != { 10.0.0.4, 10.1.0.16/28 } drop' in found
