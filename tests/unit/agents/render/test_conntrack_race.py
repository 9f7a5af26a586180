"""Rules that lose DNS datagrams."""

from dataclasses import replace
from ipaddress import IPv4Address

from agents.render.conntrack_race import conntrack_race_ruleset
from lab.contract.node_state import Protocol
from lab.contract.service import Endpoint, KubeProxy, Service, ServicePort

ENDPOINTS = tuple(
    Endpoint(address=IPv4Address("10.0.0.6") + number, port=53) for number in range(2)
)
UDP = ServicePort(name="dns", protocol=Protocol.UDP, port=53, endpoints=ENDPOINTS)
TCP = replace(UDP, name="dns-tcp", protocol=Protocol.TCP)
KUBE_DNS = Service(
    namespace="kube-system",
    name="kube-dns",
    cluster_ip=IPv4Address("10.2.0.10"),
    ports=(UDP, TCP),
)


def rules(service: Service) -> list[str]:
    """Those that drop."""
    ruleset = conntrack_race_ruleset(KubeProxy(services=(service,)))
    return [] if ruleset is None else [rule for rule in ruleset.rules if "drop" in rule]


def test_one_in_a_hundred_that_follow_another_one_is_lost_and_counted() -> None:
    assert rules(KUBE_DNS) == [
        "  ip daddr 10.2.0.10 udp dport 53 ct state new ct status confirmed "
        'numgen random mod 100 0 counter name "insert_failed" drop'
    ]


def test_there_is_no_race_between_translations_to_one_endpoint() -> None:
    alone = replace(UDP, endpoints=ENDPOINTS[:1])

    assert rules(replace(KUBE_DNS, ports=(alone, TCP))) == []


def test_only_dns_is_known_for_it() -> None:
    assert rules(replace(KUBE_DNS, namespace="default")) == []
    assert rules(replace(KUBE_DNS, ports=(TCP,))) == []
