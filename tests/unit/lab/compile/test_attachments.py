"""Two network containers behind one port."""

from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from lab.cli.sources import read_sources
from lab.compile import Compilation, Ledger, compile_lab
from lab.contract.state_parts import assembled
from lab.kube.objects import parse_lab
from tests.unit.lab.compile.labs import compiled, deployment
from tests.unit.lab.compile.pod_networks import (
    NODES,
    dynamic_pool,
    new_pool,
    overlay_lab,
    pod_subnet_lab,
    receiver,
)

EXAMPLES = Path(__file__).parents[4] / "examples"


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


def test_pods_leave_by_the_nat_gateway_of_their_own_subnet(tmp_path: Path) -> None:
    """Semantics 8: who leaves by which way is told by the subnet of the address."""
    text = (EXAMPLES / "azure-cni-dynamic.lab.yaml").read_text(encoding="utf-8")
    gateway = (
        "  natGateways:\n    - {name: natgw, publicIpAddresses: [way-out]}\n"
        "  publicIPAddresses:\n    - {name: way-out}\n"
        "  networkSecurityGroups:\n"
    )
    subnet = "          addressPrefix: 10.1.0.0/22\n"
    file = tmp_path / "nat.lab.yaml"
    file.write_text(
        text.replace("  networkSecurityGroups:\n", gateway, 1).replace(
            subnet, f"{subnet}          natGateway: natgw\n"
        ),
        encoding="utf-8",
    )
    (tmp_path / "nginx.yaml").write_bytes((EXAMPLES / "nginx.yaml").read_bytes())
    lab, manifests = parse_lab(read_sources(file))
    found = compile_lab(lab, manifests, Ledger())
    vswitch = found.nodes["aks-nodepool1-21460972-vmss000000"].vswitch
    assert vswitch.pods is not None
    assert receiver(found, vswitch.pods.routes, "203.0.113.10") == "natgw"
    assert receiver(found, vswitch.node.routes, "203.0.113.10") == "internet"
    assert vswitch.pods.public_address is None


def test_pods_leave_with_their_nodes_public_address() -> None:
    vswitch = found().nodes[NODES[0]].vswitch
    assert vswitch.pods is not None
    assert vswitch.pods.public_address == vswitch.node.public_address


@pytest.mark.parametrize("lab", [pod_subnet_lab(dynamic_pool(), new_pool()), overlay_lab()])
def test_hosts_of_one_subnet_share_the_routes_of_both_containers(lab: object) -> None:
    compilation = compiled(lab, deployment())  # type: ignore[arg-type]
    nodes = [row.name for row in compilation.hosts if row.cluster][:2]
    first, second = (compilation.shared[node].port for node in nodes)
    assert first.routes is second.routes
    assert first.pod_routes is second.pod_routes is not None
    for node, state in compilation.nodes.items():
        assert assembled(compilation.encoded(node)) == state
