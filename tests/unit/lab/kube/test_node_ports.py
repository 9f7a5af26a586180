"""Which number a node port has: what is asked for, what it was, what is free."""

from dataclasses import replace

from lab.kube.manifests import (
    ExternalTrafficPolicy,
    ObjectMeta,
    Service,
    ServicePort,
    ServiceType,
    Transport,
)
from lab.kube.node_ports import NODE_PORTS, NodePortKey, node_ports, number_of_node_ports

TCP = ServicePort(port=80, target_port=80)
UDP = replace(TCP, protocol=Transport.UDP)


def service(name: str, *ports: ServicePort, kind: ServiceType = ServiceType.NODE_PORT) -> Service:
    return Service(metadata=ObjectMeta(name=name), type=kind, ports=ports or (TCP,))


def key(name: str, port: str = "80/TCP") -> NodePortKey:
    return ("default", name, port)


def test_who_does_not_care_gets_a_number_behind_those_that_others_may_choose() -> None:
    found = node_ports([service("a"), service("b")], previous={})

    assert found == {key("a"): 30086, key("b"): 30087}


def test_who_asks_has_it_and_who_had_it_gets_another() -> None:
    asking = service("b", replace(TCP, node_port=30086))

    found = node_ports([service("a"), asking], previous={key("a"): 30086})

    assert found == {key("a"): 30087, key("b"): 30086}


def test_a_number_stays() -> None:
    previous = {key("b"): 30099, key("gone"): 30086}

    assert node_ports([service("a"), service("b")], previous=previous) == {
        key("a"): 30086,
        key("b"): 30099,
    }


def test_tcp_and_udp_of_one_port_share_a_number() -> None:
    shared = node_ports([service("a", TCP, UDP)], previous={})
    asked = node_ports([service("a", TCP, replace(UDP, node_port=30053))], previous={})

    assert shared == {key("a"): 30086, key("a", "80/UDP"): 30086}
    assert node_ports([service("a", TCP, UDP)], previous=shared) == shared
    assert set(asked.values()) == {30053}


def test_a_health_check_has_a_number_with_the_policy_local_only() -> None:
    balanced = service("a", kind=ServiceType.LOAD_BALANCER)
    local = replace(balanced, external_traffic_policy=ExternalTrafficPolicy.LOCAL)
    chosen = replace(local, health_check_node_port=30001)

    assert list(node_ports([balanced], previous={})) == [key("a")]
    assert node_ports([local], previous={})[key("a", "healthCheckNodePort")] == 30087
    assert node_ports([chosen], previous={})[key("a", "healthCheckNodePort")] == 30001


def test_a_service_of_type_cluster_ip_has_none() -> None:
    assert node_ports([service("a", kind=ServiceType.CLUSTER_IP)], previous={key("a"): 30086}) == {}


def test_no_more_are_handed_out_than_there_are() -> None:
    ports = [ServicePort(name=f"p{each}", port=each, target_port=1) for each in range(1, 2800)]
    many = service("many", *ports)

    assert sorted(node_ports([many], previous={}).values()) == list(NODE_PORTS)
    assert number_of_node_ports([many]) == 2799
