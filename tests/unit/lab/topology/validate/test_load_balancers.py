"""Load balancers; the messages are below ``tests/rejected``."""

from lab.topology.load_balancer import OutboundRule
from lab.topology.validate.load_balancers import ports_of
from tests.unit.lab.topology.labs import CLOUD, messages

BALANCER = """\
  publicIPAddresses: [{name: ip1}]
  loadBalancers:
    - name: lb1
      frontendIPConfigurations: [{name: front, publicIPAddress: ip1}]
      backendAddressPools: [{name: pool1}]
      outboundRules:
        - {name: rule, frontendIPConfigurations: [front], backendAddressPool: pool1}
"""
MEMBER = (
    "virtualMachines: [{name: vm1, subnet: vnet01/vlan01, loadBalancerBackendAddressPools: "
    "[lb1/pool1]}]\n"
)


def rule(ports: int, frontends: int = 1) -> OutboundRule:
    return OutboundRule(
        name="rule",
        frontend_ip_configurations=("front",) * frontends,
        backend_address_pool="pool1",
        allocated_outbound_ports=ports,
    )


def test_a_load_balancer_and_its_member() -> None:
    assert messages(MEMBER, cloud=CLOUD + BALANCER) == []


def test_there_are_ports_for_every_member() -> None:
    assert not list(ports_of(rule(8000), 8))
    assert list(ports_of(rule(8000), 9))
    assert not list(ports_of(rule(8000, frontends=2), 16))
    assert not list(ports_of(rule(0), 1000))
    assert list(ports_of(rule(0), 1001))


def test_ports_come_in_blocks_of_eight() -> None:
    assert list(ports_of(rule(1020), 1))


def test_protocols_apart_may_share_a_frontend() -> None:
    second = (
        "        - {name: udp, frontendIPConfigurations: [front], backendAddressPool: pool1, "
        "protocol: Udp}\n"
    )
    only_tcp = BALANCER.replace(
        "backendAddressPool: pool1}", "backendAddressPool: pool1, protocol: Tcp}"
    )
    assert messages(cloud=CLOUD + only_tcp + second) == []
    assert len(messages(cloud=CLOUD + BALANCER + second)) == 1


def test_a_pool_that_was_refused_is_not_missed() -> None:
    broken = BALANCER.replace("[{name: pool1}]", "[{name: -}]")
    assert len(messages(MEMBER, cloud=CLOUD + broken)) == 1
