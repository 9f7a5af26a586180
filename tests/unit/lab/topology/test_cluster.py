"""What follows from the network model of a cluster."""

from dataclasses import replace

import pytest

from lab.topology.cluster import (
    Cluster,
    Ipam,
    NetworkPlugin,
    NetworkPluginMode,
    NodePool,
    PodIPAllocationMode,
)
from lab.topology.virtual_network import SubnetReference
from tests.unit.lab.topology.labs import cluster as written
from tests.unit.lab.topology.labs import parsed

PODS = SubnetReference(virtual_network="vnet01", subnet="pods")


def cluster() -> Cluster:
    (found,) = parsed(written()).clusters
    return found


def pool(*, pod_subnet: SubnetReference | None = None, max_pods: int = 30) -> NodePool:
    return replace(cluster().node_pools[0], pod_subnet=pod_subnet, max_pods=max_pods)


@pytest.mark.parametrize(("max_pods", "blocks"), [(10, 1), (15, 1), (16, 2), (30, 2), (32, 3)])
def test_a_block_less_one_address_is_for_pods(max_pods: int, blocks: int) -> None:
    assert pool(max_pods=max_pods).blocks == blocks


@pytest.mark.parametrize(
    ("plugin", "mode", "pod_subnet", "ipam"),
    [
        (NetworkPlugin.KUBENET, None, None, Ipam.HOST_LOCAL),
        (NetworkPlugin.NONE, None, None, Ipam.NONE),
        (NetworkPlugin.AZURE, NetworkPluginMode.OVERLAY, None, Ipam.OVERLAY),
        (NetworkPlugin.AZURE, None, None, Ipam.NODE_SUBNET),
        (NetworkPlugin.AZURE, None, PODS, Ipam.DYNAMIC),
    ],
)
def test_where_pods_get_addresses_follows_from_plugin_mode_and_pool(
    plugin: NetworkPlugin,
    mode: NetworkPluginMode | None,
    pod_subnet: SubnetReference | None,
    ipam: Ipam,
) -> None:
    made = replace(cluster(), network_plugin=plugin, network_plugin_mode=mode)
    its = pool(pod_subnet=pod_subnet)

    assert made.ipam(its) is ipam
    assert made.reserved_addresses(its) == (30 if ipam is Ipam.NODE_SUBNET else 0)


def test_a_pool_may_ask_for_blocks_of_its_pod_subnet() -> None:
    made = replace(cluster(), network_plugin=NetworkPlugin.AZURE)
    mode = PodIPAllocationMode.STATIC_BLOCK

    assert made.ipam(replace(pool(pod_subnet=PODS), pod_ip_allocation_mode=mode)) is (
        Ipam.STATIC_BLOCK
    )
