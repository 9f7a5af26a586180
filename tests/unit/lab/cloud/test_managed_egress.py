"""What clusters make for the egress of their nodes."""

from dataclasses import replace

import pytest

from lab.cloud.managed_egress import NODES_POOL, balanced, pools, with_managed_egress
from lab.topology.egress import ClusterEgress, OutboundType
from lab.topology.model import Lab
from tests.unit.lab.compile.labs import NODE0, NODE1, cluster, lab, machine


def made(kind: OutboundType, **values: int) -> Lab:
    egress = ClusterEgress(outbound_type=kind, **values)  # type: ignore[arg-type]
    return with_managed_egress(lab(replace(cluster(), egress=egress), machine("vm1")))


def test_a_load_balancer_with_all_nodes_in_its_pool() -> None:
    found = made(OutboundType.LOAD_BALANCER, managed_outbound_ips=2, allocated_outbound_ports=4096)
    (balancer,) = found.cloud.load_balancers

    assert balancer.name == "aks01-kubernetes"
    assert len(balancer.frontend_ip_configurations) == len(found.cloud.public_ip_addresses) == 2
    assert balancer.outbound_rules[0].allocated_outbound_ports == 4096
    assert pools(found, balancer.name) == {NODES_POOL: (NODE0, NODE1)}
    assert balanced(found) == {NODE0, NODE1}


def test_a_nat_gateway_at_the_subnets_of_the_nodes() -> None:
    found = made(OutboundType.MANAGED_NAT_GATEWAY, idle_timeout_in_minutes=30)
    (gateway,) = found.cloud.nat_gateways
    subnets = found.cloud.virtual_networks[0].subnets

    assert (gateway.name, gateway.idle_timeout_in_minutes) == ("aks01-natgateway", 30)
    assert {subnet.name: subnet.nat_gateway for subnet in subnets} == {
        "vlan01": "aks01-natgateway",
        "vlan02": None,
    }


@pytest.mark.parametrize(
    "kind",
    [
        OutboundType.USER_ASSIGNED_NAT_GATEWAY,
        OutboundType.USER_DEFINED_ROUTING,
        OutboundType.NONE,
        OutboundType.BLOCK,
    ],
)
def test_the_others_make_nothing(kind: OutboundType) -> None:
    found = made(kind)
    assert found.cloud == lab(cluster(), machine("vm1")).cloud


def test_machines_name_their_pools() -> None:
    member = machine("vm1", load_balancer_backend_address_pools=("lb1/a", "lb2/b"))
    assert pools(lab(member), "lb1") == {"a": ("vm1",)}
    assert balanced(lab(member)) == frozenset()
