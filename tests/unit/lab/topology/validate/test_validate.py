"""All rules together."""

import pytest

from lab.topology.validate import validate
from tests.unit.lab.topology.labs import cluster, parsed


def test_a_good_lab_has_no_problems() -> None:
    body = cluster() + "virtualMachines: [{name: vm1, subnet: vnet01/vlan02}]"

    assert validate(parsed(body)) == ()


@pytest.mark.claim("A23", "L1")
def test_a_lab_of_400_kubenet_nodes_is_good() -> None:
    assert validate(parsed(cluster("count: 400", podCidr="10.244.0.0/14"))) == ()
