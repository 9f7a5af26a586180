"""Claims about security groups in front of pods, one test per claim number."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, DeployedLab, deployed

NODE = "node/aks-nodepool1-38241106-vmss000000"
MACHINE = "vm/vm1"

SUBNET = "          addressPrefix: 10.0.0.0/20\n"
GROUP = """\
  networkSecurityGroups:
    - name: aksnsg
      securityRules:
        - name: no-ping-from-machines
          priority: 200
          direction: Inbound
          access: Deny
          protocol: Icmp
          sourceAddressPrefix: 10.0.16.0/24
"""


@pytest.fixture(scope="module")
def one_subnet(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    """Azure CNI with pods in the nodes' subnet, which has a security group."""
    folder = tmp_path_factory.mktemp("one-subnet")
    shutil.copy(REPOSITORY / "examples/nginx.yaml", folder)
    text = (REPOSITORY / "examples/azure-cni-node-subnet.lab.yaml").read_text()
    text = text.replace("  name: azure-cni-node-subnet\n", "  name: one-subnet\n")
    text = text.replace(SUBNET, f"{SUBNET}          networkSecurityGroup: aksnsg\n")
    text = text.replace("\nclusters:", f"{GROUP}\nclusters:")
    file = folder / "one-subnet.lab.yaml"
    file.write_text(text)
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab


def address(lab: DeployedLab, kind: str, name: str) -> str:
    return str(next(row["address"] for row in lab.inspect(kind) if row["name"] == name))


def pod_of(lab: DeployedLab, node: str) -> str:
    """The address of a pod of nginx on `node`."""
    return next(
        str(row["address"])
        for row in lab.inspect("pods")
        if row["owner"] == "nginx" and row["node"] == node.removeprefix("node/")
    )


@pytest.mark.claim("B18")
def test_a_group_of_the_subnet_hits_nodes_and_pods_alike(one_subnet: DeployedLab) -> None:
    """The group can't tell them apart: its one rule refuses both, and TCP reaches both."""
    node, pod = address(one_subnet, "nodes", NODE.removeprefix("node/")), pod_of(one_subnet, NODE)

    assert one_subnet.ping(MACHINE, node).received == 0
    assert one_subnet.ping(MACHINE, pod).received == 0
    fetched = one_subnet.execute(MACHINE, "curl", "-s", "-m", "5", f"http://{pod}/")
    assert "nginx" in fetched.stdout
    rows = one_subnet.inspect("nsg", "--nic", NODE.removeprefix("node/"))
    counted = {row["name"]: row["packets"] for row in rows}
    assert counted["no-ping-from-machines"] == 6
