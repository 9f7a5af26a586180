"""Effective routes: longest prefix first, user before system."""

import random
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.cloud.route_table import (
    EffectiveRoute,
    LongestPrefixMatch,
    RouteSource,
    RouteState,
    effective_routes,
)
from lab.topology.route_table import NextHopType, Route, RouteTable, TaggedRoute
from lab.topology.virtual_network import Subnet, VirtualNetwork

NETWORK = VirtualNetwork(
    name="vnet01",
    address_prefixes=(IPv4Network("10.0.0.0/16"),),
    subnets=(Subnet(name="vlan01", address_prefix=IPv4Network("10.0.0.0/22")),),
)


def user_route(
    name: str, prefix: str, kind: NextHopType = NextHopType.NONE, address: str | None = None
) -> Route:
    return Route(
        name=name,
        address_prefix=IPv4Network(prefix),
        next_hop_type=kind,
        next_hop_ip_address=IPv4Address(address) if address else None,
    )


def routes(*user: Route) -> tuple[EffectiveRoute, ...]:
    return effective_routes(NETWORK, RouteTable(name="rt", routes=user))


def decides(found: tuple[EffectiveRoute, ...], address: str) -> EffectiveRoute:
    route = LongestPrefixMatch(found)(int(IPv4Address(address)))
    assert route is not None
    return route


def test_without_a_table_only_system_routes_are_effective() -> None:
    found = effective_routes(NETWORK, None)
    assert {route.source for route in found} == {RouteSource.DEFAULT}
    assert {route.state for route in found} == {RouteState.ACTIVE}


def test_a_user_route_beats_the_system_route_of_the_same_prefix() -> None:
    """Semantics 2.2; the system route stays visible as Invalid."""
    found = routes(user_route("all", "0.0.0.0/0", NextHopType.VIRTUAL_APPLIANCE, "10.0.0.9"))
    default = [each for each in found if each.address_prefix == IPv4Network("0.0.0.0/0")]
    assert [(each.source, each.state) for each in default] == [
        (RouteSource.DEFAULT, RouteState.INVALID),
        (RouteSource.USER, RouteState.ACTIVE),
    ]
    assert decides(found, "8.8.8.8").next_hop_ip_address == IPv4Address("10.0.0.9")


def test_a_longer_system_route_beats_a_shorter_user_route() -> None:
    found = routes(user_route("all", "0.0.0.0/0", NextHopType.VIRTUAL_APPLIANCE, "10.0.0.9"))
    assert decides(found, "10.0.3.3").next_hop_type is NextHopType.VNET_LOCAL
    assert decides(found, "192.168.1.1").next_hop_type is NextHopType.NONE


def test_a_longer_user_route_cuts_a_hole_into_the_address_space() -> None:
    found = routes(user_route("hole", "10.0.2.0/24"))
    assert decides(found, "10.0.2.7").name == "hole"
    assert decides(found, "10.0.3.7").next_hop_type is NextHopType.VNET_LOCAL


def test_user_routes_carry_their_table_and_follow_its_order() -> None:
    found = routes(user_route("b", "10.2.0.0/16"), user_route("a", "10.1.0.0/16"))
    user = [each for each in found if each.source is RouteSource.USER]
    assert [(each.name, each.route_table) for each in user] == [("b", "rt"), ("a", "rt")]


def test_of_two_user_routes_with_one_prefix_the_first_counts() -> None:
    found = routes(user_route("first", "10.2.0.0/16"), user_route("second", "10.2.0.0/16"))
    assert decides(found, "10.2.0.1").name == "first"
    assert found[-1].state is RouteState.INVALID


@pytest.mark.parametrize("seed", range(20))
def test_the_decision_is_that_of_a_linear_search(seed: int) -> None:
    """Longest prefix match, checked against the definition."""
    source = random.Random(seed)
    found = tuple(
        EffectiveRoute(
            source=RouteSource.USER,
            state=source.choice(list(RouteState)),
            address_prefix=prefix,
            next_hop_type=NextHopType.NONE,
            name=str(prefix),
        )
        for prefix in {
            IPv4Network((source.getrandbits(32), source.randrange(6)), strict=False)
            for _ in range(30)
        }
    )
    match = LongestPrefixMatch(found)
    for _ in range(100):
        address = IPv4Address(source.getrandbits(32))
        matching = [
            route
            for route in found
            if route.state is RouteState.ACTIVE and address in route.address_prefix
        ]
        expected = max(matching, key=lambda route: route.address_prefix.prefixlen, default=None)
        assert match(int(address)) is expected


def test_a_peer_is_a_system_route_that_a_user_route_overrides() -> None:
    peer = IPv4Network("10.1.0.0/16")
    table = RouteTable(name="rt", routes=(user_route("block", "10.1.0.0/16"),))

    (alone,) = (
        each
        for each in effective_routes(NETWORK, None, peered=[peer])
        if each.address_prefix == peer
    )
    assert (alone.source, alone.next_hop_type) == (RouteSource.DEFAULT, NextHopType.VNET_PEERING)
    assert decides(effective_routes(NETWORK, table, peered=[peer]), "10.1.2.3").name == "block"


STORAGE = {"storage": (IPv4Network("203.0.113.0/24"), IPv4Network("198.51.100.0/24"))}


def tagged(*user: Route) -> tuple[EffectiveRoute, ...]:
    through = TaggedRoute(name="storage", service_tag="Storage", next_hop_type=NextHopType.INTERNET)
    table = RouteTable(name="rt", routes=user, tagged_routes=(through,))
    return effective_routes(NETWORK, table, service_tags=STORAGE)


def test_a_tag_is_a_route_for_each_of_its_prefixes() -> None:
    found = tagged(user_route("all", "0.0.0.0/0"))

    assert decides(found, "203.0.113.10").name == "storage"
    assert decides(found, "198.51.100.7").next_hop_type is NextHopType.INTERNET
    assert decides(found, "8.8.8.8").name == "all"


def test_an_explicit_prefix_beats_the_same_one_of_a_tag() -> None:
    """Semantics 2.2; the tag's stays visible as Invalid."""
    found = tagged(user_route("block", "203.0.113.0/24"))

    assert decides(found, "203.0.113.10").name == "block"
    assert decides(found, "198.51.100.7").name == "storage"
    assert [each.state for each in found if each.name == "storage"] == [
        RouteState.INVALID,
        RouteState.ACTIVE,
    ]


def learned(*user: Route, prefixes: tuple[str, ...], disabled: bool = False) -> list[str]:
    table = RouteTable(name="rt", routes=user, disable_bgp_route_propagation=disabled)
    found = effective_routes(
        NETWORK,
        table,
        peered=[IPv4Network("10.1.0.0/16")],
        gateway=map(IPv4Network, prefixes),
    )
    return [
        f"{each.state.value} {each.address_prefix}"
        for each in found
        if each.source is RouteSource.VIRTUAL_NETWORK_GATEWAY
    ]


def test_a_gateways_route_comes_before_a_system_route() -> None:
    """User, then BGP, then system (semantics 2.2): 0.0.0.0/0 from outside is forced tunnelling."""
    found = effective_routes(NETWORK, None, gateway=[IPv4Network("0.0.0.0/0")])
    states = {each.source: each.state for each in found if str(each.address_prefix) == "0.0.0.0/0"}
    assert states == {
        RouteSource.DEFAULT: RouteState.INVALID,
        RouteSource.VIRTUAL_NETWORK_GATEWAY: RouteState.ACTIVE,
    }


def test_a_users_route_comes_before_a_gateways() -> None:
    own = Route(
        name="own",
        address_prefix=IPv4Network("192.168.0.0/16"),
        next_hop_type=NextHopType.NONE,
    )
    assert learned(own, prefixes=("192.168.0.0/16",)) == ["Invalid 192.168.0.0/16"]


def test_what_the_network_and_peers_have_comes_before_however_long_a_gateways_prefix_is() -> None:
    assert learned(prefixes=("10.0.5.0/24", "10.1.5.0/24", "10.2.0.0/16")) == [
        "Invalid 10.0.5.0/24",
        "Invalid 10.1.5.0/24",
        "Active 10.2.0.0/16",
    ]


def test_a_table_may_keep_a_gateways_routes_out() -> None:
    assert learned(prefixes=("192.168.0.0/16",), disabled=True) == []


@pytest.mark.parametrize("seed", range(10))
def test_routes_that_come_go_and_move_leave_nothing_behind(seed: int) -> None:
    """Of user routes with one prefix the first counts, whatever the table was before."""
    source = random.Random(seed)
    known = [user_route(f"r{number}", f"10.{number % 7}.0.0/16") for number in range(20)]
    for _ in range(20):
        table = source.sample(known, source.randrange(len(known)))
        found = [each for each in routes(*table) if each.source is RouteSource.USER]

        prefixes = [each.address_prefix for each in table]
        assert found == [
            EffectiveRoute(
                source=RouteSource.USER,
                state=RouteState.ACTIVE
                if prefixes.index(each.address_prefix) == place
                else RouteState.INVALID,
                address_prefix=each.address_prefix,
                next_hop_type=each.next_hop_type,
                name=each.name,
                route_table="rt",
            )
            for place, each in enumerate(table)
        ]
