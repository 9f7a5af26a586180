"""What load-balancing rules make of edges and members."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from lab.compile import Compilation, Ledger
from lab.compile.load_balancing import BackendRow
from lab.contract.load_balancing import HealthProbe
from lab.contract.node_state import Delivery, PortRange, Protocol
from lab.contract.state_parts import assembled
from lab.topology.egress import NatGateway, PublicIPAddress
from lab.topology.load_balancer import (
    BackendAddressPool,
    FrontendIPConfiguration,
    LoadBalancer,
    LoadBalancingRule,
    OutboundRule,
    Probe,
    ProbeProtocol,
    TransportProtocol,
)
from lab.topology.security import NetworkSecurityGroup
from tests.unit.lab.compile.labs import (
    INTERNET,
    NODE0,
    NODE1,
    cluster,
    compiled,
    lab,
    machine,
    network,
    pool,
    routes,
)

FRONT = IPv4Address("198.51.100.60")
RULE = LoadBalancingRule(
    name="web",
    frontend_ip_configuration="front",
    backend_address_pool="pool1",
    protocol=TransportProtocol.TCP,
    frontend_port=1030,
    backend_port=8080,
    probe="alive",
)
BALANCER = LoadBalancer(
    name="lb1",
    frontend_ip_configurations=(FrontendIPConfiguration(name="front", public_ip_address="ip1"),),
    backend_address_pools=(BackendAddressPool(name="pool1"),),
    load_balancing_rules=(RULE,),
    probes=(Probe(name="alive", protocol=ProbeProtocol.TCP, port=8080),),
)


SECOND = replace(
    BALANCER,
    name="lb2",
    frontend_ip_configurations=(FrontendIPConfiguration(name="front", public_ip_address="ip2"),),
    backend_address_pools=(BackendAddressPool(name="pool1", members=("vm0",)),),
)
"""A pool may name its members itself."""


def balanced(
    *balancers: LoadBalancer,
    group: str | None = "nsg",
    gateway: str | None = None,
    previous: Ledger | None = None,
) -> Compilation:
    members = [
        machine(
            f"vm{number}",
            load_balancer_backend_address_pools=("lb1/pool1",),
            network_security_group=group,
        )
        for number in range(2)
    ]
    plain = network()
    subnets = tuple(replace(each, nat_gateway=gateway) for each in plain.subnets)
    gateways = [NatGateway(name=gateway, public_ip_addresses=("ip3",))] if gateway else []
    made = lab(
        *members,
        INTERNET,
        networks=(replace(plain, subnets=subnets),),
        nat_gateways=tuple(gateways),
        load_balancers=balancers or (BALANCER,),
        network_security_groups=(NetworkSecurityGroup(name="nsg", security_rules=()),),
        public_ip_addresses=(
            PublicIPAddress(name="ip1", ip_address=FRONT),
            PublicIPAddress(name="ip2"),
            PublicIPAddress(name="ip3"),
        ),
    )
    return compiled(made, previous=previous)


def test_the_edge_spreads_over_members_by_their_locators() -> None:
    found = balanced()
    edge = found.nodes["lb1"].edge
    assert edge is not None
    (rule,) = edge.rules
    ways = {
        IPv4Network(address): each
        for each in edge.inward
        if each.prefix.prefixlen
        for address in each.prefix
    }

    assert (rule.frontend, rule.port, rule.protocol) == (FRONT, 1030, Protocol.TCP)
    assert (rule.probe, rule.idle_seconds) == ("lb1/alive", 240)
    assert [backend.host for backend in rule.backends] == ["vm0", "vm1"]
    for backend in rule.backends:
        host = found.nodes[backend.host].vswitch
        (port,) = host.node.balanced
        assert port.locator == backend.locator
        way = ways[IPv4Network(backend.locator)]
        assert (way.delivery, way.underlay_address) == (Delivery.INTERNET, host.underlay_address)
    assert edge.up == (), "who is up is observed"


def test_members_are_asked_for_each_probe_once() -> None:
    twice = replace(RULE, name="more", frontend_port=81, backend_port=81)
    found = balanced(replace(BALANCER, load_balancing_rules=(RULE, twice)))
    assert found.nodes["vm1"].health_probes == (
        HealthProbe(name="lb1/alive", port=8080, interval_seconds=15, threshold=2),
    )


def test_a_machine_behind_floating_ip_has_the_frontends_address() -> None:
    floating = replace(RULE, backend_port=1030, enable_floating_ip=True)
    state = balanced(replace(BALANCER, load_balancing_rules=(floating,))).nodes["vm0"]
    assert state.nic.secondary == (FRONT,)
    assert state.vswitch.node.balanced[0].floating
    assert balanced().nodes["vm0"].nic.secondary == ()


def test_without_a_security_group_a_member_is_closed() -> None:
    found = balanced(group=None)
    edge = found.nodes["lb1"].edge
    assert edge is not None
    assert edge.rules[0].backends == ()
    assert found.nodes["vm0"].vswitch.node.balanced == ()
    assert {row.is_open for row in found.backends} == {False}


def test_nobody_leases_the_port_of_a_rule() -> None:
    """It takes a block of eight out of what members share (semantics 2.6)."""
    out = OutboundRule(
        name="out",
        frontend_ip_configurations=("front",),
        backend_address_pool="pool1",
        allocated_outbound_ports=16,
    )
    found = balanced(replace(BALANCER, outbound_rules=(out,)))
    ports = [lease.ports for lease in found.nodes["vm0"].vswitch.node.leases]
    assert ports == [PortRange(first=1032, last=1047)]

    apart = replace(RULE, frontend_port=1035)
    found = balanced(replace(BALANCER, outbound_rules=(out,), load_balancing_rules=(apart,)))
    ports = [lease.ports for lease in found.nodes["vm0"].vswitch.node.leases]
    assert ports == [PortRange(first=1024, last=1031), PortRange(first=1040, last=1047)]


def test_two_load_balancers_have_different_locators() -> None:
    """A host may be in pools of both: their frontends are told apart by nothing else."""
    found = balanced(BALANCER, SECOND)
    ports = found.nodes["vm0"].vswitch.node.balanced
    assert len({port.locator for port in ports}) == len({port.frontend for port in ports}) == 2


def test_a_frontend_keeps_its_locators_when_others_go() -> None:
    """Flows on their way are remembered by them."""
    before = balanced(BALANCER, SECOND)
    after = balanced(SECOND, previous=before.ledger)
    (port,) = after.nodes["vm0"].vswitch.node.balanced
    assert port == before.nodes["vm0"].vswitch.node.balanced[1]


def test_machines_of_a_virtual_network_reach_frontends_and_each_others_ways_out() -> None:
    found = balanced()
    assert routes(found, "vm0")[f"{FRONT}/32"] == "out:lb1"
    own = found.nodes["vm1"].vswitch.node.public_address
    assert routes(found, "vm0")[f"{own}/32"] == "out:vm1"


def test_nodes_may_be_members() -> None:
    """A cluster names them in the pool; kube-proxy has no use for the address on eth0."""
    nodes = BackendAddressPool(name="pool1", members=(NODE0, NODE1))
    floating = replace(RULE, backend_port=1030, enable_floating_ip=True)
    made = replace(BALANCER, backend_address_pools=(nodes,), load_balancing_rules=(floating,))
    made_network = network()
    guarded = replace(
        made_network,
        subnets=tuple(replace(s, network_security_group="nsg") for s in made_network.subnets),
    )
    found = compiled(
        lab(
            cluster(pool()),
            INTERNET,
            networks=(guarded,),
            load_balancers=(made,),
            network_security_groups=(NetworkSecurityGroup(name="nsg", security_rules=()),),
            public_ip_addresses=(PublicIPAddress(name="ip1", ip_address=FRONT),),
        )
    )
    assert found.nodes[NODE1].vswitch.node.balanced[0].floating
    assert found.nodes[NODE1].nic.secondary == ()
    assert [(row.host, row.probe) for row in found.backends] == [
        (NODE0, "lb1/alive"),
        (NODE1, "lb1/alive"),
    ]


def test_a_row_without_a_probe() -> None:
    row = BackendRow(
        load_balancer="lb1",
        rule=replace(RULE, probe=None),
        frontend=FRONT,
        host="vm0",
        is_open=True,
    )
    assert row.probe == ""


def test_behind_a_nat_gateway_answers_have_a_way_of_their_own() -> None:
    assert balanced().nodes["vm0"].vswitch.node.answers == ()

    found = balanced(gateway="nat1")
    container = found.nodes["vm0"].vswitch.node
    client = found.nodes["internet"].vswitch.underlay_address
    ways = {each.underlay_address for each in container.answers}
    assert client in ways
    assert client not in {each.underlay_address for each in container.routes}
    assert assembled(found.encoded("vm0")) == found.nodes["vm0"]
