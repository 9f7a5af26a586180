"""Effective routes become kernel routes."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from agents.objects.nexthop import Encapsulation, Nexthop
from agents.objects.origin import Origin
from agents.objects.route import Route
from agents.plan.routes import FabricRoutes, routes_for
from lab.contract.node_state import Delivery, FabricRoute
from tests.unit.agents.states import address_of, fabric_route, nic, underlay_of, vswitch

OWN = 1


def derived(*routes: FabricRoute) -> FabricRoutes:
    return routes_for(vswitch(OWN, routes=routes), nic(OWN))


def outward(fabric: FabricRoutes, prefix: str) -> Route:
    (route,) = (r for r in fabric.routes if r.table == 100 and r.prefix == IPv4Network(prefix))
    return route


def test_a_route_to_another_host_encapsulates() -> None:
    fabric = derived(fabric_route("10.244.2.0/24", 2))
    (nexthop,) = fabric.nexthops
    assert nexthop == Nexthop(
        number=nexthop.number,
        origin=Origin.VNETLAB,
        link="vx0",
        encapsulation=Encapsulation(vni=42, destination=underlay_of(2)),
    )
    assert outward(fabric, "10.244.2.0/24").nexthop == nexthop.number


def test_routes_to_one_host_share_a_nexthop() -> None:
    fabric = derived(fabric_route("10.244.2.0/24", 2), fabric_route("10.0.0.5/32", 2))
    assert len(fabric.nexthops) == 1


def test_the_way_to_the_internet_is_a_device_of_its_own() -> None:
    """Rules tell by it what leaves; it is another nexthop even to the same host."""
    fabric = derived(
        fabric_route("0.0.0.0/0", 9, Delivery.INTERNET), fabric_route("10.0.0.12/32", 9)
    )
    links = {nexthop.number: nexthop.link for nexthop in fabric.nexthops}
    assert links[outward(fabric, "0.0.0.0/0").nexthop or 0] == "inet0"
    assert links[outward(fabric, "10.0.0.12/32").nexthop or 0] == "vx0"


def test_what_is_dropped_goes_into_the_tunnel_without_a_header() -> None:
    fabric = derived(FabricRoute(prefix=IPv4Network("10.0.0.0/8"), delivery=Delivery.DROP))
    route = outward(fabric, "10.0.0.0/8")
    assert (route.link, route.nexthop, route.gateway) == ("vx0", None, None)
    assert fabric.nexthops == frozenset()


def test_what_no_route_covers_is_dropped() -> None:
    """It must never fall through to the underlay's own tables."""
    assert outward(derived(), "0.0.0.0/0").link == "vx0"


def test_a_route_to_the_own_host_comes_back() -> None:
    route = outward(derived(fabric_route("10.244.1.0/24", OWN)), "10.244.1.0/24")
    assert (route.link, str(route.gateway), route.on_link) == ("nic", "169.254.255.2", True)


def test_the_own_address_always_comes_back() -> None:
    """Proxy ARP stays silent about it then, as the fabric does (semantics 1.3)."""
    assert outward(derived(), f"{address_of(OWN)}/32").link == "nic"


def test_everything_that_comes_in_goes_to_the_guest() -> None:
    (route,) = (route for route in derived().routes if route.table == 200)
    assert (route.prefix.prefixlen, route.link) == (0, "nic")


def test_a_host_keeps_its_number_whoever_comes_and_goes() -> None:
    """Or one more host would rewrite the routes to all others."""
    few = derived(fabric_route("10.0.0.6/32", 3))
    many = derived(*(fabric_route(f"10.0.0.{n + 3}/32", n) for n in range(2, 200)))
    assert few.nexthops <= many.nexthops
    assert len({nexthop.number for nexthop in many.nexthops}) == 198


def test_numbers_that_would_meet_are_told_apart() -> None:
    """Virtual networks 8,192 apart, and only they."""
    one = fabric_route("10.1.0.0/16", 2)
    other = replace(fabric_route("10.2.0.0/16", 2), vni=42 + 8192)
    fabric = derived(one, other)
    assert len({nexthop.number for nexthop in fabric.nexthops}) == 2
    by_number = {nexthop.number: nexthop.encapsulation for nexthop in fabric.nexthops}
    tunnel = by_number[outward(fabric, "10.2.0.0/16").nexthop or 0]
    assert tunnel == Encapsulation(vni=42 + 8192, destination=underlay_of(2))


def test_a_delivery_without_a_host_is_a_bug_of_the_compiler() -> None:
    with pytest.raises(TypeError, match="without an IPv4 underlay address"):
        derived(FabricRoute(prefix=IPv4Network("10.0.0.0/8"), delivery=Delivery.FABRIC))


def test_the_guest_is_no_address_of_anybody() -> None:
    """A guest may have any address, the underlay's own included."""
    gateways = {route.gateway for route in derived().routes} - {None}
    assert gateways == {IPv4Address("169.254.255.2")}
