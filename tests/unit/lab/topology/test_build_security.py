"""Security groups from the words of ``az network nsg … -o json``."""

from ipaddress import IPv4Network

from lab.contract.node_state import ANY_PORT, PortRange, SecurityProtocol
from lab.topology.security import ANYWHERE, Access, Direction, SecurityRule
from tests.unit.lab.topology.labs import CLOUD, parsed

RULE = "name: web, priority: 100, direction: Inbound, access: Allow, protocol: Tcp"


def rule(own: str = "", extra: str = "") -> SecurityRule:
    text = f"  networkSecurityGroups: [{{name: nsg1, securityRules: [{{{RULE}{own}}}]}}]\n{extra}"
    return parsed(cloud=CLOUD + text).cloud.network_security_groups[0].security_rules[0]


def test_a_rule_has_the_values_of_the_file() -> None:
    found = rule(", sourceAddressPrefix: 10.0.0.0/24, destinationPortRange: 80, description: x")

    assert (found.name, found.priority, found.protocol) == ("web", 100, SecurityProtocol.TCP)
    assert (found.direction, found.access) == (Direction.INBOUND, Access.ALLOW)
    assert found.source.prefixes == (IPv4Network("10.0.0.0/24"),)
    assert found.destination.ports == (PortRange(first=80, last=80),)


def test_who_names_nobody_means_everybody() -> None:
    found = rule()

    assert found.source.prefixes == found.destination.prefixes == (ANYWHERE,)
    assert found.source.ports == found.destination.ports == ANY_PORT


def test_an_asterisk_is_everybody_and_a_word_a_tag() -> None:
    found = rule(", sourceAddressPrefix: '*', destinationAddressPrefix: VirtualNetwork")

    assert (found.source.prefixes, found.source.tags) == ((ANYWHERE,), ())
    assert (found.destination.prefixes, found.destination.tags) == ((), ("VirtualNetwork",))


def test_an_augmented_rule_joins_both_spellings() -> None:
    """As az prints them: the singular property and an empty list beside it, or the reverse."""
    found = rule(
        ", sourceAddressPrefixes: [10.0.0.4, 10.1.0.0/16], sourcePortRange: '*', "
        "sourcePortRanges: [], destinationPortRanges: ['80', 8080-8090, 443]"
    )

    assert found.source.prefixes == (IPv4Network("10.0.0.4/32"), IPv4Network("10.1.0.0/16"))
    assert found.source.ports == ANY_PORT
    assert [(each.first, each.last) for each in found.destination.ports] == [
        (80, 80),
        (8080, 8090),
        (443, 443),
    ]


def test_an_application_security_group_takes_the_place_of_prefixes() -> None:
    found = rule(
        ", sourceApplicationSecurityGroups: [web]", "  applicationSecurityGroups: [{name: web}]\n"
    )

    assert found.source.application_security_groups == ("web",)
    assert found.source.prefixes == ()


def test_tags_of_the_lab_have_prefixes() -> None:
    cloud = f"{CLOUD}  serviceTags: [{{name: Storage, addressPrefixes: [203.0.113.0/24]}}]\n"

    assert parsed(cloud=cloud).cloud.service_tags[0].address_prefixes == (
        IPv4Network("203.0.113.0/24"),
    )
