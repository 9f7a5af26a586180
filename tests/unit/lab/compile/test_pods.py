"""What runs where, and what the node is told about it."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from lab.cloud.dns_zone import internal_suffix
from lab.compile import Compilation, Ledger
from lab.contract import node_state as contract
from lab.kube.manifests import Container, ContainerPort, Deployment, Transport
from tests.unit.lab.compile.labs import (
    NODE0,
    NODE1,
    NODE2,
    cluster,
    compiled,
    deployment,
    documented,
    lab,
    pod,
    pool,
)

SUFFIX = internal_suffix("vnet01")


def where(found: Compilation, owner: str = "nginx") -> list[tuple[str, str]]:
    return [(row.node, str(row.address)) for row in found.pods if row.owner == owner]


def state(found: Compilation, name: str) -> contract.Pod:
    return next(each for node in found.nodes.values() for each in node.pods if each.name == name)


def with_containers(*containers: Container) -> Deployment:
    return deployment(replicas=1, containers=containers)


def test_the_documented_deployment_lands_as_in_the_captures() -> None:
    """Claim A15: .2 and .3 on vmss000000, .6 behind the system pods on vmss000001."""
    found = compiled(documented(), deployment())
    assert where(found) == [
        (NODE0, "10.244.1.2"),
        (NODE1, "10.244.0.6"),
        (NODE0, "10.244.1.3"),
    ]


def test_system_pods_came_while_the_first_node_was_alone() -> None:
    found = compiled(documented())
    names = ["coredns", "coredns-autoscaler", "metrics-server"]
    placed = [each for name in names for each in where(found, name)]
    assert placed == [(NODE1, f"10.244.0.{number}") for number in (2, 3, 4, 5)]


def test_daemons_run_on_every_node_with_its_address() -> None:
    found = compiled(documented())
    for name in ("kube-proxy", "azure-ip-masq-agent", "konnectivity-agent"):
        assert where(found, name) == [(NODE0, "10.0.0.4"), (NODE1, "10.0.0.5")]


def test_a_cluster_without_system_pods_has_none() -> None:
    found = compiled(lab(cluster(system_pods=False)), deployment(replicas=1))
    assert where(found) == [(NODE0, "10.244.0.2")]
    assert len(found.pods) == 1


def test_system_pods_of_a_node_that_left_are_scheduled_like_any_other() -> None:
    first = compiled(lab(cluster(pool(1))))
    moved = lab(cluster(pool(2, scale_set="aks-other-1-vmss")))
    found = compiled(moved, previous=first.ledger)
    nodes = {node for name in ("coredns", "metrics-server") for node, _ in where(found, name)}
    assert nodes == {"aks-other-1-vmss000000", "aks-other-1-vmss000001"}


def test_a_second_compilation_moves_nothing() -> None:
    first = compiled(documented(), deployment(), deployment("web", 5))
    second = compiled(documented(), deployment(), deployment("web", 5), previous=first.ledger)
    assert (second.ledger, second.nodes, second.pods) == (first.ledger, first.nodes, first.pods)
    assert second.allocations() == first.allocations()


def test_scaling_up_leaves_running_pods_alone() -> None:
    first = compiled(documented(), deployment(replicas=3))
    second = compiled(documented(), deployment(replicas=6), previous=first.ledger)
    assert where(second)[:3] == where(first)


def test_a_deployment_written_in_front_does_not_take_addresses_away() -> None:
    first = compiled(documented(), deployment())
    second = compiled(documented(), deployment("aaa"), deployment(), previous=first.ledger)
    assert where(second) == where(first)


def test_addresses_of_deleted_pods_come_again_only_after_the_others() -> None:
    first = compiled(documented(), deployment(replicas=3))
    second = compiled(documented(), previous=first.ledger)
    third = compiled(documented(), deployment(replicas=3), previous=second.ledger)
    assert [address for _, address in where(third)] == ["10.244.1.4", "10.244.0.7", "10.244.1.5"]


def test_a_node_that_joins_takes_new_pods_only() -> None:
    first = compiled(documented(), deployment(replicas=3))
    larger = lab(cluster(pool(3)))
    second = compiled(larger, deployment(replicas=4), previous=first.ledger)
    assert where(second) == [*where(first), (NODE2, "10.244.2.2")]


def test_pods_of_a_node_that_left_run_elsewhere() -> None:
    first = compiled(lab(cluster(pool(3))), deployment(replicas=3))
    second = compiled(lab(cluster(pool(2))), deployment(replicas=3), previous=first.ledger)
    assert {node for node, _ in where(second)} == {NODE0, NODE1}
    assert len({address for _, address in where(second)}) == 3


def test_what_fits_nowhere_is_pending_with_a_warning() -> None:
    small = lab(cluster(pool(2, max_pods=4), system_pods=False))
    found = compiled(small, deployment(replicas=10))
    assert [row.address for row in found.pods if not row.node] == [None, None]
    (warning,) = found.warnings
    assert "2 of the pods of default/nginx in cluster aks01 stay Pending" in warning.message


def test_a_pending_pod_runs_as_soon_as_there_is_room() -> None:
    small = lab(cluster(pool(1, max_pods=1), system_pods=False))
    first = compiled(small, deployment(replicas=2))
    larger = lab(cluster(pool(2, max_pods=1), system_pods=False))
    second = compiled(larger, deployment(replicas=2), previous=first.ledger)
    assert where(second) == [(NODE0, "10.244.0.2"), (NODE1, "10.244.1.2")]


def test_a_pod_of_its_own_runs_where_its_node_name_says() -> None:
    found = compiled(documented(), pod("client", node_name=NODE1))
    (row,) = [row for row in found.pods if row.name == "client"]
    assert (row.node, str(row.address), row.owner) == (NODE1, "10.244.0.6", "")


def test_a_pod_on_the_host_network_takes_no_address() -> None:
    found = compiled(documented(), pod("client", host_network=True, node_name=NODE0))
    told = state(found, "client")
    assert told.host_network
    assert told.interface is None
    assert told.resolv_conf == f"search {SUFFIX}\nnameserver 168.63.129.16\n"
    assert {row.name: str(row.address) for row in found.pods}["client"] == "10.0.0.4"


def test_a_pod_interface_is_all_that_the_agent_needs() -> None:
    found = compiled(documented(), deployment())
    (name,) = [row.name for row in found.pods if str(row.address) == "10.244.1.3"]
    interface = state(found, name).interface
    assert interface is not None
    assert str(interface.address) == "10.244.1.3/24"
    assert str(interface.gateway) == "10.244.1.1"
    assert interface.mtu == 1500
    assert interface.host_interface.startswith("veth")


def test_pods_of_a_node_are_told_by_namespace_and_name() -> None:
    found = compiled(documented(), pod("b"), pod("a"), pod("c", namespace="aaa"))
    for node in found.nodes.values():
        told = [(each.namespace, each.name) for each in node.pods]
        assert told == sorted(told)


def test_a_pod_asks_the_clusters_dns_service() -> None:
    found = compiled(documented(), pod("client", namespace="web"))
    assert state(found, "client").resolv_conf == (
        f"search web.svc.cluster.local svc.cluster.local cluster.local {SUFFIX}\n"
        "nameserver 172.16.1.10\n"
        "options ndots:5\n"
    )


def test_containers_keep_ports_and_environment() -> None:
    ports = (
        ContainerPort(container_port=80, name="http"),
        ContainerPort(container_port=53, protocol=Transport.UDP),
    )
    container = Container(name="c", image="hello", ports=ports, env={"A": "1"})
    found = compiled(documented(), pod("client", containers=(container,)))
    (told,) = state(found, "client").containers
    assert told == contract.Container(
        name="c",
        image="hello",
        ports=(
            contract.ContainerPort(protocol=contract.Protocol.TCP, port=80, name="http"),
            contract.ContainerPort(protocol=contract.Protocol.UDP, port=53),
        ),
        environment={"A": "1"},
    )


def test_a_command_is_run_with_its_arguments_and_arguments_alone_are_the_images() -> None:
    shell = Container(name="a", image="busybox", command=("sh",), args=("-c", "true"))
    built_in = Container(name="b", image="agnhost", args=("netexec",))
    found = compiled(documented(), pod("client", containers=(shell, built_in)))
    assert [each.command for each in state(found, "client").containers] == [
        ("sh", "-c", "true"),
        (),
    ]


def test_two_clusters_keep_their_pods_apart() -> None:
    second = replace(cluster(pool(1, scale_set="aks-two-1-vmss")), name="aks02")
    found = compiled(
        lab(cluster(pool(1)), replace(second, pod_cidr=IPv4Network("10.245.0.0/16"))),
        deployment(replicas=2),
    )
    assert {row.cluster for row in found.pods if row.owner == "nginx"} == {"aks01"}
    uids = [row.uid for row in found.pods]
    assert len(uids) == len(set(uids))


def test_host_local_remembers_its_last_address_on_each_node() -> None:
    found = compiled(documented(), deployment())
    last = {
        name: node.kubenet.last_reserved_address
        for name, node in found.nodes.items()
        if node.kubenet is not None
    }
    assert last == {NODE0: IPv4Address("10.244.1.3"), NODE1: IPv4Address("10.244.0.6")}
    assert compiled(lab(cluster(system_pods=False)), previous=Ledger()).nodes[NODE0].kubenet == (
        contract.Kubenet(
            bridge="cbr0",
            pod_cidr=IPv4Network("10.244.0.0/24"),
            bridge_interface=found.nodes[NODE1].kubenet.bridge_interface,  # type: ignore[union-attr]
            mtu=1500,
            promiscuous=True,
        )
    )
