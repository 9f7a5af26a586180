"""What makes a route the same route."""

from ipaddress import IPv4Address, IPv4Network

from agents.objects.origin import Origin
from agents.objects.route import Route

PREFIX = IPv4Network("10.0.0.0/8")


def test_a_route_is_known_by_table_prefix_and_metric() -> None:
    """Whatever leads there and whoever made it: the kernel has one of each."""
    one = Route(prefix=PREFIX, origin=Origin.VNETLAB, table=100, link="vx0")
    other = Route(prefix=PREFIX, origin=Origin.BOOT, table=100, gateway=IPv4Address("10.0.0.1"))
    assert one.key == other.key
    assert one.key != Route(prefix=PREFIX, origin=Origin.VNETLAB, table=101, link="vx0").key
    assert one.key != Route(prefix=PREFIX, origin=Origin.VNETLAB, table=100, metric=1).key
