"""Azure CNI with the pods in the nodes' subnet, as in the published deployment."""

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.compile import Compilation, Ledger
from lab.compile.ledger_json import from_json, to_json
from lab.contract.node_state import AzureCniMode, Delivery
from lab.contract.state_parts import assembled
from lab.topology.cluster import Cluster, NetworkMode, NetworkPlugin
from lab.topology.model import Lab
from lab.topology.problems import LabFileError
from tests.unit.lab.compile.labs import (
    NODE0,
    NODE1,
    cluster,
    compiled,
    deployment,
    lab,
    machine,
    network,
    pool,
    subnet,
)

VNET = network(vlan01="10.0.0.0/20", vlan02="10.0.16.0/24")


def azure(count: int = 2, **values: object) -> Cluster:
    made = cluster(pool(count, max_pods=30, **values))
    return replace(made, network_plugin=NetworkPlugin.AZURE, pod_cidr=None)


def documented(count: int = 2) -> Lab:
    return lab(azure(count), machine("vm1"), networks=(VNET,))


def file(found: Compilation, host: str, path: str) -> str:
    return next(each.content.decode() for each in found.nodes[host].files if each.path == path)


def ours(found: Compilation, node: str) -> list[str]:
    return [str(row.address) for row in found.pods if row.node == node and not row.host_network]


@pytest.mark.claim("B4")
def test_a_node_keeps_an_address_for_every_pod_before_there_is_one() -> None:
    found = compiled(lab(replace(azure(), system_pods=False), networks=(VNET,)))
    rows = [row for row in found.allocations() if row.pool == "vnet01/vlan01"]
    mine = [row for row in rows if row.owner in (NODE0, NODE1)]
    assert len(mine) == 2 * 31
    assert [row.state.value for row in mine].count("reserved") == 2 * 30


@pytest.mark.claim("B10")
def test_in_a_fresh_subnet_the_addresses_of_a_node_are_contiguous() -> None:
    first, second = (compiled(documented()).ledger.interfaces[node] for node in (NODE0, NODE1))
    assert str(first.address) == "10.0.0.4"
    assert first.secondary == tuple(IPv4Address("10.0.0.5") + number for number in range(30))
    assert (str(second.address), str(second.secondary[0])) == ("10.0.0.35", "10.0.0.36")


@pytest.mark.claim("B10")
def test_the_log_tells_the_pool_of_the_node() -> None:
    log = file(compiled(documented()), NODE0, "/var/log/azure-vnet-ipam.log")
    kept = log.partition("Addresses:map[")[2].partition("]")[0].split()
    assert sorted(map(IPv4Address, kept)) == [IPv4Address("10.0.0.5") + n for n in range(30)]
    assert "Id:10.0.0.0/20 IfName:eth0" in log
    assert "Gateway:10.0.0.1 " in log
    assert "Mask:fffff000" in log


@pytest.mark.claim("B8")
def test_the_configuration_is_the_published_one() -> None:
    text = file(compiled(documented()), NODE0, "/etc/cni/net.d/10-azure.conflist")
    assert json.loads(text) == json.loads(
        '{ "cniVersion":"0.3.0", "name":"azure", "plugins":[ { "type":"azure-vnet", '
        '"mode":"transparent", "ipsToRouteViaHost":["169.254.20.10"], "ipam":{ '
        '"type":"azure-vnet-ipam" } }, { "type":"portmap", "capabilities":{ '
        '"portMappings":true }, "snat":true } ] }'
    )


@pytest.mark.claim("B11")
def test_pods_have_addresses_that_their_node_keeps() -> None:
    found = compiled(documented(), deployment(replicas=20))
    for node in (NODE0, NODE1):
        kept = set(map(str, found.ledger.interfaces[node].secondary))
        assert len(set(ours(found, node))) == len(ours(found, node)) >= 8
        assert set(ours(found, node)) <= kept


def test_a_pod_has_the_mask_of_the_subnet_and_a_gateway_that_nobody_has() -> None:
    state = compiled(documented(), deployment()).nodes[NODE1]
    interface = next(each.interface for each in state.pods if each.interface is not None)
    assert interface.address.network == IPv4Network("10.0.0.0/20")
    assert str(interface.gateway) == "169.254.1.1"
    assert interface.host_interface.startswith("azv")
    assert len(interface.host_interface) == len("azv") + 11


@pytest.mark.parametrize("mode", [NetworkMode.BRIDGE, NetworkMode.TUNNEL])
def test_with_a_bridge_pods_know_the_subnets_gateway(mode: NetworkMode) -> None:
    """Semantics 4.2: the plugin's rules make them neighbours of the fabric."""
    found = compiled(lab(replace(azure(), network_mode=mode), networks=(VNET,)), deployment())
    state = found.nodes[NODE1]
    interface = next(each.interface for each in state.pods if each.interface is not None)
    assert str(interface.gateway) == "10.0.0.1"
    assert interface.host_interface.startswith("azv")
    assert state.azure_cni is not None
    assert state.azure_cni.mode is AzureCniMode(mode.value)
    assert state.azure_cni.bridge == "azure0"


@pytest.mark.claim("B1")
@pytest.mark.parametrize("mode", [NetworkMode.BRIDGE, NetworkMode.TUNNEL])
def test_the_configuration_names_mode_and_bridge(mode: NetworkMode) -> None:
    """As release 1.1.8 has it on disk."""
    found = compiled(lab(replace(azure(), network_mode=mode), networks=(VNET,)))
    plugin, _ = json.loads(file(found, NODE0, "/etc/cni/net.d/10-azure.conflist"))["plugins"]
    assert plugin == {
        "type": "azure-vnet",
        "mode": mode.value,
        "bridge": "azure0",
        "ipsToRouteViaHost": ["169.254.20.10"],
        "ipam": {"type": "azure-vnet-ipam"},
    }


def test_no_user_defined_route_is_needed() -> None:
    found = compiled(documented())
    assert all(not route.route_table for each in found.effective_routes.values() for route in each)


def test_the_fabric_takes_pods_addresses_to_their_node_from_any_subnet() -> None:
    found = compiled(documented(), deployment())
    underlay = found.nodes[NODE1].vswitch.underlay_address
    for host in (NODE0, "vm1"):
        routes = found.nodes[host].vswitch.node.routes
        for address in found.ledger.interfaces[NODE1].secondary:
            covering = [each for each in routes if address in each.prefix]
            chosen = max(covering, key=lambda each: each.prefix.prefixlen)
            assert (chosen.delivery, chosen.underlay_address) == (Delivery.FABRIC, underlay)


@pytest.mark.claim("B17")
def test_what_a_node_keeps_is_nobody_elses_although_no_pod_runs() -> None:
    """A /26 has 59 addresses: a node of 31, and 28 machines."""
    small = (network(vlan01="10.0.0.0/26"),)
    quiet = replace(azure(1), system_pods=False)
    machines = [machine(f"m{number}", "vnet01/vlan01") for number in range(29)]
    assert compiled(lab(quiet, *machines[:28], networks=small))
    with pytest.raises(LabFileError) as caught:
        compiled(lab(quiet, *machines, networks=small))
    assert caught.value.problems[0].message == (
        "subnet vnet01/vlan01 (10.0.0.0/26) has 59 addresses for the network interfaces in it, "
        "which need 60"
    )


@pytest.mark.claim("B20")
def test_every_address_has_one_owner_and_the_pool_says_how_many_there_are() -> None:
    """A machine's own wish goes first; the nodes' addresses go round it."""
    wanted = machine("vm1", "vnet01/vlan01", private_ip_address=IPv4Address("10.0.0.10"))
    few, many = (replace(azure(), node_pools=(pool(2, max_pods=pods),)) for pods in (10, 50))
    for each, kept in ((few, 10), (many, 50)):
        found = compiled(lab(each, wanted, networks=(VNET,)))
        interfaces = found.ledger.interfaces
        assert {len(interfaces[node].secondary) for node in (NODE0, NODE1)} == {kept}
        handed_out = [
            address for one in interfaces.values() for address in (one.address, *one.secondary)
        ]
        assert len(handed_out) == len(set(handed_out)) == 2 * (kept + 1) + 1


def test_what_leaves_the_virtual_network_leaves_as_the_node() -> None:
    state = compiled(documented()).nodes[NODE0]
    assert state.masquerade is not None
    assert state.masquerade.non_masquerade_cidrs == (IPv4Network("10.0.0.0/16"),)


def test_the_node_may_send_from_its_own_addresses_only() -> None:
    """Semantics 1.7: pods need no IP forwarding on the NIC, their addresses are the NIC's."""
    state = compiled(documented()).nodes[NODE0]
    assert not state.nic.enable_ip_forwarding
    owned = [address for each in state.vswitch.node.addresses for address in each]
    assert owned == [IPv4Address("10.0.0.4") + number for number in range(31)]
    assert state.vswitch.pods is None


def test_the_node_is_transparent_and_has_no_bridge() -> None:
    state = compiled(documented()).nodes[NODE0]
    assert state.kubenet is None
    assert state.azure_cni is not None
    assert state.azure_cni.mode is AzureCniMode.TRANSPARENT
    assert state.sysctls["net.ipv4.ip_forward"] == "1"


def test_addresses_stay_as_nodes_join_and_leave() -> None:
    """The ledger's text is the only memory: a node that joins takes what is free."""
    before = compiled(documented(), deployment())
    previous = from_json(to_json(before.ledger))
    assert previous == before.ledger
    after = compiled(documented(3), deployment(), previous=previous)
    for node in (NODE0, NODE1):
        assert after.ledger.interfaces[node] == before.ledger.interfaces[node]
    assert ours(after, NODE0) == ours(before, NODE0)
    third = [name for name in after.ledger.interfaces if name not in before.ledger.interfaces]
    assert str(after.ledger.interfaces[third[0]].address) == "10.0.0.66"


def test_a_pod_in_a_row_takes_the_place_of_the_reserve() -> None:
    found = compiled(documented(), deployment(replicas=1))
    row = next(each for each in found.pods if each.owner == "nginx")
    of_subnet = {each.address: each for each in found.allocations() if each.pool == "vnet01/vlan01"}
    assert row.address is not None
    assert of_subnet[row.address].owner == f"default/{row.name}"
    assert of_subnet[row.address].state.value == "used"
    assert subnet("vnet01/vlan01") == found.ledger.interfaces[NODE0].subnet


def test_the_wire_holds_the_same() -> None:
    found = compiled(documented(), deployment(), previous=Ledger())
    for node, state in found.nodes.items():
        assert assembled(found.encoded(node)) == state
