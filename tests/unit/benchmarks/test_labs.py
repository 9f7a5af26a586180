"""Generated labs are labs: the project's own loader takes them."""

import pytest

from benchmarks import labs
from lab.topology.load import parse


def test_a_generated_lab_is_one_that_deploy_accepts() -> None:
    lab = parse(labs.kubenet(nodes=400, pods=800).sources())
    (cluster,) = lab.clusters
    assert cluster.node_pools[0].count == 400
    assert not cluster.system_pods, "pods that kube-system brings would not be counted"


@pytest.mark.parametrize("model", labs.MODELS)
def test_there_is_one_of_every_network_model(model: str) -> None:
    lab = parse(labs.generated(model, labs.MODELS[model], nodes=2, pods=4).sources())
    (cluster,) = lab.clusters
    assert cluster.node_pools[0].count == 2
    assert not cluster.system_pods
