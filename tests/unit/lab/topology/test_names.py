"""Names that the cloud gives to machines."""

import pytest

from lab.topology import names
from lab.topology.cluster import Cluster
from tests.unit.lab.topology.labs import parsed


@pytest.mark.claim("A8")
def test_nodes_are_called_after_their_scale_set() -> None:
    scale_set = "aks-nodepool1-52243381-vmss"

    assert names.node(scale_set, 0) == "aks-nodepool1-52243381-vmss000000"
    assert names.node(scale_set, 1) == "aks-nodepool1-52243381-vmss000001"


@pytest.mark.parametrize(
    ("instance", "digits"), [(9, "000009"), (10, "00000a"), (35, "00000z"), (36, "000010")]
)
def test_instances_are_numbered_in_base_36(instance: int, digits: str) -> None:
    assert names.node("vmss", instance) == f"vmss{digits}"


def test_400_nodes_have_400_names() -> None:
    assert len({names.node("vmss", instance) for instance in range(400)}) == 400


def test_a_derived_scale_set_has_the_form_of_aks_and_never_changes() -> None:
    assert names.scale_set("aks01", "nodepool1") == "aks-nodepool1-64388004-vmss"


def test_pools_of_a_cluster_share_their_digits() -> None:
    digits = {names.scale_set("aks01", pool).split("-")[2] for pool in ("one", "two")}

    assert len(digits) == 1


def test_every_machine_of_a_lab_has_a_name() -> None:
    lab = parsed(
        """
        clusters:
          - name: aks01
            serviceCidr: 172.16.1.0/24
            nodePools:
              - {name: one, count: 2, subnet: vnet01/vlan01, scaleSet: aks-one-1-vmss}
              - {name: two, count: 1, subnet: vnet01/vlan01, scaleSet: aks-two-1-vmss}
        virtualMachines:
          - {name: vm1, subnet: vnet01/vlan01}
        """
    )

    assert names.hosts(lab) == (
        "aks-one-1-vmss000000",
        "aks-one-1-vmss000001",
        "aks-two-1-vmss000000",
        "vm1",
        "internet",
    )
    assert isinstance(lab.clusters[0], Cluster)
