"""Subnets that are too small for what is in them (semantics 1.8)."""

import pytest

from tests.unit.lab.topology.labs import cluster, examined, messages, networks, parsed

SMALL = networks("10.0.0.0/16", subnets="{name: vlan01, addressPrefix: 10.0.0.0/29}")
MACHINE = "virtualMachines: [{name: vm1, subnet: vnet01/vlan01}]"


@pytest.mark.parametrize(
    ("nodes", "machine", "accepted"),
    [(3, "", True), (4, "", False), (2, MACHINE, True), (3, MACHINE, False)],
)
def test_five_addresses_are_reserved_and_each_machine_takes_one(
    nodes: int, machine: str, *, accepted: bool
) -> None:
    problems = examined(cluster(f"count: {nodes}") + machine, cloud=SMALL).problems

    assert (problems == ()) is accepted


@pytest.mark.parametrize(("nodes", "accepted"), [(1, True), (2, False)])
def test_with_azure_cni_a_node_takes_one_for_each_of_its_pods_too(
    nodes: int, *, accepted: bool
) -> None:
    """A /26 has 59 for machines, and a node of 30 pods takes 31."""
    cloud = networks("10.0.0.0/16", subnets="{name: vlan01, addressPrefix: 10.0.0.0/26}")
    written = cluster(f"count: {nodes}", networkPlugin="azure")

    assert (examined(written, cloud=cloud).problems == ()) is accepted


@pytest.mark.claim("B25")
@pytest.mark.parametrize(("plugin", "nodes"), [("kubenet", 251), ("azure", 8)])
def test_a_subnet_of_256_holds_fewer_nodes_that_keep_addresses_for_pods(
    plugin: str, nodes: int
) -> None:
    """251 are free; a node of 30 pods takes 31 of them."""
    cloud = networks("10.0.0.0/16", subnets="{name: vlan01, addressPrefix: 10.0.0.0/24}")

    def accepted(count: int) -> bool:
        written = cluster(f"count: {count}", networkPlugin=plugin)
        return examined(written, cloud=cloud).problems == ()

    assert accepted(nodes)
    assert not accepted(nodes + 1)


def test_the_size_that_would_do_is_told() -> None:
    (problem,) = examined(cluster("count: 12"), cloud=SMALL).problems

    assert problem.message.startswith("subnet 'vnet01/vlan01' (10.0.0.0/29) has 3 addresses")
    assert problem.remedy.startswith("choose a prefix of /27 or larger")


@pytest.mark.parametrize(("count", "warned"), [(7, False), (8, True)])
def test_a_subnet_without_room_for_an_upgrade_is_told(count: int, *, warned: bool) -> None:
    cloud = networks("10.0.0.0/16", subnets="{name: vlan01, addressPrefix: 10.0.0.0/24}")
    body = cluster(f"count: {count}, maxPods: 30", networkPlugin="azure")
    found = [warning.message for warning in parsed(body, cloud=cloud).warnings]

    assert any("an upgrade would find no room for the 31" in each for each in found) is warned


@pytest.mark.parametrize(("limit", "accepted"), [(62, True), (61, False)])
def test_addresses_of_a_network_are_limited(limit: int, *, accepted: bool) -> None:
    body = cluster("count: 2, maxPods: 30", networkPlugin="azure")
    limits = f"limits: {{privateIPAddressesPerVirtualNetwork: {limit}}}\n"

    assert (messages(body + limits) == []) is accepted


def test_without_nodes_a_full_subnet_is_called_so() -> None:
    cloud = networks("10.0.0.0/16", subnets="{name: vlan01, addressPrefix: 10.0.0.0/29}")
    machines = ", ".join(f"{{name: vm{n}, subnet: vnet01/vlan01}}" for n in range(4))
    (message,) = messages(f"virtualMachines: [{machines}]", cloud=cloud)

    assert message.endswith("(SubnetIsFull)")
