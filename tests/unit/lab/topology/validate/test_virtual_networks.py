"""Virtual networks and subnets that cannot be (semantics 1.8, 1.9)."""

import pytest

from tests.unit.lab.topology.labs import messages, networks


@pytest.mark.parametrize("prefix", ["10.0.0.0/8", "10.0.0.0/29", "198.18.0.0/15", "100.64.0.0/10"])
def test_from_8_to_29_bits_of_any_unicast_range_will_do(prefix: str) -> None:
    """A tenant may even use the addresses of the underlay."""
    first = prefix.partition("/")[0]
    cloud = networks(prefix, subnets=f"{{name: a, addressPrefix: {first}/29}}")

    assert messages(cloud=cloud) == []


@pytest.mark.parametrize("prefix", ["0.0.0.0/0", "10.0.0.0/7", "10.0.0.0/30"])
def test_other_sizes_are_refused(prefix: str) -> None:
    cloud = networks(prefix) + "internet: {hosts: []}"

    assert f"has a /{prefix.partition('/')[2]} prefix" in " ".join(messages(cloud=cloud))


@pytest.mark.parametrize(
    "prefix",
    ["224.0.0.0/8", "127.0.0.0/16", "169.254.0.0/24", "168.63.129.0/24", "255.255.255.0/24"],
)
def test_ranges_with_a_meaning_of_their_own_are_refused(prefix: str) -> None:
    subnet = f"{{name: a, addressPrefix: {prefix}}}"

    (message,) = messages(cloud=networks(prefix, subnets=subnet))

    assert "which is kept for" in message


def test_a_subnet_may_lie_in_any_of_the_prefixes() -> None:
    cloud = networks("10.0.0.0/16", "10.9.0.0/16", subnets="{name: a, addressPrefix: 10.9.1.0/24}")

    assert messages(cloud=cloud) == []


@pytest.mark.parametrize("prefix", ["10.1.0.0/24", "10.0.0.0/15"])
def test_a_subnet_lies_within_its_network(prefix: str) -> None:
    cloud = networks("10.0.0.0/16", subnets=f"{{name: a, addressPrefix: {prefix}}}")

    assert messages(cloud=cloud) == [
        f"subnet 'a' ({prefix}) is outside its virtual network 'vnet01' (10.0.0.0/16) "
        "(NetcfgSubnetRangeOutsideVnet)"
    ]


@pytest.mark.parametrize(("length", "accepted"), [(29, True), (30, False)])
def test_the_smallest_subnet_is_a_29(length: int, *, accepted: bool) -> None:
    cloud = networks("10.0.0.0/16", subnets=f"{{name: a, addressPrefix: 10.0.0.0/{length}}}")

    assert (messages(cloud=cloud) == []) is accepted


def test_subnets_of_a_network_are_apart() -> None:
    subnets = "{name: a, addressPrefix: 10.0.0.0/22}, {name: b, addressPrefix: 10.0.3.0/24}"

    (message,) = messages(cloud=networks("10.0.0.0/16", subnets=subnets))

    assert "overlap" in message


def test_virtual_networks_do_not_see_each_other_so_they_may_overlap() -> None:
    one = networks("10.0.0.0/16")
    other = one[one.index("    - name") :].replace("vnet01", "vnet02")

    assert messages(cloud=one + other) == []


def test_a_route_table_that_does_not_exist_comes_with_the_nearest_one() -> None:
    subnets = "{name: a, addressPrefix: 10.0.0.0/24, routeTable: tabel1}"
    cloud = networks("10.0.0.0/16", subnets=subnets) + "  routeTables: [{name: table1}]\n"

    assert messages(cloud=cloud) == [
        "subnet 'a' refers to route table 'tabel1', which does not exist"
    ]
