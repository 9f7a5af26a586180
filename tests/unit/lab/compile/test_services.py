"""Services compiled: addresses that stay, what every kube-proxy is told, what is shown."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from lab.compile import Compilation, ledger_json
from lab.compile.service_load_balancers import public_address
from lab.contract.service import Endpoint, KubeProxy
from lab.contract.state_parts import assembled
from lab.kube.manifests import (
    ExternalTrafficPolicy,
    ObjectMeta,
    Service,
    ServicePort,
    ServiceType,
)
from lab.topology.cluster import NetworkPlugin
from lab.topology.problems import LabFileError
from tests.unit.lab.compile.labs import (
    NODE0,
    NODE1,
    cluster,
    compiled,
    deployment,
    documented,
    lab,
    pool,
)


def service(name: str = "web", **values: object) -> Service:
    made = Service(
        metadata=ObjectMeta(name=name),
        ports=(ServicePort(port=80, target_port=8080),),
        selector={"app": "nginx"},
    )
    return replace(made, **values)  # type: ignore[arg-type]


def proxy(found: Compilation, node: str = NODE0) -> KubeProxy:
    known = found.nodes[node].kube_proxy
    assert known is not None
    return known


def addresses(found: Compilation) -> dict[str, str]:
    return {row.name: str(row.cluster_ip) for row in found.services}


def test_kube_proxy_knows_services_and_the_pods_that_answer_for_them() -> None:
    found = compiled(documented(), deployment(), service())
    web = next(each for each in proxy(found).services if each.name == "web")

    assert str(web.cluster_ip) == "172.16.1.17"
    assert web.ports[0].endpoints == tuple(
        Endpoint(address=IPv4Address(text), port=8080)
        for text in sorted(str(row.address) for row in found.pods if row.owner == "nginx")
    )
    assert proxy(found).cluster_cidr == IPv4Network("10.244.0.0/16")


def test_all_nodes_know_the_same_and_it_is_encoded_once() -> None:
    found = compiled(documented(), deployment(), service())

    assert proxy(found, NODE0).services is proxy(found, NODE1).services
    assert found.shared[NODE0].services is found.shared[NODE1].services
    for node in (NODE0, NODE1):
        assert assembled(found.encoded(node)) == found.nodes[node]


def test_kube_dns_has_the_address_of_the_cluster_and_the_pods_of_coredns() -> None:
    found = compiled(lab(cluster(system_pods=True)))
    row = next(row for row in found.services if row.name == "kube-dns")

    assert (row.namespace, str(row.cluster_ip)) == ("kube-system", "172.16.1.10")
    assert row.ports == ("53/UDP", "53/TCP")
    assert set(row.endpoints) == {
        f"{pod.address}:53" for pod in found.pods if pod.owner == "coredns"
    }
    assert len(row.endpoints) == 2


def test_the_api_server_has_the_first_address_and_is_not_there() -> None:
    found = compiled(lab(cluster(system_pods=True)))
    row = next(row for row in found.services if row.name == "kubernetes")

    assert (str(row.cluster_ip), row.endpoints) == ("172.16.1.1", ())


def test_where_nobody_answers_and_nobody_asked_for_services_there_is_no_kube_proxy() -> None:
    alone = lab(cluster(system_pods=False))

    assert compiled(alone).nodes[NODE0].kube_proxy is None
    assert compiled(alone, service()).nodes[NODE0].kube_proxy is not None


def test_an_address_stays_when_services_come_and_go() -> None:
    first = compiled(documented(), service("a"), service("b"))
    second = compiled(documented(), service("b"), service("c"), previous=first.ledger)

    assert addresses(second)["b"] == addresses(first)["b"] == "172.16.1.18"
    assert addresses(second)["c"] == "172.16.1.17"


def test_a_headless_service_is_a_name_for_pods_and_nothing_to_kube_proxy() -> None:
    found = compiled(documented(), deployment(), service(headless=True, ports=()))
    row = next(row for row in found.services if row.name == "web")

    assert row.cluster_ip is None
    assert set(row.endpoints) == {str(pod.address) for pod in found.pods if pod.owner == "nginx"}
    assert "web" not in [each.name for each in proxy(found).services]


def test_without_a_pod_cidr_pods_are_those_of_their_subnet() -> None:
    plugin = NetworkPlugin.AZURE
    found = compiled(lab(cluster(pool(), network_plugin=plugin, pod_cidr=None)), service())

    assert proxy(found).cluster_cidr == IPv4Network("10.0.0.0/22")


def test_names_are_told_to_nodes_that_run_coredns_and_to_no_others() -> None:
    found = compiled(lab(cluster(system_pods=True)), service())
    running = {row.node for row in found.pods if row.owner == "coredns"}

    told = {name for name, state in found.nodes.items() if state.cluster_dns is not None}
    assert told == running
    assert len(told) == 1
    for node in found.nodes:
        assert assembled(found.encoded(node)) == found.nodes[node]
    dns = found.nodes[running.pop()].cluster_dns
    assert dns is not None
    names = {each.name: each.data for zone in dns.zones for each in zone.record_sets}
    assert names["web.default.svc.cluster.local"] == ("172.16.1.17",)
    assert names["kube-dns.kube-system.svc.cluster.local"] == ("172.16.1.10",)


def test_node_ports_are_told_to_nodes_shown_and_kept() -> None:
    kind = ServiceType.NODE_PORT
    first = compiled(documented(), deployment(), service("a", type=kind), service("b", type=kind))
    second = compiled(documented(), service("b", type=kind), previous=first.ledger)

    (told,) = next(each for each in proxy(first).services if each.name == "b").ports
    assert told.node_port == 30087
    for found in (first, second):
        (row,) = (row for row in found.services if row.name == "b")
        assert (row.type, row.ports, row.external_ip) == ("NodePort", ("80:30087/TCP",), None)
    assert ledger_json.from_json(ledger_json.to_json(second.ledger)) == second.ledger


def test_a_load_balancer_has_an_address_of_the_cloud_that_stays() -> None:
    balanced = {
        "type": ServiceType.LOAD_BALANCER,
        "external_traffic_policy": ExternalTrafficPolicy.LOCAL,
        "load_balancer_source_ranges": (IPv4Network("10.0.0.0/8"),),
    }
    first = compiled(documented(), service("a", **balanced), service("b", **balanced))
    second = compiled(documented(), service("b", **balanced), previous=first.ledger)

    (before,) = (each for each in proxy(first).services if each.name == "b")
    (after,) = (each for each in proxy(second).services if each.name == "b")
    assert after == before
    own = f"publicIPAddresses/{public_address('aks01', ('default', 'b'))}"
    assert before.load_balancer_ingress == first.ledger.public_addresses[own]
    assert before.load_balancer_source_ranges == (IPv4Network("10.0.0.0/8"),)
    assert (before.external_policy_local, before.health_check_node_port) == (True, 30089)
    owners = {row.owner: row.address for row in first.allocations()}
    assert owners[own.removeprefix("publicIPAddresses/")] == before.load_balancer_ingress
    other = f"publicIPAddresses/{public_address('aks01', ('default', 'a'))}"
    assert other in first.ledger.public_addresses
    assert other not in second.ledger.public_addresses


def test_more_node_ports_than_there_are_are_refused() -> None:
    ports = tuple(ServicePort(name=f"p{each}", port=each, target_port=1) for each in range(1, 2770))
    with pytest.raises(LabFileError) as refused:
        compiled(documented(), service(type=ServiceType.NODE_PORT, ports=ports))

    assert "need 2769 node ports, of which there are 2768" in str(refused.value)


def test_too_many_services_are_refused() -> None:
    small = cluster(
        service_cidr=IPv4Network("172.16.1.0/30"), dns_service_ip=IPv4Address("172.16.1.2")
    )
    with pytest.raises(LabFileError) as refused:
        compiled(lab(small), service())

    assert "serviceCidr 172.16.1.0/30 has addresses for 2 Services" in str(refused.value)
