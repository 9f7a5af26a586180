"""What is left of a document when the broken parts are taken out."""

import pytest

from lab.topology.compose import compose
from lab.topology.document import Path
from lab.topology.schema import check
from lab.topology.usable import Usable, usable
from tests.unit.lab.topology.labs import CLOUD, sources


def rest(body: str = "", *, cloud: str = CLOUD) -> Usable:
    document = compose(sources(body, cloud=cloud).lab).documents[0]
    return usable(document, check(document))


@pytest.mark.parametrize(
    ("body", "removed"),
    [
        ("virtualMachines: [{name: vm1}]", ("virtualMachines", 0)),
        (
            "clusters: [{name: a, nodePools: [{name: p, count: x, subnet: a/b}]}]",
            ("clusters", 0, "nodePools", 0),
        ),
        ("clusters: [{name: a, podCidr: x, nodePools: []}]", ("clusters", 0)),
        (
            "internet: {hosts: [{name: a, address: {}}, {name: b, address: 8.8.8.8}]}",
            ("internet", "hosts", 0),
        ),
        ("clusters: [5]", ("clusters", 0)),
        ("clusters: 5", ("clusters",)),
        ("internet: {hosts: 5}", ("internet", "hosts")),
        ("tests: [{name: a, from: b, expect: {packets: [{}]}}]", ("tests", 0)),
    ],
)
def test_the_smallest_resource_around_a_fault_goes(body: str, removed: Path) -> None:
    assert rest(body).removed == {removed}


def test_a_resource_goes_as_a_whole_even_if_the_fault_is_in_a_list_of_its_own() -> None:
    left = rest(cloud=CLOUD.replace("[10.0.0.0/16]", "[10.0.0.0/16, {}]"))

    assert left.removed == {("cloud", "virtualNetworks", 0)}


def test_an_unknown_key_that_stands_for_nothing_costs_nothing() -> None:
    assert rest("virtualMachines: [{name: vm1, subnet: a/b, zzz: 1}]").removed == frozenset()


def test_a_list_without_one_of_its_entries_is_incomplete_and_so_is_what_it_holds() -> None:
    left = rest(cloud=CLOUD.replace("[10.0.0.0/16]", "[10.0.0.0/61]"))

    assert left.lacks("virtualNetworks")
    assert left.lacks("subnets")
    assert not left.lacks("routeTables")


def test_without_a_cloud_everything_in_it_is_missing() -> None:
    assert rest(cloud="").lacks("subnets")
    assert rest(cloud="").lacks("routeTables")


def test_a_misspelt_key_leaves_the_one_that_was_meant_incomplete() -> None:
    assert rest("virtualMachine: []").lacks("virtualMachines")
