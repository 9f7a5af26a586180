"""The rows of M1 that a lab file answers: what a cluster of each network model may have."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.cli.sources import read_sources
from lab.cloud.route_table import RouteSource
from lab.compile import Ledger, compile_lab
from lab.kube.objects import parse_lab
from lab.topology.cluster import OsType
from lab.topology.problems import LabFileError
from lab.topology.route_table import NextHopType
from lab.topology.virtual_network import SubnetReference
from tests.matrices.lab import PODS, lab_text
from tests.matrices.models import Model, Value, models

MODELS = models()
NODES = SubnetReference(virtual_network="vnet", subnet="nodes")
OWN_ROUTE = IPv4Network("198.51.100.0/24")


def document(model: Model) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(lab_text(model))
    return found


def written(document: Mapping[str, Any], folder: Path) -> Path:
    file = folder / "one.lab.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    (folder / PODS.name).write_bytes(PODS.read_bytes())
    return file


def held_to(model: Model, row: str) -> Value:
    return model.tables["lab file"][row]


@pytest.mark.claim("M1", "D1")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_network_that_exists_keeps_its_routes(model: Model, tmp_path: Path) -> None:
    """With kubenet the subnet's own table has to take the cluster's routes as well."""
    changed = document(model)
    route = {"name": "own", "addressPrefix": str(OWN_ROUTE), "nextHopType": "None"}
    changed["cloud"]["routeTables"] = [{"name": "table", "routes": [route]}]
    (nodes,) = (
        subnet
        for network in changed["cloud"]["virtualNetworks"]
        for subnet in network["subnets"]
        if subnet["name"] == NODES.subnet
    )
    nodes["routeTable"] = "table"

    lab, manifests = parse_lab(read_sources(written(changed, tmp_path)))
    found = compile_lab(lab, manifests, Ledger())

    routes = [route for route in found.effective_routes[NODES] if route.source is RouteSource.USER]
    (own,) = (route for route in routes if route.address_prefix == OWN_ROUTE)
    assert own.next_hop_type is NextHopType.NONE
    by_cluster = [
        route.next_hop_ip_address
        for route in routes
        if route.next_hop_type is NextHopType.VIRTUAL_APPLIANCE
    ]
    assert len(routes) == 1 + len(by_cluster)
    assert len(set(by_cluster)) == (2 if held_to(model, "existing network") == "routes" else 0)


@pytest.mark.claim("M1", "D1")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_pool_of_windows_nodes(model: Model, tmp_path: Path) -> None:
    changed = document(model)
    pools = changed["clusters"][0]["nodePools"]
    pools.append({**pools[0], "name": "win", "count": 1, "osType": "Windows"})
    del pools[-1]["scaleSet"]
    file = written(changed, tmp_path)

    if held_to(model, "Windows pool") == "no":
        with pytest.raises(LabFileError) as refused:
            parse_lab(read_sources(file))
        (problem,) = refused.value.problems
        assert "AzureCNIOnlyForWindows" in str(problem)
        return

    lab, manifests = parse_lab(read_sources(file))
    (cluster,) = lab.clusters
    assert [pool.os_type for pool in cluster.node_pools] == [OsType.LINUX, OsType.WINDOWS]
    found = compile_lab(lab, manifests, Ledger())
    assert len({row.name for row in found.hosts if row.cluster == cluster.name}) == 3
