"""Pod subnets that cannot be; the whole messages are in tests/rejected."""

from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from lab.topology.cluster import NetworkPlugin, NetworkPluginMode
from lab.topology.model import Lab
from lab.topology.validate import validate
from lab.topology.validate.pod_subnets import whole_blocks
from tests.unit.lab.compile.labs import machine
from tests.unit.lab.compile.pod_networks import (
    azure,
    block_pool,
    dynamic_pool,
    new_pool,
    overlay_lab,
    pod_subnet_lab,
)


def messages(made: Lab) -> list[str]:
    return [problem.message for problem in validate(made)]


def test_what_fits_is_no_problem() -> None:
    assert messages(pod_subnet_lab(dynamic_pool(), new_pool())) == []
    assert messages(pod_subnet_lab(block_pool(2, max_pods=30))) == []
    assert messages(overlay_lab()) == []


@pytest.mark.claim("C3")
@pytest.mark.claim("L5")
def test_both_subnets_are_in_one_virtual_network() -> None:
    away = dynamic_pool().subnet._replace(virtual_network="vnet02", subnet="pods")
    other = replace(pod_subnet_lab().cloud.virtual_networks[0], name="vnet02")
    made = pod_subnet_lab(replace(dynamic_pool(), pod_subnet=away._replace(subnet="podvlan")))
    apart = replace(other, address_prefixes=(IPv4Network("10.9.0.0/16"),), subnets=())
    cloud = replace(made.cloud, virtual_networks=(*made.cloud.virtual_networks, apart))
    assert any(
        "is in virtual network 'vnet02', its nodes in 'whkubenet'" in each
        for each in messages(replace(made, cloud=cloud))
    )


def test_a_pod_subnet_is_nobody_elses() -> None:
    shared = messages(pod_subnet_lab(machines=(machine("vm1", "whkubenet/podvlan"),)))
    assert shared[0].endswith(
        "is the subnet of virtual machine 'vm1' as well; a pod subnet holds pods only"
    )


def test_all_pools_have_a_pod_subnet_or_none() -> None:
    mixed = messages(pod_subnet_lab(dynamic_pool(), replace(new_pool(), pod_subnet=None)))
    assert (
        "node pool 'newnodepool' has no podSubnet, other node pools of cluster 'aks01' have one"
    ) in mixed


@pytest.mark.parametrize(
    ("values", "model"),
    [
        ({"network_plugin": NetworkPlugin.KUBENET}, "networkPlugin kubenet"),
        ({"network_plugin_mode": NetworkPluginMode.OVERLAY}, "networkPluginMode overlay"),
    ],
)
def test_who_has_a_pod_cidr_has_no_pod_subnet(values: dict[str, object], model: str) -> None:
    made = pod_subnet_lab()
    cidr = IPv4Network("10.244.0.0/16")
    changed = azure(dynamic_pool(), pod_cidr=cidr, **values)
    assert any(
        f"has {model}, whose pods" in each for each in messages(replace(made, clusters=(changed,)))
    )


def test_only_azure_has_modes() -> None:
    changed = replace(overlay_lab().clusters[0], network_plugin=NetworkPlugin.KUBENET)
    assert any(
        "networkPlugin kubenet, which has no modes" in each
        for each in messages(replace(overlay_lab(), clusters=(changed,)))
    )


def test_every_node_needs_an_address_or_its_blocks() -> None:
    few = messages(pod_subnet_lab(dynamic_pool(12), podvlan="10.1.0.0/28"))
    assert few == [
        "podSubnet 'whkubenet/podvlan' (10.1.0.0/28) has 11 addresses, and its 12 nodes need one "
        "each before there is a pod"
    ]
    blocks = messages(pod_subnet_lab(block_pool(8, max_pods=30), podvlan="10.1.0.0/24"))
    assert blocks == [
        "podSubnet 'whkubenet/podvlan' (10.1.0.0/24) has 14 blocks of /28, and its nodes need 16 "
        "for their maxPods"
    ]


@pytest.mark.parametrize(("prefix", "blocks"), [("10.0.0.0/24", 14), ("10.0.0.0/28", 0)])
def test_the_first_and_the_last_block_hold_addresses_that_the_subnet_keeps(
    prefix: str, blocks: int
) -> None:
    assert whole_blocks(IPv4Network(prefix)) == blocks
