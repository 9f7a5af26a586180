"""What each lab compiles to, reviewed by people and kept as text.

``pytest tests/golden --update-golden`` writes what is now; read the difference
before committing it.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agents.workloads.catalogue import ports_of
from lab.cli.sources import read_sources
from lab.compile import Compilation, Ledger, compile_lab
from lab.kube.objects import parse_manifests
from lab.topology.load import parse
from tests.golden.readable import inventory_text, node_text, routes_text, rulesets_text

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
EXAMPLES = HERE.parent.parent / "examples"
LABS = {
    path.name.removesuffix(".lab.yaml"): path
    for path in (
        EXAMPLES / "aks-kubenet.lab.yaml",
        EXAMPLES / "nat-gateway.lab.yaml",
        *sorted(EXAMPLES.glob("azure-cni-*.lab.yaml")),
        EXAMPLES / "outbound-load-balancer.lab.yaml",
        EXAMPLES / "load-balancer.lab.yaml",
        EXAMPLES / "hybrid-gateway.lab.yaml",
        *sorted((HERE / "labs").glob("*.lab.yaml")),
    )
}


@pytest.fixture(scope="module", params=LABS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def found(name: str) -> Compilation:
    read = read_sources(LABS[name])
    sources = replace(read, lab=replace(read.lab, path=LABS[name].name))
    lab = parse(sources)
    return compile_lab(lab, parse_manifests(lab, sources), Ledger())


@pytest.fixture(scope="module")
def texts(found: Compilation) -> dict[str, str]:
    """What has to be below ``expected/LAB/``, by file name."""
    hosts = {f"{host}.txt": node_text(found, host) for host in found.nodes}
    shown = {
        "_inventory.txt": inventory_text(found),
        "_routes.txt": routes_text(found),
        "_rulesets.txt": rulesets_text(found),
    }
    return {**shown, **hosts}


def test_a_lab_compiles_to_what_was_reviewed(
    name: str, texts: dict[str, str], golden: Callable[[Path, str], None]
) -> None:
    for file, text in texts.items():
        golden(EXPECTED / name / file, text)


@pytest.mark.claim("B6")
def test_the_documented_network_is_what_the_lab_shows() -> None:
    """As ``az network vnet show`` and ``… subnet show`` printed it."""
    lab = parse(read_sources(EXAMPLES / "azure-cni-node-subnet.lab.yaml"))
    (network,) = lab.cloud.virtual_networks
    assert list(map(str, network.address_prefixes)) == ["10.0.0.0/16"]
    assert (network.subnets[0].name, str(network.subnets[0].address_prefix)) == (
        "vlan01",
        "10.0.0.0/20",
    )
    inventory = (EXPECTED / "azure-cni-node-subnet" / "_inventory.txt").read_text("utf-8")
    (pool,) = {each.subnet for each in lab.clusters[0].node_pools}
    assert f"aks01  {pool}  10.0.0.4 " in inventory


def test_hosts_know_every_image_that_they_are_told(found: Compilation) -> None:
    """What compiling brings along by itself, the hosts have to have."""
    for state in found.nodes.values():
        for container in (*state.containers, *(each for p in state.pods for each in p.containers)):
            if not container.command:
                ports_of(container)


def test_nothing_is_expected_of_hosts_that_are_not_there(
    name: str, texts: dict[str, str], golden_folder: Callable[[Path, set[str]], None]
) -> None:
    golden_folder(EXPECTED / name, set(texts))


def test_nothing_is_expected_of_labs_that_are_not_there() -> None:
    assert {path.name for path in EXPECTED.iterdir()} == set(LABS)
