"""Azure CNI Overlay: pods in a routing domain of their own."""

import json
from dataclasses import replace
from ipaddress import IPv4Network

from lab.compile import Compilation
from lab.topology.model import Lab
from lab.topology.security import Direction, NetworkSecurityGroup
from tests.unit.lab.compile.labs import compiled, deployment, lab, route
from tests.unit.lab.compile.pod_networks import VM, VNET, overlay, overlay_lab, receiver

FIRST, SECOND = (f"aks-nodepool1-aks01-vmss00000{number}" for number in range(2))
OTHER = "aks-nodepool1-aks02-vmss000000"


def both() -> Compilation:
    """Two clusters of one virtual network with one pod CIDR."""
    return compiled(overlay_lab(overlay(), overlay("aks02", 1)), deployment())


def of_pods(found: Compilation, node: str, address: str) -> str:
    pods = found.nodes[node].vswitch.pods
    assert pods is not None
    return receiver(found, pods.routes, address)


def of_node(found: Compilation, node: str, address: str) -> str:
    return receiver(found, found.nodes[node].vswitch.node.routes, address)


def test_every_node_has_a_range_of_the_pod_cidr_and_its_pods_the_mask_of_all() -> None:
    found = both()
    for node, prefix in ((FIRST, "10.244.0.0/24"), (SECOND, "10.244.1.0/24")):
        state = found.nodes[node]
        assert state.vswitch.pods is not None
        assert state.vswitch.pods.addresses == (IPv4Network(prefix),)
        interfaces = [pod.interface for pod in state.pods if pod.interface is not None]
        assert interfaces
        for each in interfaces:
            assert each.address.ip in IPv4Network(prefix)
            assert each.address.network == IPv4Network("10.244.0.0/16")


def test_pods_and_nodes_of_a_cluster_reach_its_pods() -> None:
    found = both()
    assert of_pods(found, FIRST, "10.244.1.1") == SECOND
    assert of_node(found, FIRST, "10.244.1.1") == SECOND
    assert of_pods(found, SECOND, "10.1.4.4") == FIRST


def test_clusters_with_one_pod_cidr_never_meet() -> None:
    found = both()
    assert of_pods(found, OTHER, "10.244.0.1") == OTHER
    assert of_pods(found, FIRST, "10.244.0.1") == FIRST
    assert of_pods(found, OTHER, "10.244.1.1") == "drop"
    vnis = {
        each.vni
        for node in (FIRST, OTHER)
        for each in found.nodes[node].vswitch.node.routes
        if each.prefix.subnet_of(IPv4Network("10.244.0.0/16")) and each.vni
    }
    assert len(vnis) == 2
    assert vnis.isdisjoint({each.vni for each in found.nodes["vm1"].vswitch.node.routes})


def test_with_a_pods_address_nothing_else_is_reached() -> None:
    found = both()
    assert of_pods(found, FIRST, "10.1.5.4") == "drop"
    assert of_pods(found, FIRST, "10.1.4.6") == "drop"
    pods = found.nodes[FIRST].vswitch.pods
    assert pods is not None
    assert pods.public_address is None


def test_the_virtual_network_knows_no_pods_and_a_route_of_it_counts_for_none() -> None:
    table = (route("pods", "10.244.1.0/25", "10.1.5.4"),)
    network = replace(
        VNET,
        subnets=tuple(replace(each, route_table="rt") for each in VNET.subnets),
    )
    made = lab(overlay(), VM, networks=(network,), tables={"rt": table})
    found = compiled(made, deployment())
    assert of_node(found, FIRST, "10.244.1.1") == SECOND
    assert of_node(found, "vm1", "10.244.1.1") == "vm1"
    assert of_node(compiled(overlay_lab()), "vm1", "10.244.1.1") == "drop"


def test_all_but_the_overlay_sees_the_node() -> None:
    state = both().nodes[FIRST]
    assert state.masquerade is not None
    assert state.masquerade.non_masquerade_cidrs == (IPv4Network("10.244.0.0/16"),)
    assert state.masquerade.agent


def with_group(made: Lab) -> Lab:
    group = NetworkSecurityGroup(name="aksnsg", security_rules=())
    network = made.cloud.virtual_networks[0]
    subnets = tuple(
        replace(each, network_security_group="aksnsg") if each.name == "nodevlan" else each
        for each in network.subnets
    )
    cloud = replace(
        made.cloud,
        virtual_networks=(replace(network, subnets=subnets),),
        network_security_groups=(group,),
    )
    return replace(made, cloud=cloud)


def test_the_nodes_group_is_asked_of_pods_packets_and_knows_their_range() -> None:
    """Semantics 2.3, 4.5: the pod CIDR belongs to the tag VirtualNetwork."""
    found = compiled(with_group(overlay_lab()))
    vswitch = found.nodes[FIRST].vswitch
    assert vswitch.pods is not None
    assert vswitch.pods.inbound == vswitch.node.inbound != ()
    group = next(each for each in found.security if each.direction is Direction.INBOUND)
    assert IPv4Network("10.244.0.0/16") in group.rules[0].sources


def test_the_configuration_names_the_overlays_addresses() -> None:
    files = {each.path: each.content for each in both().nodes[FIRST].files}
    conflist = json.loads(files["/etc/cni/net.d/10-azure.conflist"])
    assert conflist["plugins"][0]["ipam"] == {"type": "azure-cns", "mode": "overlay"}
