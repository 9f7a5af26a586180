"""Services of type NodePort and LoadBalancer, as nodes answer for them, by packets.

Pods of each cluster run on its first node, so that the second one has none: what it is
asked for, it passes on, drops or refuses. How packets come from a load balancer's address to
nodes is no matter of these tests; from pods and nodes it is asked without one.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import DeployedLab, deployed

MODELS = {
    "kubenet": "networkPlugin: kubenet, podCidr: 10.244.0.0/16",
    "bridge": "networkPlugin: azure, networkMode: bridge",
    "tunnel": "networkPlugin: azure, networkMode: tunnel",
    "routed": "networkPlugin: azure, networkMode: transparent",
}

HEAD = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: node-ports}
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets:
        - {name: machines, addressPrefix: 10.0.100.0/24}
"""

MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-MODEL}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeName: aks-MODEL-vmss000000
      containers:
        - name: web
          image: hello
          ports:
            - {name: http, containerPort: 80}
            - {name: echo, containerPort: 7, protocol: UDP}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports:
    - {name: http, port: 80, nodePort: 30080}
    - {name: echo, port: 7, protocol: UDP, nodePort: 30007}
---
apiVersion: v1
kind: Service
metadata: {name: local}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  healthCheckNodePort: 30082
  selector: {app: web}
  ports:
    - {port: 80, nodePort: 30081}
---
apiVersion: v1
kind: Service
metadata: {name: few}
spec:
  type: LoadBalancer
  loadBalancerSourceRanges: [10.0.200.0/24]
  selector: {app: web}
  ports:
    - {port: 80, nodePort: 30083}
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  healthCheckNodePort: 30085
  ports:
    - {port: 80, nodePort: 30084}
---
apiVersion: v1
kind: Pod
metadata: {name: client-MODEL}
spec:
  nodeName: aks-MODEL-vmss000001
  containers: [{name: client, image: netshoot}]
"""

CLIENT = "vm/client"
REFUSED, TIMEOUT = 7, 28
"""curl's."""

TIMES = 16
"""To two pods: that one of them gets none happens in one run of 32768."""


def lab_file() -> str:
    lines = [HEAD]
    for number, model in enumerate(MODELS):
        lines.append(f"        - {{name: {model}, addressPrefix: 10.0.{number}.0/24}}\n")
    lines.append(
        "virtualMachines: [{name: client, subnet: vnet01/machines, "
        "privateIPAddress: 10.0.100.4}]\n"
        "clusters:\n"
    )
    for model, words in MODELS.items():
        lines.append(
            f"  - {{name: {model}, {words}, serviceCidr: 10.2.0.0/24,\n"
            f"     systemPods: false, manifests: [{model}.yaml], nodePools: [{{name: {model},\n"
            f"     count: 2, subnet: vnet01/{model}, scaleSet: aks-{model}-vmss}}]}}\n"
        )
    lines.append("tests:\n")
    for model in MODELS:
        for node in (0, 1):
            lines.append(
                f"  - {{name: UDP of {model} at node {node}, from: {CLIENT},\n"
                f"     to: node/aks-{model}-vmss00000{node}, expect: {{udp: {{port: 30007}}}}}}\n"
            )
    return "".join(lines)


@pytest.fixture(scope="module")
def lab(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    folder = tmp_path_factory.mktemp("node-ports")
    for model in MODELS:
        (folder / f"{model}.yaml").write_text(MANIFESTS.replace("MODEL", model))
    file = folder / "node-ports.lab.yaml"
    file.write_text(lab_file())
    with deployed(file, runtime=runtime, state_directory=state_directory) as made:
        yield made


@pytest.fixture(scope="module", params=MODELS)
def cluster(lab: DeployedLab, request: pytest.FixtureRequest) -> "Cluster":
    return Cluster(lab, request.param)


class Cluster:
    """A cluster of the lab, and who asks it."""

    def __init__(self, lab: DeployedLab, model: str) -> None:
        self.lab = lab
        self.model = model
        self.nodes = [row["address"] for row in lab.inspect("nodes") if row["cluster"] == model]
        pods = lab.inspect("pods")
        self.web = {row["address"] for row in pods if row["owner"] == f"web-{model}"}
        self.client = next(row["address"] for row in pods if row["name"] == f"client-{model}")
        self.services = {
            row["name"]: row for row in lab.inspect("services") if row["cluster"] == model
        }

    @property
    def seen_on_its_node(self) -> str:
        """What the node's own pods see of who is masqueraded (semantics 3.2)."""
        if self.model == "kubenet":
            return min(self.web).rpartition(".")[0] + ".1"
        return str(self.nodes[0])

    def node(self, number: int) -> str:
        return f"node/aks-{self.model}-vmss00000{number}"

    def ask(self, source: str, where: str) -> list[tuple[str, str]]:
        """(pod that answered, client that it saw) of each of many connections."""
        script = (
            f"for each in $(seq {TIMES}); do curl -s --max-time 5 http://{where}/ || echo LOST;"
            """ done | grep -o -e LOST -e '"address": "[^"]*"'"""
        )
        printed = self.lab.output(source, "sh", "-c", script)
        assert "LOST" not in printed
        found = re.findall(r'"address": "([^"]+)"', printed)
        return list(zip(found[::2], found[1::2], strict=True))

    def fails(self, source: str, where: str) -> int:
        """How curl ended."""
        done = self.lab.execute(
            source, "curl", "-sS", "--max-time", "1", f"http://{where}/", check=False
        )
        return done.returncode


def test_a_second_deploy_changes_nothing(lab: DeployedLab) -> None:
    assert "nothing to change" in lab.deploy()


@pytest.mark.claim("E2", "E30")
def test_a_node_port_is_answered_by_every_node_as_that_node(cluster: Cluster) -> None:
    for address, seen in zip(
        cluster.nodes, (cluster.seen_on_its_node, cluster.nodes[1]), strict=True
    ):
        exchanges = cluster.ask(CLIENT, f"{address}:30080")

        assert {pod for pod, _ in exchanges} == cluster.web
        assert {client for _, client in exchanges} == {seen}
    inside = cluster.ask(
        f"pod/client-{cluster.model}", f"{cluster.services['web']['cluster_ip']}:80"
    )
    assert {pod for pod, _ in inside} == cluster.web


def test_udp_has_node_ports_too(lab: DeployedLab) -> None:
    """At nodes with pods and at those without."""
    assert "8 passed" in lab.vnetlab("test", "-n", lab.name).stdout


def test_with_the_policy_local_pods_see_who_asks(cluster: Cluster) -> None:
    """From elsewhere and from the subnet of the nodes."""
    for source, address in ((CLIENT, "10.0.100.4"), (cluster.node(1), cluster.nodes[1])):
        exchanges = cluster.ask(source, f"{cluster.nodes[0]}:30081")

        assert {pod for pod, _ in exchanges} == cluster.web
        assert {client for _, client in exchanges} == {address}


def test_with_the_policy_local_a_node_without_pods_drops(cluster: Cluster) -> None:
    assert cluster.fails(CLIENT, f"{cluster.nodes[1]}:30081") == TIMEOUT


def test_without_pods_every_node_refuses(cluster: Cluster) -> None:
    for address in cluster.nodes:
        assert cluster.fails(CLIENT, f"{address}:30084") == REFUSED


def test_nodes_say_whether_they_have_pods(cluster: Cluster) -> None:
    told = []
    for service, port in (("local", 30082), ("nobody", 30085)):
        for address in cluster.nodes:
            printed = cluster.lab.output(
                CLIENT, "curl", "-s", "-w", "\n%{http_code}", f"http://{address}:{port}/healthz"
            )
            body, _, status = printed.rpartition("\n")
            document = json.loads(body)
            assert document["service"] == {"namespace": "default", "name": service}
            told.append((int(status), document["localEndpoints"]))
    assert told == [(200, 2), (503, 0), (503, 0), (503, 0)]


def test_pods_and_nodes_ask_all_pods_whatever_the_policy(cluster: Cluster) -> None:
    """As if they had come back from the load balancer; its address never leaves the node."""
    external = cluster.services["local"]["external_ip"]
    for where in (f"{external}:80", f"{cluster.nodes[1]}:30081"):
        exchanges = cluster.ask(f"pod/client-{cluster.model}", where)
        assert {pod for pod, _ in exchanges} == cluster.web
        assert {client for _, client in exchanges} == {cluster.client}
    for where in (f"{external}:80", f"{cluster.nodes[1]}:30081", "127.0.0.1:30080"):
        exchanges = cluster.ask(cluster.node(1), where)
        assert {pod for pod, _ in exchanges} == cluster.web
        assert {client for _, client in exchanges} == {cluster.nodes[1]}


def test_a_pod_that_answers_reaches_itself_at_its_node(cluster: Cluster) -> None:
    exchanges = cluster.ask(f"pod/web-{cluster.model}-0", f"{cluster.nodes[0]}:30080")

    assert {pod for pod, _ in exchanges} == cluster.web
    assert {client for _, client in exchanges} == {cluster.seen_on_its_node}


def test_source_ranges_hold_at_the_address_of_the_cloud_and_not_at_nodes(
    cluster: Cluster,
) -> None:
    external = cluster.services["few"]["external_ip"]

    assert cluster.fails(f"pod/client-{cluster.model}", f"{external}:80") == TIMEOUT
    assert cluster.ask(CLIENT, f"{cluster.nodes[1]}:30083")


def test_what_a_service_no_longer_has_is_answered_no_more(lab: DeployedLab) -> None:
    """And who has it again has the same numbers."""
    cluster = Cluster(lab, "kubenet")
    manifest = lab.file.parent / f"{cluster.model}.yaml"
    before = manifest.read_text()
    ports = {name: row["ports"] for name, row in cluster.services.items()}
    try:
        manifest.write_text(
            before.replace("  externalTrafficPolicy: Local\n  healthCheckNodePort: 30082\n", "")
        )
        lab.deploy()
        assert cluster.fails(CLIENT, f"{cluster.nodes[0]}:30082") == REFUSED
        assert cluster.ask(CLIENT, f"{cluster.nodes[1]}:30081")
    finally:
        manifest.write_text(before)
        lab.deploy()
    again = Cluster(lab, cluster.model)
    assert {name: row["ports"] for name, row in again.services.items()} == ports
    assert cluster.fails(CLIENT, f"{cluster.nodes[0]}:30082") == 0
    assert cluster.fails(CLIENT, f"{cluster.nodes[1]}:30081") == TIMEOUT
