"""Which Services there are, their addresses, and who answers for them."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network

from lab.kube.instances import PodInstance
from lab.kube.manifests import (
    Container,
    ContainerPort,
    ObjectMeta,
    PodSpec,
    Service,
    ServicePort,
    Transport,
)
from lab.kube.services import Pods, ServiceKey, cluster_ips, key_of, services_of
from tests.unit.lab.compile.labs import cluster

PREFIX = IPv4Network("172.16.1.0/24")


def service(name: str = "web", *, namespace: str = "default", **values: object) -> Service:
    return Service(
        metadata=ObjectMeta(name=name, namespace=namespace),
        **values,  # type: ignore[arg-type]
    )


def pod(
    labels: Mapping[str, str], *ports: ContainerPort, namespace: str = "default"
) -> PodInstance:
    return PodInstance(
        cluster="aks01",
        namespace=namespace,
        name="a",
        uid="u",
        owner="",
        ordinal=0,
        labels=labels,
        spec=PodSpec(containers=(Container(name="a", image="hello", ports=ports),)),
        node_name=None,
    )


def address(number: int) -> IPv4Address:
    return IPv4Address("10.244.0.0") + number


def held(*services: Service, **previous: str) -> dict[str, str]:
    before: dict[ServiceKey, IPv4Address] = {
        ("default", name): IPv4Address(text) for name, text in previous.items()
    }
    found = cluster_ips(services, prefix=PREFIX, previous=before)
    return {key[1]: str(each) for key, each in found.items()}


def test_every_cluster_has_kubernetes_and_kube_dns() -> None:
    found = {key_of(each): each for each in services_of(cluster(), [service("web")])}

    assert list(found) == [
        ("default", "kubernetes"),
        ("default", "web"),
        ("kube-system", "kube-dns"),
    ]
    assert str(found["default", "kubernetes"].cluster_ip) == "172.16.1.1"
    assert str(found["kube-system", "kube-dns"].cluster_ip) == "172.16.1.10"
    ports = found["kube-system", "kube-dns"].ports
    assert [(each.port, each.protocol) for each in ports] == [
        (53, Transport.UDP),
        (53, Transport.TCP),
    ]


def test_addresses_are_given_behind_those_that_people_choose_from() -> None:
    assert held(service("a"), service("b")) == {"a": "172.16.1.17", "b": "172.16.1.18"}


def test_an_address_stays_with_its_service() -> None:
    assert held(service("a"), service("b"), b="172.16.1.17") == {
        "a": "172.16.1.18",
        "b": "172.16.1.17",
    }


def test_who_chooses_an_address_has_it() -> None:
    chosen = service("b", cluster_ip=IPv4Address("172.16.1.17"))

    assert held(service("a"), chosen, a="172.16.1.17") == {"a": "172.16.1.18", "b": "172.16.1.17"}


def test_a_headless_service_has_no_address() -> None:
    assert held(service("a", headless=True), a="172.16.1.17") == {}


def test_the_last_addresses_are_the_first_ones_and_then_there_are_none() -> None:
    prefix = IPv4Network("172.16.1.0/27")
    services = [service(f"s{number}") for number in range(31)]

    found = cluster_ips(services, prefix=prefix, previous={})

    assert len(found) == 30
    assert found["default", "s0"] == prefix[17]
    assert found["default", "s14"] == prefix[1]
    assert ("default", "s30") not in found


def test_all_labels_of_the_selector_decide() -> None:
    pods = Pods(
        [
            (pod({"app": "web", "tier": "front"}), address(2)),
            (pod({"app": "web"}), address(3)),
            (pod({"app": "web", "tier": "front"}, namespace="other"), address(4)),
        ]
    )
    port = ServicePort(port=80, target_port=8080)

    both = service(selector={"app": "web", "tier": "front"})
    assert [(each.address, each.port) for each in pods.endpoints(both, port)] == [
        (address(2), 8080)
    ]
    assert len(pods.endpoints(service(selector={"app": "web"}), port)) == 2
    assert [each[1] for each in pods.addresses(service(selector={"app": "web"}))] == [
        address(2),
        address(3),
    ]


def test_without_a_selector_nobody_answers() -> None:
    pods = Pods([(pod({"app": "web"}), address(2))])

    assert pods.endpoints(service(), ServicePort(port=80, target_port=80)) == ()


def test_a_named_port_is_each_pods_own() -> None:
    pods = Pods(
        [
            (pod({"app": "web"}, ContainerPort(name="http", container_port=80)), address(2)),
            (pod({"app": "web"}, ContainerPort(name="http", container_port=8080)), address(3)),
            (pod({"app": "web"}, ContainerPort(name="admin", container_port=81)), address(4)),
            (
                pod(
                    {"app": "web"},
                    ContainerPort(name="http", container_port=82, protocol=Transport.UDP),
                ),
                address(5),
            ),
        ]
    )
    port = ServicePort(port=80, target_port="http")

    found = pods.endpoints(service(selector={"app": "web"}), port)

    assert [(each.address, each.port) for each in found] == [(address(2), 80), (address(3), 8080)]


def test_endpoints_are_sorted_as_text() -> None:
    pods = Pods([(pod({"app": "web"}), address(number)) for number in (2, 10, 1)])

    found = pods.endpoints(service(selector={"app": "web"}), ServicePort(port=80, target_port=80))

    assert [each.address for each in found] == [address(10), address(1), address(2)]
