"""The frozen values of Kubernetes objects."""

import pytest

from lab.kube.manifests import (
    ClusterManifests,
    LabelSelector,
    Manifests,
    Namespace,
    ObjectMeta,
    Operator,
    Requirement,
)


@pytest.mark.parametrize(
    ("labels", "selected"),
    [
        ({"app": "a", "tier": "x"}, True),
        ({"app": "a"}, True),
        ({"app": "b"}, False),
        ({}, False),
    ],
)
def test_labels_select_what_has_all_of_them(labels: dict[str, str], *, selected: bool) -> None:
    assert LabelSelector(match_labels={"app": "a"}).matches(labels) is selected


@pytest.mark.parametrize(
    ("operator", "with_x", "with_other", "without"),
    [
        (Operator.IN, True, False, False),
        (Operator.NOT_IN, False, True, True),
        (Operator.EXISTS, True, True, False),
        (Operator.DOES_NOT_EXIST, False, False, True),
    ],
)
def test_expressions_select_as_kubernetes_does(
    operator: Operator, *, with_x: bool, with_other: bool, without: bool
) -> None:
    """NotIn also selects what lacks the label."""
    values = ("x",) if operator in {Operator.IN, Operator.NOT_IN} else ()
    requirement = Requirement(key="a", operator=operator, values=values)
    selector = LabelSelector(match_expressions=(requirement,))

    assert selector.matches({"a": "x"}) is with_x
    assert selector.matches({"a": "y"}) is with_other
    assert selector.matches({}) is without


def test_a_cluster_without_manifests_has_no_objects() -> None:
    assert Manifests().of("aks01") == ClusterManifests(cluster="aks01")


def test_objects_are_found_by_their_kind() -> None:
    namespace = Namespace(metadata=ObjectMeta(name="front", namespace=""))
    manifests = ClusterManifests(cluster="aks01", objects=(namespace,))

    assert manifests.namespaces == (namespace,)
    assert manifests.pods == ()
    assert manifests.deployments == ()
