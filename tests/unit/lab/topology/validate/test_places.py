"""References to subnets."""

from lab.topology.validate.places import network_of, prefix_of, subnet_of
from lab.topology.virtual_network import SubnetReference
from tests.unit.lab.topology.labs import CLOUD, examined, messages, parsed


def reference(text: str) -> SubnetReference:
    virtual_network, _, subnet = text.partition("/")
    return SubnetReference(virtual_network=virtual_network, subnet=subnet)


def test_a_reference_leads_to_its_subnet() -> None:
    lab = parsed()

    assert network_of(lab, reference("vnet01/x")) is lab.cloud.virtual_networks[0]
    assert subnet_of(lab, reference("vnet01/vlan02")) is lab.cloud.virtual_networks[0].subnets[1]
    assert str(prefix_of(lab, reference("vnet01/vlan02"))) == "10.0.4.0/24"


def test_a_reference_may_lead_nowhere() -> None:
    lab = parsed()

    assert network_of(lab, reference("vnet02/vlan01")) is None
    assert subnet_of(lab, reference("vnet01/vlan03")) is None
    assert prefix_of(lab, reference("vnet02/vlan01")) is None


def test_the_nearest_subnet_is_suggested() -> None:
    (problem,) = examined("virtualMachines: [{name: a, subnet: vnet1/vlan01}]").problems

    assert problem.remedy == "did you mean 'vnet01/vlan01'?"


def test_without_a_near_one_those_that_are_there_are_told() -> None:
    (problem,) = examined("virtualMachines: [{name: a, subnet: hub/x}]").problems

    assert problem.remedy == "define it, or use one of vnet01/vlan01, vnet01/vlan02"


def test_a_subnet_that_could_not_be_read_is_not_missed() -> None:
    found = messages(
        "virtualMachines: [{name: a, subnet: vnet01/vlan02}]",
        cloud=CLOUD.replace("10.0.4.0/24", "10.0.4.0/42"),
    )

    assert len(found) == 1
    assert "10.0.4.0/42" in found[0]
