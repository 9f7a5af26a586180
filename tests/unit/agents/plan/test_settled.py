"""What needs no comparing, and that nothing else is left out."""

from dataclasses import fields, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

import pytest

from agents.objects.address import Address
from agents.objects.link import Bridge, Link, Loopback
from agents.objects.namespace import Desired, NamespaceObjects, Observed
from agents.objects.neighbour import Neighbour
from agents.objects.nexthop import Encapsulation, Nexthop
from agents.objects.origin import Origin
from agents.objects.route import Route
from agents.objects.rule import Rule
from agents.objects.ruleset import RulesetName, RulesetTool
from agents.plan.settled import SECTIONS, settled_sections

OBJECTS = NamespaceObjects(links=frozenset([Link(name="lo", kind=Loopback())]))
WANTED = Desired(subject="node", objects=OBJECTS)
SEEN = Observed(objects=OBJECTS)

OTHER: dict[str, Any] = {
    "links": frozenset([Link(name="br0", kind=Bridge())]),
    "addresses": frozenset([Address(link="lo", interface=IPv4Interface("10.0.0.1/32"))]),
    "routes": frozenset(
        [Route(prefix=IPv4Network("10.0.0.0/8"), origin=Origin.VNETLAB, table=100, link="lo")]
    ),
    "nexthops": frozenset(
        [
            Nexthop(
                number=1,
                origin=Origin.VNETLAB,
                link="vx0",
                encapsulation=Encapsulation(vni=1, destination=IPv4Address("198.18.0.4")),
            )
        ]
    ),
    "neighbours": frozenset(
        [
            Neighbour(
                link="lo",
                address=IPv4Address("10.0.0.4"),
                mac="02:00:00:00:00:01",
                origin=Origin.VNETLAB,
            )
        ]
    ),
    "rules": frozenset([Rule(priority=9, table=100, origin=Origin.VNETLAB)]),
    "sysctls": {"net.ipv4.ip_forward": "1"},
}


def changed(section: str) -> NamespaceObjects:
    return replace(OBJECTS, **{section: OTHER[section]})


def settled(wanted: Desired, seen: Observed) -> frozenset[str]:
    return frozenset(settled_sections(wanted, seen, was_wanted=WANTED, was_seen=SEEN))


def test_every_section_is_tried_here() -> None:
    assert {field.name for field in fields(NamespaceObjects)} == set(OTHER)
    assert {*OTHER, "rulesets"} == SECTIONS


def test_where_all_is_the_same_everything_is_settled() -> None:
    assert settled(WANTED, SEEN) == SECTIONS
    equal = replace(OBJECTS, links=frozenset([Link(name="lo", kind=Loopback())]))
    assert settled(replace(WANTED, objects=equal), replace(SEEN, objects=equal)) == SECTIONS


@pytest.mark.parametrize("section", sorted(OTHER.keys() - {"links"}))
def test_another_wish_or_sight_leaves_the_other_sections_settled(section: str) -> None:
    rest = SECTIONS - {section}
    assert settled(replace(WANTED, objects=changed(section)), SEEN) == rest
    assert settled(WANTED, replace(SEEN, objects=changed(section))) == rest


def test_nothing_beside_rulesets_is_settled_where_devices_are_others() -> None:
    assert settled(replace(WANTED, objects=changed("links")), SEEN) == {"rulesets"}
    assert settled(WANTED, replace(SEEN, objects=changed("links"))) == {"rulesets"}
    assert settled(replace(WANTED, guests={"lo": "pod/a/b"}), SEEN) == {"rulesets"}


def test_rulesets_are_settled_by_themselves() -> None:
    name = RulesetName(tool=RulesetTool.NF_TABLES.value, table="ip x")
    other = replace(SEEN, rulesets={name: "digest"})
    assert settled(WANTED, other) == SECTIONS - {"rulesets"}


def test_nothing_is_settled_in_another_namespace() -> None:
    assert settled(replace(WANTED, alias_of="node"), SEEN) == set()
    assert settled(WANTED, replace(SEEN, alias_of="node")) == set()
