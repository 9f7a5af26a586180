"""Whose public addresses are, and what hosts have of shared ones."""

from dataclasses import replace
from ipaddress import IPv4Address

from lab.compile import Compilation
from lab.contract.node_state import Delivery, PortRange, Protocol
from lab.contract.state_parts import assembled
from lab.topology.egress import ClusterEgress, OutboundType, PublicIPAddress
from lab.topology.load_balancer import (
    FrontendIPConfiguration,
    LoadBalancer,
    OutboundProtocol,
    OutboundRule,
)
from tests.unit.lab.compile.labs import (
    INTERNET,
    NODE0,
    NODE1,
    cluster,
    compiled,
    lab,
    machine,
    pool,
    routes,
)

FRONT = IPv4Address("198.51.100.60")


def shared(count: int = 2) -> Compilation:
    rule = OutboundRule(
        name="rule",
        frontend_ip_configurations=("front",),
        backend_address_pool="pool1",
        protocol=OutboundProtocol.UDP,
        allocated_outbound_ports=8,
    )
    balancer = LoadBalancer(
        name="lb1",
        frontend_ip_configurations=(
            FrontendIPConfiguration(name="front", public_ip_address="ip1"),
        ),
        backend_address_pools=(),
        outbound_rules=(rule,),
    )
    members = [
        machine(f"vm{number}", load_balancer_backend_address_pools=("lb1/pool1",))
        for number in range(count)
    ]
    return compiled(
        lab(
            *members,
            INTERNET,
            load_balancers=(balancer,),
            public_ip_addresses=(PublicIPAddress(name="ip1", ip_address=FRONT),),
        )
    )


def test_a_host_has_its_ports_and_no_address() -> None:
    container = shared().nodes["vm1"].vswitch.node
    (lease,) = container.leases

    assert container.public_address is None
    assert (lease.public_address, lease.ports) == (FRONT, PortRange(first=1032, last=1039))
    assert lease.protocol is Protocol.UDP
    assert routes(shared(), "vm1")["203.0.113.10/32"] == "out:internet"


def test_the_front_knows_whose_a_port_is() -> None:
    found = shared()
    front = found.nodes["lb1"]
    assert front.edge is not None
    ways = {each.prefix.network_address: each for each in front.edge.inward}

    assert front.nic.primary.ip == FRONT
    assert routes(found, "internet")[f"{FRONT}/32"] == "out:lb1"
    for number, lease in enumerate(front.edge.leases):
        host = found.nodes[f"vm{number}"].vswitch
        assert host.node.leases == (lease,)
        if lease.locator in ways:  # two next to each other are one route
            assert ways[lease.locator].delivery is Delivery.INTERNET
            assert ways[lease.locator].underlay_address == host.underlay_address
    assert assembled(found.encoded("lb1")) == front


def test_the_internet_sees_members_with_the_address_that_they_share() -> None:
    rows = {row.name: row.public_address for row in shared().hosts}
    assert rows["vm0"] == rows["vm1"] == FRONT


def test_nodes_51_takes_half_of_everybodys_ports() -> None:
    """Semantics 2.6: disruptive, every node's range is another one afterwards."""
    egress = ClusterEgress(outbound_type=OutboundType.LOAD_BALANCER)

    def ports(count: int) -> set[int]:
        made = replace(cluster(pool(count)), egress=egress)
        found = compiled(lab(made, INTERNET)).nodes
        leases = [lease for state in found.values() for lease in state.vswitch.node.leases]
        assert len(leases) == count
        return {lease.ports.last - lease.ports.first + 1 for lease in leases}

    assert (ports(50), ports(51)) == ({1024}, {512})


def test_blocked_nodes_have_no_way_out() -> None:
    made = replace(cluster(), egress=ClusterEgress(outbound_type=OutboundType.BLOCK))
    found = compiled(lab(made, INTERNET))
    assert [found.nodes[name].vswitch.node.public_address for name in (NODE0, NODE1)] == [None] * 2
    assert {row.public_address for row in found.hosts if row.name != "internet"} == {None}


def test_what_stays_with_whom_outlives_a_change() -> None:
    """A host that gets default outbound access back doesn't take the shared address along."""
    before = shared()
    after = compiled(lab(machine("vm0"), machine("vm1"), INTERNET), previous=before.ledger)
    assert after.nodes["vm0"].vswitch.node.public_address != FRONT
    assert FRONT not in {row.public_address for row in after.hosts}
