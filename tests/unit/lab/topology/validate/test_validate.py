"""All rules together."""

import pytest

from lab.topology.validate import validate
from tests.unit.lab.topology.labs import cluster, messages, networks, parsed


def test_a_good_lab_has_no_problems() -> None:
    body = cluster() + "virtualMachines: [{name: vm1, subnet: vnet01/vlan02}]"

    assert validate(parsed(body)) == ()


@pytest.mark.claim("A23", "L1")
def test_a_lab_of_400_kubenet_nodes_is_good() -> None:
    assert validate(parsed(cluster("count: 400", podCidr="10.244.0.0/14"))) == ()


@pytest.mark.claim("B20")
def test_addresses_of_azure_cni_are_planned_by_node_and_max_pods_and_never_overlap() -> None:
    subnets = "{name: vlan01, addressPrefix: 10.0.0.0/24}"
    other = "{name: vlan02, addressPrefix: 10.0.0.128/25}"
    azure = {"networkPlugin": "azure"}

    def problems(pool: str, *prefixes: str) -> list[str]:
        cloud = networks("10.0.0.0/16", subnets=", ".join(prefixes))
        return messages(cluster(pool, **azure), cloud=cloud)

    assert problems("count: 8, maxPods: 30", subnets) == []
    assert any("need 279" in each for each in problems("count: 9, maxPods: 30", subnets))
    assert any("need 303" in each for each in problems("count: 3, maxPods: 100", subnets))
    assert any("overlap" in each for each in problems("count: 1", subnets, other))


@pytest.mark.claim("L3", "C6")
@pytest.mark.parametrize(
    ("plugin", "pool", "accepted"),
    [
        ("kubenet", "maxPods: 250", 250),
        ("kubenet", "", 110),
        ("azure", "maxPods: 250", 250),
        ("azure", "", 30),
        ("azure", "maxPods: 10", 10),
        ("azure", "maxPods: 251", None),
        ("kubenet", "maxPods: 9", None),
    ],
)
def test_pods_of_a_node_have_a_default_by_plugin_and_a_maximum(
    plugin: str, pool: str, accepted: int | None
) -> None:
    body = cluster(pool, networkPlugin=plugin)
    if accepted is None:
        assert any("maxPods" in message for message in messages(body))
    else:
        assert parsed(body).clusters[0].node_pools[0].max_pods == accepted
