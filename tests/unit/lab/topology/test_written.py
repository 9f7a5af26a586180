"""Where things stand."""

from lab.topology.problems import Location
from lab.topology.written import NOWHERE, Written

HERE, THERE = Location("lab.yaml", 3), Location("lab.yaml", 4)


def test_a_property_that_was_left_out_stands_where_the_object_does() -> None:
    written = Written(location=HERE, places={"name": THERE})

    assert written.at("name") == THERE
    assert written.at("count") == HERE


def test_what_nobody_wrote_stands_nowhere() -> None:
    assert Written().at("name") == NOWHERE


def test_places_take_no_part_in_comparison() -> None:
    assert Written(location=HERE) == Written(location=THERE)
