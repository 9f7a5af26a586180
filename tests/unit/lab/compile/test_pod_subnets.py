"""What nodes have of pod subnets: batches that follow their pods, or blocks."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.compile import Compilation
from lab.compile.ledger_json import from_json, to_json
from lab.topology.problems import LabFileError
from tests.unit.lab.compile.labs import compiled, deployment, lab, network
from tests.unit.lab.compile.pod_networks import (
    NEW,
    NODES,
    azure,
    block_pool,
    dynamic_pool,
    new_pool,
    pod_subnet_lab,
)
from tests.unit.lab.compile.test_azure_cni import azure as node_subnet_cluster


def held(found: Compilation) -> dict[str, int]:
    """How many addresses each node has for pods."""
    return {name: len(each.secondary) for name, each in found.ledger.pod_containers.items()}


def running(found: Compilation) -> list[IPv4Address]:
    return [row.address for row in found.pods if row.address is not None]


@pytest.mark.claim("C1")
def test_nodes_and_pods_have_addresses_of_different_subnets() -> None:
    found = compiled(pod_subnet_lab(), deployment(replicas=6))
    assert [str(found.ledger.interfaces[node].address) for node in NODES] == [
        "10.1.4.4",
        "10.1.4.5",
    ]
    assert len(running(found)) == 6
    assert all(address in IPv4Network("10.1.0.0/22") for address in running(found))


@pytest.mark.claim("C2")
def test_a_fresh_node_has_one_batch_and_an_address_of_its_own() -> None:
    found = compiled(pod_subnet_lab())
    assert held(found) == dict.fromkeys(NODES, 16)
    of_subnet = [row for row in found.allocations() if row.pool == "whkubenet/podvlan"]
    assert len([row for row in of_subnet if row.owner in NODES]) == 2 * 17
    assert {row.state.value for row in of_subnet} == {"reserved"}


@pytest.mark.parametrize(("pods", "addresses"), [(0, 16), (8, 16), (9, 32), (24, 32), (25, 48)])
@pytest.mark.claim("C2")
def test_batches_follow_the_pods(pods: int, addresses: int) -> None:
    found = compiled(pod_subnet_lab(dynamic_pool(1)), deployment(replicas=pods))
    assert held(found) == {NODES[0]: addresses}


def test_batches_go_back_when_pods_go() -> None:
    one = pod_subnet_lab(dynamic_pool(1))
    many = compiled(one, deployment(replicas=25))
    few = compiled(one, deployment(replicas=3), previous=many.ledger)
    assert held(few) == {NODES[0]: 16}
    assert set(running(few)) <= set(running(many))


@pytest.mark.claim("C6")
@pytest.mark.claim("L3")
def test_a_node_takes_250_pods_and_no_more_addresses_than_that() -> None:
    found = compiled(pod_subnet_lab(dynamic_pool(1)), deployment(replicas=251))
    assert len(running(found)) == 250
    assert held(found) == {NODES[0]: 250}
    assert [row.reason.word for row in found.pods if row.reason] == ["FailedScheduling"]


@pytest.mark.claim("C7")
def test_pods_of_every_node_draw_on_the_pod_subnet() -> None:
    found = compiled(pod_subnet_lab(), deployment(replicas=6))
    for node in NODES:
        mine = {row.address for row in found.pods if row.node == node}
        assert len(mine) == 3
        assert mine <= set(found.ledger.pod_containers[node].secondary)


@pytest.mark.claim("C11")
def test_a_pool_added_later_may_bring_a_pod_subnet_of_its_own() -> None:
    before = compiled(pod_subnet_lab(), deployment(replicas=4))
    after = compiled(
        pod_subnet_lab(dynamic_pool(), new_pool()),
        deployment(replicas=6),
        previous=from_json(to_json(before.ledger)),
    )
    assert str(after.ledger.interfaces[NEW].address) == "10.1.4.6"
    new = [row.address for row in after.pods if row.node == NEW]
    assert new
    assert all(each is not None and each in IPv4Network("10.1.8.0/22") for each in new)
    for node in NODES:
        assert after.ledger.pod_containers[node] == before.ledger.pod_containers[node]


def exhausted() -> Compilation:
    """A /28 has eleven addresses: two nodes, nine pods."""
    return compiled(pod_subnet_lab(podvlan="10.1.0.0/28"), deployment(replicas=12))


@pytest.mark.claim("C12")
def test_who_finds_no_address_is_pending_until_a_pool_is_added() -> None:
    full = exhausted()
    waiting = [row for row in full.pods if row.reason is not None]
    assert len(running(full)) == 9
    assert {(row.reason.word, row.reason.message) for row in waiting if row.reason} == {
        ("FailedCreatePodSandBox", "pod subnet whkubenet/podvlan has no free address")
    }
    assert all(row.node in NODES for row in waiting)
    assert "3 of the pods of default/nginx in cluster aks01 stay Pending" in str(full.warnings[0])

    more = compiled(
        pod_subnet_lab(dynamic_pool(), new_pool(), podvlan="10.1.0.0/28"),
        deployment(replicas=12),
        previous=from_json(to_json(full.ledger)),
    )
    assert [row for row in more.pods if row.reason] == []
    assert {row.node for row in more.pods if row.uid in {each.uid for each in waiting}} == {NEW}
    assert {row.uid: row.address for row in full.pods if row.address}.items() <= {
        row.uid: row.address for row in more.pods
    }.items()


def test_a_pod_without_an_address_is_not_told_to_its_node() -> None:
    found = exhausted()
    told = [pod for node in NODES for pod in found.nodes[node].pods]
    assert len(told) == 9
    assert all(pod.interface is not None for pod in told)


def test_an_exhausted_subnet_compiles_to_the_same_again() -> None:
    found = exhausted()
    again = compiled(
        pod_subnet_lab(podvlan="10.1.0.0/28"), deployment(replicas=12), previous=found.ledger
    )
    assert again.ledger == found.ledger
    assert again.nodes == found.nodes


def test_nodes_of_an_exhausted_subnet_give_back_all_but_one_free_address() -> None:
    """A /27 has 27 addresses: two nodes want 16 each beside their own."""
    found = compiled(pod_subnet_lab(podvlan="10.1.0.0/27"), deployment(replicas=4))
    assert held(found) == dict.fromkeys(NODES, 3)


def test_a_node_that_finds_no_address_for_itself_is_refused() -> None:
    full = exhausted()
    with pytest.raises(LabFileError) as caught:
        compiled(
            pod_subnet_lab(dynamic_pool(3), podvlan="10.1.0.0/28"),
            deployment(replicas=12),
            previous=full.ledger,
        )
    assert caught.value.problems[0].message == (
        "pod subnet whkubenet/podvlan (10.1.0.0/28) has nothing left for 1 of the 3 nodes that "
        "need an address or blocks of it"
    )


@pytest.mark.parametrize(("max_pods", "blocks"), [(15, 1), (30, 2), (31, 2), (32, 3), (250, 16)])
def test_a_node_gets_blocks_for_its_pods_and_itself(max_pods: int, blocks: int) -> None:
    """Semantics 4.4: the best numbers of pods are one less than a multiple of 16."""
    found = compiled(pod_subnet_lab(block_pool(1, max_pods=max_pods)))
    container = found.ledger.pod_containers[NODES[0]]
    assert 1 + len(container.secondary) == blocks * 16
    assert int(container.address) % 16 == 0


def test_blocks_are_whole_and_hold_nothing_that_the_subnet_keeps() -> None:
    found = compiled(pod_subnet_lab(block_pool(2, max_pods=30)), deployment(replicas=40))
    states = [found.nodes[node].vswitch.pods for node in NODES]
    assert [state.addresses for state in states if state] == [
        (IPv4Network("10.1.0.16/28"), IPv4Network("10.1.0.32/28")),
        (IPv4Network("10.1.0.48/28"), IPv4Network("10.1.0.64/28")),
    ]
    assert len(running(found)) == 40


def test_blocks_stay_as_nodes_join() -> None:
    before = compiled(pod_subnet_lab(block_pool(2, max_pods=30)))
    after = compiled(
        pod_subnet_lab(block_pool(3, max_pods=30)), previous=from_json(to_json(before.ledger))
    )
    containers = after.ledger.pod_containers
    assert {name: containers[name] for name in NODES} == before.ledger.pod_containers
    assert str(containers["aks-nodepool1-52243381-vmss000002"].address) == "10.1.0.80"


def taken(found: Compilation, name: str) -> int:
    """Addresses of a subnet that nobody else gets."""
    row = next(each for each in found.pools() if each.pool == name)
    return row.used + row.reserved - 5


@pytest.mark.claim("B25")
def test_keeping_ahead_fits_8_nodes_where_kubenet_fits_251() -> None:
    """A /24 has 251 addresses, of which a node takes one, or one and 30."""
    small = (network(vlan01="10.0.0.0/24"),)
    eight = compiled(lab(replace(node_subnet_cluster(8), system_pods=False), networks=small))
    assert taken(eight, "vnet01/vlan01") == 8 * 31
    with pytest.raises(LabFileError):
        compiled(lab(node_subnet_cluster(9), networks=small))
    kubenet = node_subnet_cluster(251)
    plain = replace(
        kubenet,
        network_plugin=type(kubenet.network_plugin).KUBENET,
        pod_cidr=IPv4Network("10.244.0.0/16"),
        system_pods=False,
    )
    assert taken(compiled(lab(plain, networks=small)), "vnet01/vlan01") == 251


@pytest.mark.claim("C19")
def test_taking_addresses_as_pods_come_takes_fewer() -> None:
    ahead = compiled(
        lab(replace(node_subnet_cluster(2), system_pods=False)), deployment(replicas=6)
    )
    found = compiled(pod_subnet_lab(dynamic_pool(2, max_pods=30)), deployment(replicas=6))
    assert taken(ahead, "vnet01/vlan01") == 2 * 31
    assert taken(found, "whkubenet/nodevlan") + taken(found, "whkubenet/podvlan") == 2 * 18


@pytest.mark.claim("C20")
def test_a_subnet_too_small_for_every_pod_that_might_be_serves_those_that_are() -> None:
    """Four nodes may run 1,000 pods; a /26 has 59 addresses and serves the 40 that there are."""
    found = compiled(
        pod_subnet_lab(dynamic_pool(4), podvlan="10.1.0.0/26"), deployment(replicas=40)
    )
    assert [row for row in found.pods if row.reason] == []
    static = lab(
        azure(*(replace(each, pod_subnet=None) for each in (dynamic_pool(4),))),
        networks=(network("whkubenet", "10.1.0.0/16", nodevlan="10.1.0.0/26"),),
    )
    with pytest.raises(LabFileError):
        compiled(static, deployment(replicas=40))
