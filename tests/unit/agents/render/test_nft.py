"""The virtual switch's own table, as text."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from agents.render.nft import Ports, vswitch_ruleset
from lab.contract.node_state import NetworkContainer, Nic
from tests.unit.agents.states import address_of, nic, vswitch

NODE = (IPv4Network(address_of(1)),)
PODS = (IPv4Network("10.1.0.16/28"),)
PUBLIC, PODS_PUBLIC = IPv4Address("20.0.0.1"), IPv4Address("20.0.0.2")


def text(port: Nic, *, public: IPv4Address | None = None) -> str:
    """The table of a switch whose port has one address."""
    ports = Ports(nic="nic", internet="inet0", node=NODE)
    return "\n".join(vswitch_ruleset(port, vswitch(1, public=public), ports).rules)


def test_a_machine_without_a_public_address() -> None:
    """It gets its own packets alone (semantics 1.7), and has no way out."""
    assert (
        text(nic(1))
        == """\
chain forwarded {
  type filter hook forward priority filter;
  oifname "nic" ip daddr != 10.0.0.4 drop
  oifname "inet0" drop
}"""
    )


def test_a_forwarding_node_with_a_public_address() -> None:
    """IP forwarding lets others' packets pass; what leaves for the Internet is translated."""
    assert (
        text(nic(1, forwarding=True), public=IPv4Address("20.50.0.10"))
        == """\
chain forwarded {
  type filter hook forward priority filter;
  oifname "nic" ip daddr 20.50.0.10 drop
  oifname "inet0" ip saddr != 10.0.0.4 drop
}
chain translated {
  type nat hook postrouting priority srcnat;
  oifname "inet0" snat to 20.50.0.10
}"""
    )


def test_connections_are_tracked_only_where_something_is_translated() -> None:
    """A nat chain has the kernel track every packet of the namespace."""
    assert "type nat" not in text(nic(1))
    assert "type nat" in text(nic(1), public=PUBLIC)


def test_a_guest_may_have_its_public_address_itself() -> None:
    """As hosts of the Internet do: then what comes for it is no stranger's."""
    public = nic(1).primary.ip
    shown = text(nic(1, forwarding=True), public=public)
    assert f'oifname "nic" ip daddr {public} drop' not in shown


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


def test_a_guest_is_spoken_to_as_both_containers() -> None:
    found = lines(public=None, pods_public=None)
    assert 'oifname "nic" ip daddr != { 10.0.0.4, 10.1.0.16/28 } drop' in found


def test_a_public_address_of_its_own_is_translated_in_both_directions() -> None:
    """Rules see the private address; an answer that is led elsewhere keeps it (semantics 1.10)."""
    switch = vswitch(1, public=PUBLIC)
    switch = replace(switch, node=replace(switch.node, accepts_inbound=True))
    ports = Ports(nic="nic", internet="inet0", node=NODE)
    found = [line.strip() for line in vswitch_ruleset(nic(1), switch, ports).rules]

    assert 'iifname "inet0" ip daddr 20.0.0.1 dnat to 10.0.0.4' in found
    assert 'oifname != "inet0" ip saddr 20.0.0.1 ip saddr set 10.0.0.4' in found
    assert 'oifname "inet0" snat to 20.0.0.1' in found
    assert not any("dnat" in line for line in lines(public=PUBLIC, pods_public=None))
