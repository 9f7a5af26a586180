"""What the network model of a cluster knows on its nodes."""

from ipaddress import IPv4Network

import pytest

from lab.compile.members import kubenet_wiring
from lab.topology.cluster import NetworkPlugin
from tests.unit.lab.compile.labs import NODE0, NODE1, cluster, compiled, deployment, lab, pool


def test_pods_of_a_kubenet_node_have_its_bridge_as_gateway() -> None:
    wiring = kubenet_wiring(IPv4Network("10.244.1.0/24"))
    assert (wiring.prefix_length, str(wiring.gateway)) == (24, "10.244.1.1")
    assert wiring.host_interface("uid").startswith("veth")


@pytest.mark.claim("D4")
def test_without_a_plugin_nodes_are_there_and_pods_wait_for_one() -> None:
    bare = cluster(pool(2), network_plugin=NetworkPlugin.NONE, pod_cidr=None)
    found = compiled(lab(bare), deployment(replicas=3))
    rows = {row.name: row for row in found.pods}
    waiting = [row for row in rows.values() if row.reason is not None]

    assert {NODE0, NODE1} <= set(found.nodes)
    for node in (NODE0, NODE1):
        state = found.nodes[node]
        assert (state.kubenet, state.azure_cni, state.masquerade) == (None, None, None)
        assert state.pods
        assert all(each.host_network for each in state.pods)
        assert not any(each.name.startswith("azure-") for each in state.pods)
        assert not any(file.path.startswith("/etc/cni") for file in state.files)
    assert waiting
    assert not any(row.host_network for row in waiting)
    assert {row.reason.word for row in waiting if row.reason} == {"NetworkPluginNotReady"}
    assert any("no network plugin is installed" in each.message for each in found.warnings)
