"""Node pools that would have to keep other addresses for their pods (claim B19)."""

from dataclasses import replace

import pytest

from lab.compile import Ledger
from lab.topology.model import Lab, NetworkPlugin
from lab.topology.problems import LabFileError
from tests.unit.lab.compile.labs import NODE0, cluster, compiled, lab, network, pool

VNET = network(vlan01="10.0.0.0/20", vlan02="10.0.16.0/20")


def azure(count: int = 1, **values: object) -> Lab:
    made = cluster(pool(count, **{"max_pods": 30, **values}))
    plugin = NetworkPlugin.AZURE
    return lab(replace(made, network_plugin=plugin, pod_cidr=None), networks=(VNET,))


@pytest.fixture(scope="module")
def before() -> Ledger:
    return compiled(azure()).ledger


@pytest.mark.claim("B19")
@pytest.mark.parametrize(
    ("changed", "now"),
    [
        pytest.param(azure(max_pods=50), "50 of vnet01/vlan01", id="more of them"),
        pytest.param(azure(at="vnet01/vlan02"), "30 of vnet01/vlan02", id="of another subnet"),
    ],
)
def test_the_range_of_a_nodes_pods_is_not_changed_in_place(
    before: Ledger, changed: Lab, now: str
) -> None:
    with pytest.raises(LabFileError) as caught:
        compiled(changed, previous=before)
    (problem,) = caught.value.problems
    assert problem.message == (
        f"node {NODE0} keeps 30 addresses of vnet01/vlan01 for pods since it was created, and is "
        f"now to keep {now}"
    )
    assert compiled(changed)


def test_nodes_may_join_and_the_plugin_may_go(before: Ledger) -> None:
    kubenet = lab(cluster(pool(1)), networks=(VNET,))
    assert compiled(azure(3), previous=before)
    assert compiled(kubenet, previous=before)
