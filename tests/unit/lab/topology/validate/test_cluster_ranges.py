"""Address ranges of a cluster that cannot be."""

import pytest

from tests.unit.lab.topology.labs import cluster, examined, messages, networks


@pytest.mark.parametrize(
    "properties",
    [
        {"podCidr": "10.0.128.0/17"},
        {"podCidr": "10.0.0.0/8"},
        {"serviceCidr": "10.0.200.0/24"},
        {"dockerBridgeCidr": "10.0.200.1/24"},
        {"podCidr": "172.16.0.0/16"},
        {"dockerBridgeCidr": "172.16.1.1/24"},
        {"podCidr": "172.17.0.0/16"},
    ],
)
def test_pods_services_bridge_and_virtual_network_are_apart(properties: dict[str, str]) -> None:
    assert any("overlaps" in message for message in messages(cluster(**properties)))


def test_a_default_that_overlaps_is_called_one() -> None:
    body = cluster().replace("serviceCidr: 172.16.1.0/24, ", "")

    assert messages(body) == [
        "serviceCidr of cluster 'aks01' (10.0.0.0/16, the default) overlaps virtual network "
        "'vnet01' (10.0.0.0/16) (ServiceCidrOverlapExistingSubnetsCidr)"
    ]


def test_ranges_of_a_virtual_network_where_no_node_is_do_not_matter() -> None:
    cloud = networks("10.0.0.0/16") + (
        "    - name: other\n"
        "      addressPrefixes: [10.244.0.0/16]\n"
        "      subnets: [{name: a, addressPrefix: 10.244.0.0/24}]\n"
    )

    assert messages(cluster(), cloud=cloud) == []


@pytest.mark.parametrize("prefix", ["172.30.0.0/24", "172.31.4.0/24", "192.0.2.0/24"])
def test_ranges_that_aks_keeps_are_refused(prefix: str) -> None:
    assert any("no cluster may use" in each for each in messages(cluster(serviceCidr=prefix)))


def test_a_virtual_network_around_what_aks_keeps_holds_no_cluster() -> None:
    cloud = networks("172.16.0.0/12", subnets="{name: vlan01, addressPrefix: 172.20.0.0/24}")
    body = cluster(serviceCidr="10.2.0.0/24", dockerBridgeCidr="10.3.0.1/24")

    assert messages(cloud=cloud) == []
    assert len(messages(body, cloud=cloud)) == 2


@pytest.mark.parametrize(
    ("prefix", "nodes", "accepted"),
    [
        ("10.244.0.0/24", 1, True),
        ("10.244.0.0/24", 2, False),
        ("10.244.0.0/22", 4, True),
        ("10.244.0.0/22", 5, False),
        ("10.244.0.0/25", 1, False),
        ("10.244.0.0/16", 256, True),
        ("10.244.0.0/16", 257, False),
    ],
)
def test_each_node_needs_a_24_of_the_pod_range(prefix: str, nodes: int, *, accepted: bool) -> None:
    assert (messages(cluster(f"count: {nodes}", podCidr=prefix)) == []) is accepted


def test_a_pod_range_that_is_too_small_comes_with_the_size_it_needs() -> None:
    (problem,) = examined(cluster("count: 300")).problems

    assert problem.remedy == "choose a range of /15 or larger, or lower the count of nodes"


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("172.16.1.2", True),
        ("172.16.1.254", True),
        ("172.16.1.0", False),
        ("172.16.1.1", False),
        ("172.16.1.255", False),
        ("172.16.2.10", False),
    ],
)
def test_the_dns_service_has_an_address_of_its_own_among_the_services(
    address: str, *, accepted: bool
) -> None:
    """The second address is that of the Service called kubernetes."""
    assert (messages(cluster(dnsServiceIP=address)) == []) is accepted


def test_a_service_range_is_at_most_a_12() -> None:
    (message,) = messages(cluster(serviceCidr="11.0.0.0/11"))

    assert message.endswith("is larger than /12")
