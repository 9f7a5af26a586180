"""outboundType of a cluster, by packets: whose address the Internet sees (semantics 2.6)."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import REPOSITORY, DeployedLab, deployed

LAB = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: outbound-types}
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets:
        - {name: managed, addressPrefix: 10.0.0.0/24}
        - {name: balanced, addressPrefix: 10.0.1.0/24}
        - {name: balanced-pods, addressPrefix: 10.0.11.0/24}
        - {name: routed, addressPrefix: 10.0.2.0/24, routeTable: to-the-appliance}
        - {name: blocked, addressPrefix: 10.0.3.0/24}
        - {name: appliances, addressPrefix: 10.0.4.0/24}
  routeTables:
    - name: to-the-appliance
      routes:
        - name: everything
          addressPrefix: 0.0.0.0/0
          nextHopType: VirtualAppliance
          nextHopIpAddress: 10.0.4.4
  publicIPAddresses: [{name: appliance-ip, ipAddress: 198.51.100.200}]
x-cluster: &cluster
  networkPlugin: azure
  serviceCidr: 172.16.0.0/24
  systemPods: false
  manifests: [nginx.yaml]
x-pool: &pool {name: p, count: 1, maxPods: 10}
clusters:
  - <<: *cluster
    name: managed
    outboundType: managedNATGateway
    nodePools: [{<<: *pool, subnet: vnet01/managed}]
  - <<: *cluster
    name: balanced
    outboundType: loadBalancer
    nodePools: [{<<: *pool, subnet: vnet01/balanced, podSubnet: vnet01/balanced-pods}]
  - <<: *cluster
    name: routed
    networkPluginMode: overlay
    outboundType: userDefinedRouting
    nodePools: [{<<: *pool, subnet: vnet01/routed}]
  - <<: *cluster
    name: blocked
    outboundType: block
    nodePools: [{<<: *pool, subnet: vnet01/blocked}]
virtualMachines:
  - name: appliance
    subnet: vnet01/appliances
    privateIpAddress: 10.0.4.4
    publicIPAddress: appliance-ip
    enableIPForwarding: true
    sysctls: {net.ipv4.ip_forward: 1}
"""
MASQUERADING = """
add table ip outbound
add chain ip outbound translated { type nat hook postrouting priority 100; }
add rule ip outbound translated oifname eth0 masquerade
"""


@pytest.fixture(scope="module")
def outbound(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    folder = tmp_path_factory.mktemp("outbound")
    shutil.copy(REPOSITORY / "examples/nginx.yaml", folder)
    file = folder / "outbound-types.lab.yaml"
    file.write_text(LAB)
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        lab.execute("vm/appliance", "nft", MASQUERADING)
        yield lab


def places(lab: DeployedLab, cluster: str) -> tuple[str, str]:
    """The node of a cluster and one of its pods."""
    (node,) = (row["name"] for row in lab.inspect("nodes") if row["cluster"] == cluster)
    pod = next(row["name"] for row in lab.inspect("pods") if row["node"] == node)
    return f"node/{node}", f"pod/{pod}"


def seen(lab: DeployedLab, place: str) -> str | None:
    """Whom a host of the Internet sees."""
    done = lab.execute(place, "curl", "-s", "-m", "3", "http://203.0.113.10/", check=False)
    return str(json.loads(done.stdout)["client"]["address"]) if done.stdout else None


@pytest.mark.parametrize(
    ("cluster", "edge"),
    [("managed", "managed-natgateway"), ("balanced", "balanced-kubernetes")],
)
def test_nodes_and_pods_share_what_the_cluster_made(
    outbound: DeployedLab, cluster: str, edge: str
) -> None:
    """Pods with addresses of a pod subnet go the cluster's way as well (semantics 8)."""
    address = next(row["address"] for row in outbound.inspect("nodes") if row["name"] == edge)

    assert {seen(outbound, place) for place in places(outbound, cluster)} == {address}


def test_with_user_defined_routing_everything_leaves_by_the_appliance(
    outbound: DeployedLab,
) -> None:
    assert {seen(outbound, place) for place in places(outbound, "routed")} == {"198.51.100.200"}


def test_blocked_nodes_and_pods_have_no_way_out(outbound: DeployedLab) -> None:
    assert {seen(outbound, place) for place in places(outbound, "blocked")} == {None}
