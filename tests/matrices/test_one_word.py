"""One lab file, and one property of it that chooses among the models of AKS."""

from pathlib import Path

import pytest

from lab.cli.sources import read_sources
from lab.compile import Compilation, Ledger, compile_lab
from lab.kube.objects import parse_lab
from lab.topology.cluster import Ipam
from lab.topology.model import Lab
from tests.matrices.lab import BASE, PODS

NODE_SUBNET = "  - name: aks\n    networkPlugin: azure\n"
"""What the base lab is given; every model below is one change of it."""

POOL = "        subnet: vnet/nodes\n"
BLOCKS = "        podIPAllocationMode: StaticBlock\n"

CHANGES = {
    "kubenet": ("networkPlugin: azure", "networkPlugin: kubenet"),
    "node subnet": ("", ""),
    "bridge": (NODE_SUBNET, f"{NODE_SUBNET}    networkMode: bridge\n"),
    "tunnel": (NODE_SUBNET, f"{NODE_SUBNET}    networkMode: tunnel\n"),
    "dynamic": (POOL, f"{POOL}        podSubnet: vnet/pods\n"),
    "overlay": (NODE_SUBNET, f"{NODE_SUBNET}    networkPluginMode: overlay\n"),
}
IPAM = {
    "kubenet": Ipam.HOST_LOCAL,
    "dynamic": Ipam.DYNAMIC,
    "overlay": Ipam.OVERLAY,
}


def compiled(text: str, folder: Path) -> tuple[Lab, Compilation]:
    file = folder / "one.lab.yaml"
    file.write_text(text, encoding="utf-8")
    (folder / PODS.name).write_bytes(PODS.read_bytes())
    lab, manifests = parse_lab(read_sources(file))
    return lab, compile_lab(lab, manifests, Ledger())


def base() -> str:
    return BASE.read_text(encoding="utf-8").replace("  - name: aks\n", NODE_SUBNET)


def pods(found: Compilation) -> list[tuple[str, str]]:
    return [(row.name, row.node) for row in found.pods if row.reason is None]


@pytest.mark.parametrize("model", CHANGES)
def test_one_property_chooses_the_model_and_nothing_else_changes(
    model: str, tmp_path: Path
) -> None:
    text = base()
    old, new = CHANGES[model]
    assert text.count(old or NODE_SUBNET) == 1

    lab, found = compiled(text.replace(old, new) if old else text, tmp_path)

    (cluster,) = lab.clusters
    assert cluster.ipam(cluster.node_pools[0]) is IPAM.get(model, Ipam.NODE_SUBNET)
    _, reference = compiled(text, tmp_path)
    assert pods(found) == pods(reference)
    assert len(pods(found)) == 3
    assert found.nodes.keys() == reference.nodes.keys()


def test_a_word_turns_batches_into_blocks(tmp_path: Path) -> None:
    text = base().replace(
        POOL, f"{POOL}        podSubnet: vnet/pods\n        maxPods: 30\n{BLOCKS}"
    )
    for word, ipam in (("StaticBlock", Ipam.STATIC_BLOCK), ("DynamicIndividual", Ipam.DYNAMIC)):
        lab, found = compiled(text.replace("StaticBlock", word), tmp_path)
        (cluster,) = lab.clusters
        assert cluster.ipam(cluster.node_pools[0]) is ipam
        assert len(pods(found)) == 3
