"""Claims B3, B5, B12 to B16 and B21: Azure CNI in transparent mode, by packets.

One test per claim number of the register, on the example lab; what can be told
without packets is in ``tests/unit/lab/compile/test_azure_cni.py``.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, DeployedLab, deployed

NODE0 = "node/aks-nodepool1-38241106-vmss000000"
NODE0_ADDRESS, NODE1_ADDRESS = "10.0.0.4", "10.0.0.35"
POD = "pod/nginx-1"
"""On the first node."""
POD_ADDRESS = "10.0.0.9"
REMOTE_ADDRESS = "10.0.0.37"
MACHINE = "vm/vm1"
MACHINE_ADDRESS = "10.0.16.4"


@pytest.fixture(scope="module")
def azure(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    folder = tmp_path_factory.mktemp("azure")
    shutil.copy(REPOSITORY / "examples/nginx.yaml", folder)
    file = Path(shutil.copy(REPOSITORY / "examples/azure-cni-node-subnet.lab.yaml", folder))
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab


@pytest.mark.claim("B3")
def test_pods_hang_on_their_node_by_a_route_each_and_no_bridge(azure: DeployedLab) -> None:
    pods = {
        str(row["address"])
        for row in azure.inspect("pods")
        if f"node/{row['node']}" == NODE0 and not row["host_network"]
    }
    routes = azure.output(NODE0, "ip", "route", "show")

    assert set(re.findall(r"^(\S+) dev azv[0-9a-f]{11} scope link", routes, re.M)) == pods
    assert azure.output(NODE0, "ip", "-o", "link", "show", "type", "bridge") == ""


@pytest.mark.claim("B12")
def test_a_pod_has_the_mask_of_the_whole_subnet(azure: DeployedLab) -> None:
    assert f"inet {POD_ADDRESS}/20 " in azure.output(POD, "ip", "-o", "-4", "addr", "show", "eth0")


@pytest.mark.parametrize(
    ("address", "ttl"),
    [
        pytest.param(NODE0_ADDRESS, 64, marks=pytest.mark.claim("B13")),
        pytest.param(NODE1_ADDRESS, 63, marks=pytest.mark.claim("B14")),
        pytest.param(REMOTE_ADDRESS, 62, marks=pytest.mark.claim("B15")),
    ],
)
def test_replies_have_lost_one_for_each_node_that_forwarded_them(
    azure: DeployedLab, address: str, ttl: int
) -> None:
    seen = azure.ping(POD, address)

    assert (seen.received, seen.ttls) == (3, {ttl})


@pytest.mark.claim("B16")
def test_nothing_of_it_needs_a_user_defined_route(azure: DeployedLab) -> None:
    routes = azure.inspect("routes", "--subnet", "vnet01/vlan01")

    assert routes
    assert {str(row["source"]).lower() for row in routes} == {"default"}
    for address in (NODE0_ADDRESS, NODE1_ADDRESS, REMOTE_ADDRESS):
        assert azure.ping(POD, address, count=1).received == 1


@pytest.mark.claim("B5")
def test_a_machine_of_another_subnet_reaches_a_pod(azure: DeployedLab) -> None:
    assert azure.ping(MACHINE, POD_ADDRESS).ttls == {63}


@pytest.mark.claim("B21")
def test_inside_the_virtual_network_a_packet_keeps_the_pods_address(azure: DeployedLab) -> None:
    with azure.capture(MACHINE, "eth0", "icmp") as packets:
        azure.ping(POD, MACHINE_ADDRESS, count=1)

    requests = [line for line in packets if "echo request" in line]
    assert requests
    assert all(f"IP {POD_ADDRESS} > {MACHINE_ADDRESS}" in line for line in requests)
