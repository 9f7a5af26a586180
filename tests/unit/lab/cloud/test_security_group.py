"""Rules as evaluated: order, defaults, what tags and groups stand for (semantics 2.3)."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.cloud.security_group import (
    DEFAULT_RULES,
    EvaluatedRule,
    Surroundings,
    evaluated,
    internet_tag,
    network_tag,
)
from lab.contract.node_state import SecurityProtocol
from lab.topology.security import (
    ANYWHERE,
    Access,
    Direction,
    NetworkSecurityGroup,
    Peers,
    SecurityRule,
)

SPACE = (IPv4Network("10.0.0.0/16"),)
HERE = Surroundings(
    virtual_network=network_tag(SPACE),
    internet=internet_tag(SPACE),
    service_tags={"storage.westeurope": (IPv4Network("203.0.113.0/24"),)},
    members={"web": (IPv4Address("10.0.0.4"), IPv4Address("10.0.0.9"))},
)


def rule(priority: int, source: Peers, direction: Direction = Direction.INBOUND) -> SecurityRule:
    return SecurityRule(
        name=f"r{priority}",
        priority=priority,
        direction=direction,
        access=Access.DENY,
        protocol=SecurityProtocol.TCP,
        source=source,
        destination=Peers(prefixes=(ANYWHERE,)),
    )


def inbound(*rules: SecurityRule) -> tuple[EvaluatedRule, ...]:
    group = NetworkSecurityGroup(name="nsg1", security_rules=rules)
    return evaluated(group, Direction.INBOUND, HERE)


def sources(peers: Peers) -> list[str]:
    return [str(prefix) for prefix in inbound(rule(100, peers))[0].sources]


def holds(prefixes: tuple[IPv4Network, ...], address: str) -> bool:
    return any(IPv4Address(address) in prefix for prefix in prefixes)


def test_rules_come_by_priority_and_the_default_ones_last() -> None:
    everybody = Peers(prefixes=(ANYWHERE,))
    found = inbound(rule(300, everybody), rule(200, everybody))

    assert [each.rule.name for each in found] == [
        "r200",
        "r300",
        "AllowVnetInBound",
        "AllowAzureLoadBalancerInBound",
        "DenyAllInBound",
    ]


def test_a_direction_has_its_own_rules() -> None:
    group = NetworkSecurityGroup(
        name="nsg1", security_rules=(rule(100, Peers(prefixes=(ANYWHERE,))),)
    )
    found = evaluated(group, Direction.OUTBOUND, HERE)

    assert [(each.rule.name, each.rule.priority) for each in found] == [
        ("AllowVnetOutBound", 65000),
        ("AllowInternetOutBound", 65001),
        ("DenyAllOutBound", 65500),
    ]


def test_defaults_deny_last_in_both_directions() -> None:
    last = [each for each in DEFAULT_RULES if each.priority == 65500]

    assert {each.direction for each in last} == set(Direction)
    assert {each.access for each in last} == {Access.DENY}


@pytest.mark.parametrize(
    ("peers", "expected"),
    [
        (Peers(tags=("VirtualNetwork",)), ["10.0.0.0/16", "168.63.129.16/32"]),
        (Peers(tags=("virtualNETWORK",)), ["10.0.0.0/16", "168.63.129.16/32"]),
        (Peers(tags=("AzureLoadBalancer",)), ["168.63.129.16/32"]),
        (Peers(tags=("Storage.WestEurope",)), ["203.0.113.0/24"]),
        (Peers(application_security_groups=("web",)), ["10.0.0.4/32", "10.0.0.9/32"]),
        (Peers(application_security_groups=("empty",)), []),
        (
            Peers(prefixes=(IPv4Network("10.1.0.0/24"), IPv4Network("10.1.0.0/16"))),
            ["10.1.0.0/16"],
        ),
    ],
)
def test_what_a_side_stands_for(peers: Peers, expected: list[str]) -> None:
    assert sources(peers) == expected


def test_pods_of_kubenet_are_of_the_network_by_way_of_routes() -> None:
    """Semantics 2.3: the tag holds the prefixes of user-defined routes."""
    assert not holds(network_tag(SPACE), "10.244.0.2")
    assert holds(network_tag(SPACE, user_routes=[IPv4Network("10.244.0.0/24")]), "10.244.0.2")


def test_a_default_route_makes_everything_the_network() -> None:
    assert network_tag(SPACE, user_routes=[ANYWHERE]) == (ANYWHERE,)


def test_peers_and_pods_of_overlays_are_of_the_network() -> None:
    found = network_tag(
        SPACE, peers=[IPv4Network("10.1.0.0/16")], pods=[IPv4Network("192.168.0.0/16")]
    )

    assert holds(found, "10.1.2.3")
    assert holds(found, "192.168.2.3")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.10", True),
        ("8.8.8.8", True),
        ("20.0.0.4", False),
        ("10.9.0.4", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("168.63.129.16", False),
        ("169.254.169.254", False),
    ],
)
def test_the_internet_is_what_is_public_and_not_of_the_network(
    address: str, *, expected: bool
) -> None:
    assert holds(internet_tag([IPv4Network("20.0.0.0/16")]), address) is expected
