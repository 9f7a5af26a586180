"""Where effective routes lead; every packet, checked against the definition as well."""

import random
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.cloud.route_table import LongestPrefixMatch, effective_routes
from lab.cloud.virtual_network import INTERNET_IDENTIFIER
from lab.compile.routes import (
    Reachable,
    fabric_routes,
    internet_routes,
    routes_of_service,
    unreachable_appliances,
)
from lab.contract.node_state import Delivery, FabricRoute
from lab.topology.route_table import NextHopType, Route, RouteTable
from tests.unit.lab.compile.labs import network, route

VNET = network()
UNDERLAY = {f"10.0.0.{number}": f"198.18.0.{number}" for number in (4, 5, 6)}


def addresses(texts: dict[str, str]) -> dict[IPv4Address, IPv4Address]:
    return {IPv4Address(key): IPv4Address(value) for key, value in texts.items()}


def reachable(internet: dict[str, str] | None = None) -> Reachable:
    return Reachable(vni=1000, interfaces=addresses(UNDERLAY), internet=addresses(internet or {}))


def resolved(*user: Route, internet: dict[str, str] | None = None) -> tuple[FabricRoute, ...]:
    effective = effective_routes(VNET, RouteTable(name="rt", routes=user))
    return fabric_routes(effective, reachable(internet))


def texts(routes: tuple[FabricRoute, ...]) -> dict[str, str]:
    return {
        str(each.prefix): f"{each.delivery.value} {each.underlay_address} {each.vni}"
        if each.underlay_address
        else each.delivery.value
        for each in routes
    }


def test_every_network_interface_of_the_virtual_network_is_local() -> None:
    assert texts(resolved()) == {
        "0.0.0.0/0": "drop",
        "10.0.0.4/32": "fabric 198.18.0.4 1000",
        "10.0.0.5/32": "fabric 198.18.0.5 1000",
        "10.0.0.6/32": "fabric 198.18.0.6 1000",
    }


def test_an_appliance_gets_the_whole_prefix() -> None:
    found = texts(resolved(route("pods", "10.244.1.0/24", "10.0.0.5")))
    assert found["10.244.1.0/24"] == "fabric 198.18.0.5 1000"


def test_an_appliance_for_everything_leaves_local_addresses_alone() -> None:
    """The system route of the virtual network is longer."""
    found = texts(
        resolved(route("all", "0.0.0.0/0", "10.0.0.5"), internet={"8.8.8.8": "198.18.0.9"})
    )
    assert found["0.0.0.0/0"] == "fabric 198.18.0.5 1000"
    assert found["10.0.0.4/32"] == "fabric 198.18.0.4 1000"
    assert "8.8.8.8/32" not in found
    assert found["10.0.0.0/16"] == "drop"
    assert found["192.168.0.0/16"] == "drop"


def test_an_appliance_for_a_part_of_the_network_takes_its_interfaces() -> None:
    found = texts(resolved(route("hole", "10.0.0.4/31", "10.0.0.6")))
    assert found["10.0.0.4/31"] == "fabric 198.18.0.6 1000"
    assert "10.0.0.4/32" not in found
    assert found["10.0.0.6/32"] == "fabric 198.18.0.6 1000"


def test_an_appliance_that_nobody_is_drops() -> None:
    assert "10.1.0.0/16" not in texts(resolved(route("lost", "10.1.0.0/16", "10.0.0.77")))


def test_none_cuts_a_hole() -> None:
    found = texts(
        resolved(route("all", "0.0.0.0/0", "10.0.0.5"), route("hole", "10.0.0.4/32", "None"))
    )
    assert "10.0.0.4/32" not in found
    assert found["10.0.0.0/16"] == "drop"


def test_vnet_local_brings_back_what_a_shorter_route_took() -> None:
    found = texts(
        resolved(
            route("hole", "10.0.0.0/24", "10.0.0.6"), route("back", "10.0.0.5/32", "VnetLocal")
        )
    )
    assert found["10.0.0.5/32"] == "fabric 198.18.0.5 1000"
    assert "10.0.0.4/32" not in found


def test_internet_hosts_are_reached_where_the_route_says_internet() -> None:
    found = texts(resolved(internet={"203.0.113.10": "198.18.0.9"}))
    assert found["203.0.113.10/32"] == "internet 198.18.0.9 1"
    found = texts(
        resolved(route("no", "203.0.113.0/24", "None"), internet={"203.0.113.10": "198.18.0.9"})
    )
    assert "203.0.113.10/32" not in found


def test_a_user_route_to_the_internet_goes_past_an_appliance() -> None:
    found = texts(
        resolved(
            route("all", "0.0.0.0/0", "10.0.0.5"),
            route("out", "203.0.113.0/24", "Internet"),
            internet={"203.0.113.10": "198.18.0.9", "8.8.8.8": "198.18.0.8"},
        )
    )
    assert found["203.0.113.10/32"] == "internet 198.18.0.9 1"
    assert found["203.0.113.0/24"] == "drop"
    assert "8.8.8.8/32" not in found


def test_adjacent_prefixes_with_one_receiver_become_one() -> None:
    halves = [route(f"r{n}", f"10.1.{n}.0/24", "10.0.0.5") for n in range(4)]
    found = texts(resolved(*halves))
    assert found["10.1.0.0/22"] == "fabric 198.18.0.5 1000"
    assert not [prefix for prefix in found if prefix.endswith("/24")]


def test_halves_of_everything_become_everything() -> None:
    found = texts(
        resolved(route("a", "0.0.0.0/1", "10.0.0.5"), route("b", "128.0.0.0/1", "10.0.0.5"))
    )
    assert found["0.0.0.0/0"] == "fabric 198.18.0.5 1000"


def test_adjacent_prefixes_with_different_receivers_stay_apart() -> None:
    found = texts(
        resolved(route("n1", "10.244.0.0/24", "10.0.0.5"), route("n0", "10.244.1.0/24", "10.0.0.4"))
    )
    assert found["10.244.0.0/24"] == "fabric 198.18.0.5 1000"
    assert found["10.244.1.0/24"] == "fabric 198.18.0.4 1000"


def test_internet_hosts_reply_to_public_addresses_and_nothing_else() -> None:
    found = texts(
        internet_routes(addresses({"203.0.113.10": "198.18.0.9", "198.51.100.1": "198.18.0.4"}))
    )
    assert found == {
        "0.0.0.0/0": "drop",
        "198.51.100.1/32": "internet 198.18.0.4 1",
        "203.0.113.10/32": "internet 198.18.0.9 1",
    }


def test_appliances_that_cannot_work_are_warnings() -> None:
    table = RouteTable(
        name="rt",
        routes=(
            route("good", "10.1.0.0/16", "10.0.0.4"),
            route("deaf", "10.2.0.0/16", "10.0.0.5"),
            route("lost", "10.3.0.0/16", "10.0.0.77"),
            route("none", "10.4.0.0/16", "None"),
        ),
    )
    forwarding = {IPv4Address("10.0.0.4"): True, IPv4Address("10.0.0.5"): False}
    found = [each.message for each in unreachable_appliances(table, "vnet01", forwarding)]
    assert found == [
        "route deaf of route table rt leads to 10.0.0.5, whose network interface has no IP "
        "forwarding: what the route matches is dropped there",
        "route lost of route table rt leads to 10.0.0.77, an address that no network interface "
        "in vnet01 has: what the route matches is dropped",
    ]


@pytest.mark.parametrize("seed", range(30))
def test_every_packet_goes_where_the_effective_routes_send_it(seed: int) -> None:
    """Collapsing changes the table, never a packet: both are walked for many addresses."""
    source = random.Random(seed)
    hops = ["10.0.0.4", "10.0.0.5", "10.0.0.77", "None", "VnetLocal", "Internet"]
    bases = [IPv4Address("10.0.0.0"), IPv4Address("0.0.0.0"), IPv4Address("203.0.113.0")]
    prefixes = {
        IPv4Network(
            (
                int(source.choice(bases)) | source.getrandbits(source.choice([5, 9, 32])),
                source.choice([0, 1, 2, 8, 16, 24, 28, 30, 31, 32]),
            ),
            strict=False,
        )
        for _ in range(60)
    }
    user = [route(f"r{n}", str(each), source.choice(hops)) for n, each in enumerate(prefixes)]
    internet = addresses({"203.0.113.10": "198.18.0.9"})
    effective = effective_routes(VNET, RouteTable(name="rt", routes=tuple(user)))
    found = fabric_routes(
        effective, Reachable(vni=1000, interfaces=addresses(UNDERLAY), internet=internet)
    )
    decides = LongestPrefixMatch(effective)
    interesting = [int(each.prefix.network_address) + step for each in found for step in (-1, 0, 1)]
    interesting += [int(address) for address in (*addresses(UNDERLAY), *internet)]
    for number in {each % 2**32 for each in interesting}:
        address = IPv4Address(number)
        decided = decides(number)
        assert decided is not None
        match decided.next_hop_type:
            case NextHopType.VNET_LOCAL:
                expected = addresses(UNDERLAY).get(address)
            case NextHopType.VIRTUAL_APPLIANCE:
                assert decided.next_hop_ip_address is not None
                expected = addresses(UNDERLAY).get(decided.next_hop_ip_address)
            case NextHopType.INTERNET:
                expected = internet.get(address)
            case NextHopType.NONE:
                expected = None
        walked = max(
            (each for each in found if address in each.prefix),
            key=lambda each: each.prefix.prefixlen,
        )
        assert walked.underlay_address == expected, address
        assert (walked.delivery is Delivery.DROP) == (expected is None)


PEER = Reachable(
    vni=1001,
    interfaces=addresses({"10.1.0.4": "198.18.1.4", "10.1.0.5": "198.18.1.5"}),
    internet={},
)


def peered(*user: Route) -> dict[str, str]:
    effective = effective_routes(
        VNET, RouteTable(name="rt", routes=user), peered=[IPv4Network("10.1.0.0/16")]
    )
    return texts(fabric_routes(effective, replace(reachable(), peers=(PEER,))))


def test_what_goes_to_a_peer_bears_the_receivers_identifier() -> None:
    assert peered()["10.1.0.4/32"] == "fabric 198.18.1.4 1001"
    assert peered()["10.0.0.4/32"] == "fabric 198.18.0.4 1000"


def test_an_appliance_may_be_in_a_peer() -> None:
    assert peered(route("all", "0.0.0.0/0", "10.1.0.5"))["0.0.0.0/0"] == "fabric 198.18.1.5 1001"


def test_a_user_route_hides_the_interfaces_of_a_peer() -> None:
    assert "10.1.0.4/32" not in peered(route("block", "10.1.0.0/16", "None"))


def test_without_a_route_a_peer_is_out_of_reach() -> None:
    effective = effective_routes(VNET, None)

    assert "10.1.0.4/32" not in texts(fabric_routes(effective, replace(reachable(), peers=(PEER,))))


def test_a_service_answers_premises_by_the_gateway_and_nobody_else_by_it() -> None:
    gateway = IPv4Address("198.18.0.99"), 1000
    found = routes_of_service(
        addresses({"203.0.113.10": "198.18.0.10"}),
        [reachable()],
        dict.fromkeys(
            map(IPv4Network, ("192.168.0.0/16", "10.0.0.4/32", "203.0.113.0/24")), gateway
        ),
    )
    assert texts(found) == {
        "0.0.0.0/0": "drop",
        "10.0.0.4/32": "fabric 198.18.0.4 1000",
        "10.0.0.5/32": "fabric 198.18.0.5 1000",
        "10.0.0.6/32": "fabric 198.18.0.6 1000",
        "192.168.0.0/16": "fabric 198.18.0.99 1000",
        "203.0.113.0/24": "fabric 198.18.0.99 1000",
        "203.0.113.10/32": f"internet 198.18.0.10 {INTERNET_IDENTIFIER}",
    }


@pytest.mark.parametrize("seed", range(20))
def test_no_route_says_what_the_one_around_it_says(seed: int) -> None:
    source = random.Random(seed)
    hops = ["10.0.0.4", "10.0.0.5", "None"]
    prefixes = {
        IPv4Network((source.getrandbits(6) << 26, source.randrange(7)), strict=False)
        for _ in range(30)
    }
    found = resolved(
        *(route(f"r{n}", str(each), source.choice(hops)) for n, each in enumerate(prefixes))
    )

    nets = {each.prefix: each for each in found}
    for prefix, each in nets.items():
        assert isinstance(prefix, IPv4Network)
        above = (prefix.supernet(new_prefix=n) for n in range(prefix.prefixlen - 1, -1, -1))
        covering = next((nets[around] for around in above if around in nets), None)
        assert covering is None or replace(covering, prefix=prefix) != each
