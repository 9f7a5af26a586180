"""Security groups that cannot be (semantics 2.3); the messages are below ``tests/rejected``."""

import pytest

from tests.unit.lab.topology.labs import CLOUD, messages

RULE = "direction: Inbound, access: Allow, protocol: Tcp"


def nsg(*rules: str, extra: str = "") -> str:
    numbered = [
        f"{{name: r{number}, {'' if 'priority' in text else f'priority: {100 + number}, '}"
        f"{RULE if 'direction' not in text else ''}{text}}}"
        for number, text in enumerate(rules)
    ]
    groups = f"  networkSecurityGroups: [{{name: nsg1, securityRules: [{', '.join(numbered)}]}}]\n"
    return CLOUD + groups + extra


def test_a_priority_may_come_once_in_each_direction() -> None:
    out = ", direction: Outbound, access: Deny, protocol: Tcp"

    assert messages(cloud=nsg("priority: 100, " + RULE, "priority: 100" + out)) == []


@pytest.mark.parametrize("tag", ["VirtualNetwork", "virtualnetwork", "Internet", "Storage"])
def test_tags_are_known_in_any_case(tag: str) -> None:
    extra = "  serviceTags: [{name: storage, addressPrefixes: [203.0.113.0/24]}]\n"

    assert messages(cloud=nsg(f", sourceAddressPrefix: {tag}", extra=extra)) == []


def test_no_tag_is_missed_while_a_tag_is_broken() -> None:
    extra = "  serviceTags: [{name: Storage, addressPrefixes: [x]}]\n"
    found = messages(cloud=nsg(", sourceAddressPrefix: Storage", extra=extra))

    assert len(found) == 1
    assert "addressPrefixes" in found[0]


def test_no_group_is_missed_while_a_group_is_broken() -> None:
    cloud = CLOUD + "  networkSecurityGroups: [{name: '-'}]\n"
    found = messages(
        "virtualMachines: [{name: vm1, subnet: vnet01/vlan01, networkSecurityGroup: nsg1}]",
        cloud=cloud,
    )

    assert len(found) == 1
    assert "form" in found[0]


def test_the_prefixes_of_a_group_are_limited() -> None:
    many = ", ".join(f"10.{high}.{low}.0/24" for high in range(16) for low in range(251))

    assert any(
        "4000 is the limit" in each
        for each in messages(cloud=nsg(f", sourceAddressPrefixes: [{many}]"))
    )
