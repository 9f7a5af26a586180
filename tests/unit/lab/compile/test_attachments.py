"""Two network containers behind one port."""

from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from lab.compile import Compilation
from lab.contract import codec
from tests.unit.lab.compile.labs import compiled, deployment
from tests.unit.lab.compile.pod_networks import (
    NODES,
    dynamic_pool,
    new_pool,
    overlay_lab,
    pod_subnet_lab,
    receiver,
)


def found() -> Compilation:
    return compiled(pod_subnet_lab(dynamic_pool(), new_pool()), deployment(replicas=6))


def test_a_port_has_a_container_of_its_pods_with_all_addresses_that_the_node_has() -> None:
    compilation = found()
    for node, container in compilation.ledger.pod_containers.items():
        vswitch = compilation.nodes[node].vswitch
        assert vswitch.pods is not None
        assert vswitch.pods.subnet == str(container.subnet)
        owned = {address for prefix in vswitch.pods.addresses for address in prefix}
        assert owned == {container.address, *container.secondary}
        assert vswitch.node.addresses == (IPv4Network(compilation.ledger.interfaces[node].address),)


def test_everybody_in_the_virtual_network_reaches_pods_at_their_node() -> None:
    compilation = found()
    for row in compilation.pods:
        for host in ("vm1", *NODES):
            routes = compilation.nodes[host].vswitch.node.routes
            assert receiver(compilation, routes, str(row.address)) == row.node


def test_pods_have_the_routes_of_their_own_subnet() -> None:
    lab = pod_subnet_lab()
    network = lab.cloud.virtual_networks[0]
    subnets = tuple(
        replace(each, default_outbound_access=False) if each.name == "podvlan" else each
        for each in network.subnets
    )
    cloud = replace(lab.cloud, virtual_networks=(replace(network, subnets=subnets),))
    vswitch = compiled(replace(lab, cloud=cloud)).nodes[NODES[0]].vswitch
    assert vswitch.pods is not None
    assert (vswitch.pods.public_address, vswitch.node.public_address is None) == (None, False)


def test_pods_leave_with_their_nodes_public_address() -> None:
    vswitch = found().nodes[NODES[0]].vswitch
    assert vswitch.pods is not None
    assert vswitch.pods.public_address == vswitch.node.public_address


@pytest.mark.parametrize("lab", [pod_subnet_lab(dynamic_pool(), new_pool()), overlay_lab()])
def test_hosts_of_one_subnet_share_the_routes_of_both_containers(lab: object) -> None:
    compilation = compiled(lab, deployment())  # type: ignore[arg-type]
    nodes = [row.name for row in compilation.hosts if row.cluster][:2]
    first, second = (compilation.port_routes[node] for node in nodes)
    assert first.node is second.node
    assert first.pods is second.pods is not None
    for node, state in compilation.nodes.items():
        assert codec.decode(compilation.encoded(node)) == state
