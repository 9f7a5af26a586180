"""Where everything is; what each part of it is, its own module's tests ask."""

from dataclasses import replace
from ipaddress import IPv4Address

from lab.compile import Ledger
from lab.compile.placement import Placement, placement_of
from lab.topology.model import Lab
from lab.topology.security import NetworkSecurityGroup
from tests.unit.lab.compile.labs import (
    NODE0,
    NODE1,
    cluster,
    deployment,
    documented,
    lab,
    machine,
    manifests,
    route,
)

KEPT = Ledger()
OBJECTS = manifests(deployment())


def placed(made: Lab) -> Placement:
    return placement_of(made, OBJECTS, KEPT)


def test_the_documented_deployment_is_placed_as_documented() -> None:
    """The second node registered first: claim A7."""
    found = placed(documented())

    assert [host.name for host in found.hosts] == [NODE0, NODE1, "vm1", "internet"]
    assert found.addresses.primary[NODE0] == IPv4Address("10.0.0.4")
    assert [str(found.cidrs[node]) for node in (NODE0, NODE1)] == ["10.244.1.0/24", "10.244.0.0/24"]
    (cluster,) = found.clusters
    assert len([pod for pod in cluster.pods.pods if pod.instance.owner == "nginx"]) == 3
    assert found.ledger.underlay_addresses == found.addresses.underlay


def test_neither_routes_nor_security_groups_move_anything() -> None:
    """Nothing is worked out again when one of them changes: it is the same object."""
    tables = {"spare": (route("one", "10.9.0.0/16", "None"),)}
    before = placed(lab(cluster(), machine("vm1"), tables=tables))
    guarded = lab(
        cluster(),
        machine("vm1"),
        tables={"spare": ()},
        network_security_groups=(NetworkSecurityGroup(name="all", security_rules=()),),
    )

    assert placed(guarded) is before


def test_whatever_else_changes_is_worked_out_anew() -> None:
    before = placed(lab(cluster(), machine("vm1")))
    after = placed(lab(cluster(), machine("vm1"), machine("vm2")))
    scaled = placement_of(lab(cluster(), machine("vm1")), manifests(deployment(replicas=5)), KEPT)

    assert "vm2" not in before.addresses.primary
    assert "vm2" in after.addresses.primary
    assert len(scaled.clusters[0].pods.pods) == len(before.clusters[0].pods.pods) + 2
    moved = replace(KEPT, underlay_addresses={"vm1": IPv4Address("198.18.0.77")})
    kept = placement_of(lab(machine("vm1")), manifests(), moved)
    assert kept.addresses.underlay["vm1"] == IPv4Address("198.18.0.77")
