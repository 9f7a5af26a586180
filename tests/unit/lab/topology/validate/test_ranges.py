"""Which of a set of ranges overlap."""

import random
from ipaddress import IPv4Network

import pytest

from lab.topology.validate.ranges import overlap, overlapping


def pairs(*prefixes: str) -> list[tuple[str, str]]:
    return list(overlapping((IPv4Network(prefix), prefix) for prefix in prefixes))


@pytest.mark.parametrize(
    ("prefixes", "expected"),
    [
        (("10.0.0.0/24", "10.0.1.0/24"), []),
        (("10.0.0.0/24", "10.0.0.0/24"), [("10.0.0.0/24", "10.0.0.0/24")]),
        (("10.0.0.0/16", "10.0.1.0/24"), [("10.0.0.0/16", "10.0.1.0/24")]),
        (("10.0.1.0/24", "10.0.0.0/16"), [("10.0.1.0/24", "10.0.0.0/16")]),
        (("10.0.0.0/16", "10.0.1.0/24", "10.1.0.0/16"), [("10.0.0.0/16", "10.0.1.0/24")]),
    ],
)
def test_overlapping_pairs_come_in_the_order_given(
    prefixes: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    assert pairs(*prefixes) == expected


def test_every_range_within_a_larger_one_is_found() -> None:
    inner = [f"10.0.{number}.0/24" for number in range(5)]

    assert pairs("10.0.0.0/16", *inner) == [("10.0.0.0/16", each) for each in inner]


def test_overlap_is_what_ipaddress_calls_so() -> None:
    source = random.Random(1)
    for _ in range(2000):
        one, other = (
            IPv4Network((source.getrandbits(32), source.randrange(33)), strict=False)
            for _ in range(2)
        )
        inside = IPv4Network((int(one[0]), source.randrange(one.prefixlen, 33)))

        assert overlap(one, other) == one.overlaps(other)
        assert overlap(one, inside)
        assert overlap(inside, one)
