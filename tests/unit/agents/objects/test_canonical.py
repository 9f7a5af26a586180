"""Equal objects become one."""

from ipaddress import IPv4Network

from agents.objects.canonical import canonical
from agents.objects.origin import Origin
from agents.objects.route import Route


def route(prefix: str) -> Route:
    return Route(prefix=IPv4Network(prefix), origin=Origin.VNETLAB, table=100, link="vx0")


def test_equal_ones_are_one_object() -> None:
    first, again = route("10.0.0.0/8"), route("10.0.0.0/8")
    assert first is not again
    assert canonical(first) is canonical(again)


def test_different_ones_stay_apart() -> None:
    """Also where their hashes are the same."""
    one, other = (
        route("10.0.0.0/8"),
        Route(prefix=IPv4Network("10.0.0.0/8"), origin=Origin.VNETLAB, table=100, link="nic"),
    )
    assert hash(one) == hash(other)
    assert canonical(one) == one
    assert canonical(other) == other
