from ipaddress import IPv4Network

from lab.contract.underlay import UNDERLAY
from lab.runtime.docker.network import LAB_PREFIX_LENGTH, SHIPPED_UNDERLAY, free_ranges

BRIDGE_PORTS = 1023


def test_the_first_range_of_the_underlay_is_taken_first() -> None:
    assert next(free_ranges([])) == IPv4Network("198.18.0.0/22")


def test_a_range_that_overlaps_any_network_of_the_engine_is_passed_over() -> None:
    """Docker refuses networks that overlap, whoever owns the other one."""
    taken = [
        IPv4Network("198.18.1.0/24"),
        IPv4Network("198.18.4.0/22"),
        IPv4Network("172.17.0.0/16"),
    ]
    assert next(free_ranges(taken)) == IPv4Network("198.18.8.0/22")


def test_no_range_is_left_when_one_network_covers_the_whole_underlay() -> None:
    assert list(free_ranges([IPv4Network("198.0.0.0/8")])) == []


def test_ranges_never_overlap_each_other_nor_the_shipped_lab() -> None:
    ranges = [*free_ranges([]), SHIPPED_UNDERLAY]
    assert len(ranges) == 2 ** (LAB_PREFIX_LENGTH - UNDERLAY.prefixlen)
    assert all(not a.overlaps(b) for a, b in zip(sorted(ranges), sorted(ranges)[1:], strict=False))
    assert all(each.subnet_of(UNDERLAY) for each in ranges)


def test_a_range_holds_every_host_that_a_bridge_takes() -> None:
    usable = next(free_ranges([])).num_addresses - 2
    assert usable >= BRIDGE_PORTS - 1
