"""What the schema says of az's own properties."""

import pytest

from lab.topology.az.vocabulary import (
    Unmodelled,
    enumerated,
    is_ignored,
    lab_schema,
    property_of,
    unmodelled,
)
from lab.topology.document import Value

DEFINITIONS = lab_schema()["$defs"]


def note(*neutral: Value) -> Unmodelled:
    return Unmodelled(effect="", refused=False, remedy="", neutral=neutral)


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_nothing_has_no_effect(value: Value) -> None:
    assert note().is_neutral(value)


@pytest.mark.parametrize(
    ("value", "neutral"),
    [
        (False, True),
        (True, False),
        (0, False),
        ("standard", True),
        ("Standard", True),
        ("basic", False),
        ({"enabled": False, "mode": "x"}, True),
        ({"enabled": True}, False),
        ([{"code": "Running"}], False),
    ],
)
def test_a_value_has_no_effect_when_it_says_what_a_neutral_one_says(
    value: Value, *, neutral: bool
) -> None:
    assert note(False, "standard", {"enabled": False}).is_neutral(value) is neutral


def test_ip_and_id_are_spelt_either_way() -> None:
    for key in ("privateIpAddress", "privateIPAddress"):
        found = property_of(DEFINITIONS["virtualMachine"], key)
        assert found is not None
        assert found[0] == "privateIpAddress"
    assert property_of(DEFINITIONS["virtualMachine"], "privateipaddress") is None


def test_case_of_enumerated_words_does_not_count() -> None:
    assert enumerated({"enum": ["Tcp", "Udp"]}, "TCP") == "Tcp"
    assert enumerated({"enum": ["Tcp", "Udp"]}, "sctp") == "sctp"
    assert enumerated({}, "TCP") == "TCP"


def test_only_patterns_marked_so_are_ignored() -> None:
    assert is_ignored(DEFINITIONS["virtualNetwork"], "etag")
    assert not is_ignored(DEFINITIONS["virtualNetwork"], "etagg")
    assert not is_ignored(lab_schema(), "x-anchors")


def test_what_labs_do_not_model_is_said_in_the_schema() -> None:
    found = unmodelled(DEFINITIONS["virtualNetwork"]["properties"]["dhcpOptions"])

    assert found is not None
    assert "DNS" in found.effect
    assert unmodelled(DEFINITIONS["virtualNetwork"]["properties"]["name"]) is None
