"""Where pods run."""

from collections import Counter
from collections.abc import Iterable, Mapping

import pytest

from lab.kube.instances import PodInstance
from lab.kube.manifests import Container, PodSpec
from lab.kube.scheduling import Node, schedule


def nodes(*names: str, max_pods: int = 110) -> list[Node]:
    return [
        Node(name=name, max_pods=max_pods, labels={"kubernetes.io/hostname": name})
        for name in names
    ]


def pods(
    owner: str,
    count: int,
    *,
    node_name: str | None = None,
    selector: Mapping[str, str] | None = None,
) -> list[PodInstance]:
    spec = PodSpec(containers=(Container(name="c", image="nginx"),), node_selector=selector or {})
    return [
        PodInstance(
            cluster="aks01",
            namespace="default",
            name=f"{owner}-{ordinal}",
            uid=f"{owner}-{ordinal}",
            owner=owner,
            ordinal=ordinal,
            labels={},
            spec=spec,
            node_name=node_name,
        )
        for ordinal in range(count)
    ]


def where(placed: Mapping[str, str], owner: str) -> list[str]:
    return [placed[uid] for uid in sorted(placed) if uid.startswith(f"{owner}-")]


def spread(names: Iterable[str]) -> list[int]:
    return sorted(Counter(names).values())


def test_replicas_go_where_fewest_of_their_own_are() -> None:
    placed = schedule(pods("web", 4), nodes=nodes("n0", "n1"), bound={})
    assert where(placed, "web") == ["n0", "n1", "n0", "n1"]


def test_a_tie_goes_to_the_node_with_fewest_pods() -> None:
    """The published capture: two of three nginx pods on the node without system pods."""
    system = pods("coredns", 4, node_name="n1")
    placed = schedule([*system, *pods("nginx", 3)], nodes=nodes("n0", "n1"), bound={})
    assert where(placed, "nginx") == ["n0", "n1", "n0"]


def test_a_tie_in_both_goes_to_the_first_node() -> None:
    assert schedule(pods("a", 1), nodes=nodes("n1", "n0"), bound={}) == {"a-0": "n1"}


def test_deployments_spread_each_by_itself() -> None:
    placed = schedule(
        [*pods("a", 2), *pods("b", 2), *pods("c", 2)], nodes=nodes("n0", "n1"), bound={}
    )
    assert [spread(where(placed, owner)) for owner in "abc"] == [[1, 1]] * 3


def test_a_pod_stays_where_it_runs() -> None:
    placed = schedule(pods("a", 2), nodes=nodes("n0", "n1"), bound={"a-0": "n1", "a-1": "n1"})
    assert where(placed, "a") == ["n1", "n1"]


def test_a_new_replica_takes_account_of_those_that_run() -> None:
    placed = schedule(pods("a", 3), nodes=nodes("n0", "n1"), bound={"a-0": "n0", "a-2": "n0"})
    assert placed["a-1"] == "n1"


def test_a_pod_of_a_node_that_left_goes_elsewhere() -> None:
    assert schedule(pods("a", 1), nodes=nodes("n0"), bound={"a-0": "gone"}) == {"a-0": "n0"}


def test_a_node_name_binds_and_an_unknown_one_waits() -> None:
    everything = [*pods("a", 1, node_name="n1"), *pods("b", 1, node_name="nowhere")]
    assert schedule(everything, nodes=nodes("n0", "n1"), bound={}) == {"a-0": "n1"}


def test_a_node_name_moves_a_pod_that_ran_elsewhere() -> None:
    placed = schedule(pods("a", 1, node_name="n1"), nodes=nodes("n0", "n1"), bound={"a-0": "n0"})
    assert placed == {"a-0": "n1"}


def test_a_node_selector_limits_the_choice() -> None:
    selector = {"kubernetes.io/hostname": "n1"}
    placed = schedule(pods("a", 2, selector=selector), nodes=nodes("n0", "n1"), bound={})
    assert set(placed.values()) == {"n1"}
    assert schedule(pods("a", 1, selector={"x": "y"}), nodes=nodes("n0"), bound={}) == {}


def test_a_full_node_takes_no_more_and_the_rest_is_pending() -> None:
    placed = schedule(pods("a", 7), nodes=nodes("n0", "n1", max_pods=3), bound={})
    assert spread(placed.values()) == [3, 3]
    assert len(placed) == 6


def test_a_node_name_does_not_get_round_a_full_node() -> None:
    everything = [*pods("a", 1, node_name="n0"), *pods("b", 1, node_name="n0")]
    assert schedule(everything, nodes=nodes("n0", max_pods=1), bound={}) == {"a-0": "n0"}


def test_pods_that_run_stay_when_the_node_takes_fewer() -> None:
    bound = {"a-0": "n0", "a-1": "n0"}
    assert schedule(pods("a", 2), nodes=nodes("n0", max_pods=1), bound=bound) == bound


@pytest.mark.parametrize("count", [0, 1, 17, 400])
def test_no_node_has_two_replicas_more_than_another(count: int) -> None:
    placed = schedule(pods("a", count), nodes=nodes(*(f"n{n}" for n in range(7))), bound={})
    counts = Counter(placed.values())
    per_node = [counts[f"n{n}"] for n in range(7)]
    assert sum(per_node) == count
    assert max(per_node) - min(per_node) <= 1


def test_no_nodes_leave_everything_pending() -> None:
    assert schedule(pods("a", 2), nodes=[], bound={}) == {}
