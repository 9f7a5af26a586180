"""Hosts of the emulated Internet that cannot be."""

import pytest

from tests.unit.lab.topology.labs import cluster, examined, messages, networks


def hosts(*addresses: str) -> str:
    written = ", ".join(
        f"{{name: h{number}, address: {address}}}" for number, address in enumerate(addresses)
    )
    return f"internet: {{hosts: [{written}]}}\n"


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("203.0.113.10", True),
        ("198.51.100.1", True),
        ("192.0.2.1", True),
        ("8.8.8.8", True),
        ("10.9.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("198.18.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
    ],
)
def test_an_internet_host_has_a_public_address(address: str, *, accepted: bool) -> None:
    assert (messages(hosts(address)) == []) is accepted


def test_two_hosts_do_not_have_the_same_address() -> None:
    assert messages(hosts("8.8.8.8", "8.8.8.8")) == [
        "Internet hosts 'h0' and 'h1' have the same address 8.8.8.8"
    ]


def test_an_internet_host_is_outside_every_virtual_network() -> None:
    cloud = networks("20.0.0.0/16", subnets="{name: a, addressPrefix: 20.0.0.0/24}")

    (message,) = messages(hosts("20.0.9.9"), cloud=cloud)

    assert "is inside virtual network 'vnet01'" in message


def test_an_internet_host_is_outside_the_ranges_of_clusters() -> None:
    (message,) = messages(cluster(podCidr="20.0.0.0/16") + hosts("20.0.9.9"))

    assert "is inside podCidr of cluster 'aks01'" in message


def test_the_default_host_in_the_way_is_told_at_the_prefix() -> None:
    cloud = networks("203.0.113.0/24", subnets="{name: a, addressPrefix: 203.0.113.0/25}")

    (problem,) = examined(cloud=cloud).problems

    assert "which a lab has by default" in problem.message
    assert problem.location.line == 8
