"""Load balancing on the wire."""

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from lab.contract.codec import decode, encode
from lab.contract.load_balancing import (
    Backend,
    BalancedPort,
    BalancingRule,
    HealthProbe,
    LoadDistribution,
    ProbedBackend,
)
from lab.contract.node_state import (
    Delivery,
    Edge,
    FabricRoute,
    NetworkContainer,
    Nic,
    NodeKind,
    NodeState,
    Protocol,
    Vswitch,
)

FRONTEND, LOCATOR = IPv4Address("20.0.0.1"), IPv4Address("240.0.0.10")
ANSWER = FabricRoute(prefix=IPv4Network("0.0.0.0/0"), delivery=Delivery.DROP)
UP = ProbedBackend(probe="lb/alive", host="vm1")
RULES = tuple(
    BalancingRule(
        frontend=FRONTEND,
        protocol=protocol,
        port=80,
        distribution=distribution,
        idle_seconds=1800,
        probe="lb/alive",
        backends=(Backend(host="vm1", locator=LOCATOR),),
    )
    for protocol in Protocol
    for distribution in LoadDistribution
)


def state(edge: Edge | None = None) -> NodeState:
    port = BalancedPort(
        frontend=FRONTEND, protocol=Protocol.UDP, port=80, backend_port=8080, locator=LOCATOR
    )
    return NodeState(
        name="vm1",
        kind=NodeKind.VIRTUAL_MACHINE,
        nic=Nic(
            mac="00:0d:3a:00:00:04",
            primary=IPv4Interface("10.0.0.4/22"),
            gateway=IPv4Address("10.0.0.1"),
        ),
        vswitch=Vswitch(
            underlay_address=IPv4Address("198.18.0.10"),
            node=NetworkContainer(balanced=(port,), answers=(ANSWER,)),
        ),
        edge=edge,
        health_probes=(
            HealthProbe(
                name="lb/alive", port=80, request_path="/", interval_seconds=5, threshold=2
            ),
        ),
    )


def test_what_is_encoded_is_decoded() -> None:
    assert decode(encode(state())) == state()
    edge = Edge(rules=RULES, up=(UP,))
    assert decode(encode(state(edge))) == state(edge)
