"""One host's desired state, put together."""

from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.compile.nodes import in_subnet, on_internet
from lab.contract.node_state import Masquerade, NodeKind
from lab.topology.model import InternetHost
from tests.unit.lab.compile.labs import (
    INTERNET,
    NODE0,
    NODE1,
    cluster,
    compiled,
    deployment,
    documented,
    lab,
    machine,
)


def test_a_network_interface_has_the_mask_and_the_gateway_of_its_subnet() -> None:
    assert in_subnet(IPv4Network("10.0.0.0/22")) == (22, IPv4Address("10.0.0.1"))


@pytest.mark.parametrize(
    ("address", "taken", "gateway"),
    [
        ("203.0.113.10", [], "203.0.113.1"),
        ("203.0.113.1", [], "203.0.113.2"),
        ("203.0.113.2", ["203.0.113.1", "203.0.113.3"], "203.0.113.4"),
    ],
)
def test_an_internet_hosts_gateway_is_an_address_that_nobody_has(
    address: str, taken: list[str], gateway: str
) -> None:
    """The virtual switch drops what is addressed to the gateway."""
    found = on_internet(IPv4Address(address), {IPv4Address(each) for each in (address, *taken)})
    assert found == (24, IPv4Address(gateway))


def test_no_gateway_is_anybodys_address() -> None:
    hosts = [
        InternetHost(name=f"h{number}", address=IPv4Address(f"198.51.100.{number}"))
        for number in (1, 2, 3, 9)
    ]
    made = lab(*(machine(f"m{number}") for number in range(20)), *hosts)
    states = compiled(made).nodes.values()
    public = {state.vswitch.node.public_address for state in states}
    assert len(public) == 24
    assert not public & {state.nic.gateway for state in states}


def test_a_cluster_node_is_a_forwarding_machine_with_kubenet() -> None:
    state = compiled(documented(), deployment()).nodes[NODE0]
    assert state.kind is NodeKind.CLUSTER_NODE
    assert str(state.nic.primary) == "10.0.0.4/22"
    assert str(state.nic.gateway) == "10.0.0.1"
    assert state.nic.mac.startswith("00:0d:3a:")
    assert state.nic.mtu == 1500
    assert state.nic.enable_ip_forwarding
    assert state.vswitch.node.public_address == IPv4Address("198.51.100.4")
    assert state.kubenet is not None
    assert str(state.kubenet.bridge_interface) == "10.244.1.1/24"
    assert state.sysctls["net.ipv4.ip_forward"] == "1"
    assert len(state.pods) == 5


def test_nodes_have_hardware_addresses_of_their_own() -> None:
    found = compiled(documented())
    assert found.nodes[NODE0].nic.mac != found.nodes[NODE1].nic.mac


def test_a_machine_forwards_nothing_unless_told() -> None:
    """Whatever the machine that the lab runs on has set: a namespace may inherit it."""
    made = lab(
        machine("plain"),
        machine(
            "nva",
            enable_ip_forwarding=True,
            sysctls={"net.ipv4.ip_forward": "1", "net.ipv4.conf.eth0.rp_filter": "0"},
        ),
    )
    found = compiled(made)
    assert found.nodes["plain"].sysctls["net.ipv4.ip_forward"] == "0"
    assert not found.nodes["plain"].nic.enable_ip_forwarding
    assert found.nodes["nva"].sysctls["net.ipv4.ip_forward"] == "1"
    assert found.nodes["nva"].sysctls["net.ipv4.conf.eth0.rp_filter"] == "0"
    assert found.nodes["nva"].nic.enable_ip_forwarding
    assert found.nodes["plain"].kubenet is None
    assert found.nodes["plain"].pods == ()


def test_an_internet_host_is_its_own_public_address() -> None:
    """Then the translation of the source, which its virtual switch makes too, changes nothing."""
    state = compiled(lab(INTERNET)).nodes["internet"]
    assert state.kind is NodeKind.INTERNET_HOST
    assert state.vswitch.node.public_address == state.nic.primary.ip == IPv4Address("203.0.113.10")


def test_everything_but_the_clusters_pods_leaves_a_kubenet_node_as_the_node() -> None:
    """Semantics 4: nonMasqueradeCIDRs as AKS ships them."""
    state = compiled(documented()).nodes[NODE0]

    assert state.masquerade == Masquerade(
        agent=True,
        non_masquerade_cidrs=(IPv4Network("10.244.0.0/16"),),
        masquerade_link_local=True,
    )


def test_a_machine_masquerades_nothing() -> None:
    assert compiled(lab(machine("vm1"))).nodes["vm1"].masquerade is None


def test_a_cluster_may_keep_its_pods_from_the_metadata_service() -> None:
    kept = lab(cluster(restricts_metadata=True))
    assert compiled(kept).nodes[NODE0].restricts_metadata
    assert not compiled(lab(cluster())).nodes[NODE0].restricts_metadata
