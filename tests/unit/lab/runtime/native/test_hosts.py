from ipaddress import IPv4Address

import pytest

from lab.contract.underlay import UNDERLAY
from lab.runtime.native.hosts import cable, host_mac, spine_link, spine_mac

ADDRESSES = (UNDERLAY[10], UNDERLAY[11], UNDERLAY[-2])


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_spine_names_a_cable_after_its_host_within_the_kernels_limit(
    address: IPv4Address,
) -> None:
    assert len(spine_link(address)) <= 15
    assert str(address) in spine_link(address)


def test_no_two_ends_share_a_mac_address_and_all_are_unicast_and_local() -> None:
    macs = [mac(address) for address in ADDRESSES for mac in (host_mac, spine_mac)]

    assert len(set(macs)) == len(macs)
    assert {int(mac[:2], 16) & 0b11 for mac in macs} == {0b10}


def test_both_ends_of_a_cable_name_each_other_and_take_a_full_frame_with_its_tunnel() -> None:
    pair = cable(ADDRESSES[0])

    assert (pair.link.name, pair.peer.name) == ("und0", spine_link(ADDRESSES[0]))
    assert {pair.link.mtu, pair.peer.mtu} == {9000}
