"""The names of a cluster."""

from collections.abc import Sequence
from ipaddress import IPv4Address

import pytest

from lab.contract.platform import DnsRecordType, DnsZone
from lab.kube.cluster_dns import runs_coredns, zones_of
from lab.kube.instances import PodInstance
from lab.kube.manifests import Service, ServicePort, Transport
from lab.kube.services import Pods, key_of
from tests.unit.lab.kube.test_services import address, pod, service

WEB = {"app": "web"}
ADDRESS = IPv4Address("172.16.1.17")


def zones(made: Service, *pods: tuple[PodInstance, IPv4Address]) -> Sequence[DnsZone]:
    addresses = {} if made.headless else {key_of(made): ADDRESS}
    return zones_of([made], addresses=addresses, pods=Pods(pods))


def records(found: Sequence[DnsZone]) -> dict[tuple[str, DnsRecordType], tuple[str, ...]]:
    return {(each.name, each.type): each.data for zone in found for each in zone.record_sets}


def test_a_service_has_the_name_of_its_address_and_the_address_its_name() -> None:
    found = zones(service(ports=(ServicePort(port=80, target_port=80),)))

    assert records(found) == {
        ("web.default.svc.cluster.local", DnsRecordType.A): ("172.16.1.17",),
        ("17.1.16.172.in-addr.arpa", DnsRecordType.PTR): ("web.default.svc.cluster.local",),
    }
    assert [zone.name for zone in found] == ["cluster.local", "17.1.16.172.in-addr.arpa"]


def test_ports_with_a_name_have_a_record_of_their_own() -> None:
    ports = (
        ServicePort(name="http", port=80, target_port=8080),
        ServicePort(name="dns", port=53, target_port=53, protocol=Transport.UDP),
    )
    found = records(zones(service(ports=ports)))

    name = "web.default.svc.cluster.local"
    assert found[f"_http._tcp.{name}", DnsRecordType.SRV] == (f"0 100 80 {name}",)
    assert found[f"_dns._udp.{name}", DnsRecordType.SRV] == (f"0 100 53 {name}",)


def test_a_headless_service_is_its_pods() -> None:
    made = service(
        headless=True,
        selector=WEB,
        ports=(ServicePort(name="http", port=80, target_port=8080),),
    )
    found = records(zones(made, (pod(WEB), address(3)), (pod(WEB), address(2))))

    name = "web.default.svc.cluster.local"
    first, second = f"10-244-0-2.{name}", f"10-244-0-3.{name}"
    assert found[name, DnsRecordType.A] == ("10.244.0.2", "10.244.0.3")
    assert found[first, DnsRecordType.A] == ("10.244.0.2",)
    assert found[f"_http._tcp.{name}", DnsRecordType.SRV] == (
        f"0 50 8080 {first}",
        f"0 50 8080 {second}",
    )
    assert found["3.0.244.10.in-addr.arpa", DnsRecordType.PTR] == (second,)


def test_without_pods_there_is_no_such_name() -> None:
    assert records(zones(service(headless=True, selector=WEB))) == {}


@pytest.mark.parametrize(
    ("image", "answers"),
    [
        ("coredns", True),
        ("mcr.microsoft.com/oss/kubernetes/coredns:v1.9.4@sha256:00", True),
        ("localhost:5000/coredns", True),
        ("coredns-autoscaler", False),
        ("coredns/other", False),
    ],
)
def test_it_is_the_image_that_answers(image: str, *, answers: bool) -> None:
    assert runs_coredns(["pause", image]) is answers
