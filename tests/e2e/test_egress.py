"""Ways to the Internet, by packets: what the examples don't say themselves (semantics 2.6)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, DeployedLab, deployed

FLOWS = """
import socket, struct, sys
server, other = "203.0.113.10", "203.0.113.11"

def flow(address):
    opened = socket.socket()
    opened.settimeout(1)
    try:
        opened.connect((address, 80))
    except TimeoutError:
        return None
    return opened

held = [flow(server) for _ in range(8)]
print("held", sum(each is not None for each in held))
print("ninth", "lost" if flow(server) is None else "connected")
print("elsewhere", "lost" if flow(other) is None else "connected")
released = held.pop()
released.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
released.close()
for _ in range(30):
    if flow(server) is not None:
        print("released", "connected")
        break
"""


@pytest.fixture(scope="module")
def shared(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    """Eight ports for each machine, and a second server."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copy(REPOSITORY / "examples/nginx.yaml", folder)
    text = (REPOSITORY / "examples/outbound-load-balancer.lab.yaml").read_text()
    text = text.replace("  name: outbound-load-balancer\n", "  name: shared-ports\n")
    server = "    - {name: server, address: 203.0.113.10}\n"
    text = text.replace(server, f"{server}    - {{name: other, address: 203.0.113.11}}\n")
    file = folder / "shared-ports.lab.yaml"
    file.write_text(text)
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab


def test_without_a_free_port_a_flow_is_lost_until_one_is_released(shared: DeployedLab) -> None:
    """Silently: the ninth flow to one destination times out, one to another is carried."""
    assert shared.output("vm/batch1", "python3", "-c", FLOWS).split("\n")[:4] == [
        "held 8",
        "ninth lost",
        "elsewhere connected",
        "released connected",
    ]


@pytest.mark.claim("H1")
def test_nodes_and_pods_reach_the_internet(shared: DeployedLab) -> None:
    for place in ("pod/nginx-0", "pod/nginx-1", "node/aks-nodepool1-52243381-vmss000000"):
        fetched = shared.execute(place, "curl", "-s", "-m", "5", "http://203.0.113.10/")
        assert '"node"' in fetched.stdout, place


@pytest.mark.claim("H4")
def test_what_leaves_a_pod_for_outside_is_translated(shared: DeployedLab) -> None:
    """Twice: to its node's address by the node, to the shared address by the switch."""
    front = next(
        str(row["address"]) for row in shared.inspect("nodes") if row["name"] == "aks01-kubernetes"
    )
    pod = next(row for row in shared.inspect("pods") if row["owner"] == "nginx")
    node = next(row for row in shared.inspect("nodes") if row["name"] == pod["node"])
    with (
        shared.capture(f"node/{pod['node']}", "eth0", "tcp dst port 80") as at_the_node,
        shared.capture("internet/server", "eth0", "dst port 80") as at_the_server,
    ):
        shared.execute(f"pod/{pod['name']}", "curl", "-s", "-m", "5", "http://203.0.113.10/")

    assert any(f"IP {node['address']}." in line for line in at_the_node)
    assert any(f"IP {front}." in line for line in at_the_server)
    assert not any(str(pod["address"]) in line for line in [*at_the_node, *at_the_server])
