"""Who asks whom: no pod is left out, and no answer stays on its node."""

from benchmarks.answers import cross_node_pairs, random_pairs
from lab.contract.v1 import lab_pb2


def pods(nodes: int, per_node: int) -> list[lab_pb2.PodStatus]:
    return [
        lab_pb2.PodStatus(
            namespace="default",
            name=f"web-{node}-{pod}",
            node=f"node{node}",
            address=f"10.244.{node}.{pod + 2}",
        )
        for node in range(nodes)
        for pod in range(per_node)
    ]


def node_of(target: str) -> str:
    return target.removeprefix("pod/default/web-").split("-")[0]


def test_every_pod_asks_and_is_asked_across_nodes() -> None:
    everyone = pods(nodes=3, per_node=2)
    pairs = cross_node_pairs(everyone)
    assert {pair.source for pair in pairs} == {f"pod/default/{pod.name}" for pod in everyone}
    assert {pair.address for pair in pairs} == {pod.address for pod in everyone}
    assert all(node_of(pair.source) != pair.address.split(".")[2] for pair in pairs)


def test_random_pairs_cross_nodes_and_are_the_same_each_time() -> None:
    everyone = pods(nodes=4, per_node=2)
    pairs = random_pairs(everyone, 50)
    assert len(pairs) == 50
    assert all(node_of(pair.source) != pair.address.split(".")[2] for pair in pairs)
    assert pairs == random_pairs(everyone, 50)
