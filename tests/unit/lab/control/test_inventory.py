from lab.contract.v1 import lab_pb2
from lab.control.compiling import compile_sources
from tests.unit.lab.control.files import CLUSTER

INVENTORY = compile_sources(CLUSTER, None).inventory()


def test_nodes_machines_and_the_internet_are_rows() -> None:
    kinds = {node.name: node.kind for node in INVENTORY.nodes}
    (vm,) = [node for node in INVENTORY.nodes if node.name == "vm1"]

    assert sorted(kinds.values()) == ["cluster-node", "internet-host", "virtual-machine"]
    assert vm == lab_pb2.NodeStatus(
        name="vm1",
        kind="virtual-machine",
        subnet="vnet/machines",
        address="10.0.1.4",
        public_address=vm.public_address,
    )
    (node,) = [node for node in INVENTORY.nodes if node.cluster == "cluster"]
    assert node.pod_cidr == "10.244.0.0/24"


def test_pods_are_rows_with_their_owner() -> None:
    (pod,) = INVENTORY.pods

    assert (pod.namespace, pod.owner, pod.ordinal, pod.host_network) == ("default", "web", 0, False)
    assert pod.address.startswith("10.244.0.")
    assert pod.uid
    assert pod.status == "", "only its host knows"


def test_effective_routes_are_rows_of_the_subnet_that_sends() -> None:
    (route,) = [route for route in INVENTORY.routes if route.name == "nowhere"]

    assert route == lab_pb2.EffectiveRoute(
        virtual_network="vnet",
        subnet="machines",
        source="User",
        state="Active",
        address_prefix="192.0.2.0/24",
        next_hop_type="None",
        name="nowhere",
        route_table="table",
    )
    assert {route.source for route in INVENTORY.routes} == {"User", "Default"}


def test_addresses_are_rows_of_their_pool() -> None:
    states = {
        row.address: row.state for row in INVENTORY.allocations if row.pool == "vnet/machines"
    }

    assert states["10.0.1.0"] == "reserved"
    assert states["10.0.1.4"] == "used"
