from lab.cli.rows import KINDS, condition_row, node_row, pod_row, route_row, troubles
from lab.contract.v1.agent_pb2 import Condition, ConditionStatus
from lab.contract.v1.lab_pb2 import InspectReply, NodeStatus
from tests.unit.lab.cli.fake_service import INSPECTION

FAILED = Condition(
    object="vswitch", status=ConditionStatus.CONDITION_STATUS_FAILED, reason="no such device"
)


def test_keys_are_a_contract() -> None:
    keys = {kind: set(KINDS[kind].rows(INSPECTION)[0]) for kind in KINDS}
    assert keys == {
        "nodes": {
            "name", "kind", "cluster", "subnet", "address", "public_address", "pod_cidr",
            "status", "revision", "conditions",
        },
        "pods": {
            "namespace", "name", "address", "node", "status", "host_network", "owner",
            "ordinal", "uid", "reason", "message",
        },
        "services": {
            "cluster", "namespace", "name", "type", "cluster_ip", "external_ip",
            "ports", "endpoints",
        },
        "loadbalancers": {
            "load_balancer", "rule", "frontend", "frontend_port", "protocol",
            "backend_address_pool", "backend_port", "host", "probe", "status",
        },
        "routes": {
            "virtual_network", "subnet", "source", "state", "address_prefix", "next_hop_type",
            "next_hop_ip_address", "name", "route_table",
        },
        "ipam": {"pool", "prefix", "used", "reserved", "free", "allocations"},
        "nsg": {
            "place", "network_security_group", "direction", "priority", "name", "access",
            "protocol", "source", "source_ports", "destination", "destination_ports",
            "expanded_source", "expanded_destination", "container", "packets",
        },
    }  # fmt: skip


def test_columns_are_keys() -> None:
    for kind in KINDS.values():
        assert set(kind.columns) <= set(kind.rows(INSPECTION)[0])


def test_values_are_those_of_the_wire() -> None:
    assert node_row(INSPECTION.nodes[0])["pod_cidr"] == "10.244.1.0/24"
    assert pod_row(INSPECTION.pods[0])["host_network"] is True
    assert route_row(INSPECTION.routes[1])["next_hop_ip_address"] == "10.0.0.4"


def test_the_state_of_a_condition_is_a_plain_word() -> None:
    assert condition_row(FAILED) == {
        "object": "vswitch",
        "status": "failed",
        "reason": "no such device",
    }


def test_only_what_failed_is_trouble() -> None:
    assert list(troubles(INSPECTION)) == []
    reply = InspectReply(nodes=[NodeStatus(name="vm1", conditions=[FAILED])])
    assert list(troubles(reply)) == ["vm1: vswitch: no such device"]
