"""Services of type LoadBalancer from the Internet, by packets (semantics 3.2, 3.3).

Three nodes, and one pod on the last of them: two thirds of what a load balancer spreads
comes to a node that has to pass it on.
"""

import json
import operator
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import DeployedLab, deployed
from tests.e2e.members import eventually

NODES = tuple(f"aks-pool-00000000-vmss00000{number}" for number in range(3))
PODS_NODE = NODES[2]
CLIENT = "203.0.113.10"
TIMED_OUT = 28
"""What `curl` ends with when nobody says anything."""

LAB = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: exposed}
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets:
        - {name: nodes, addressPrefix: 10.0.0.0/24}
clusters:
  - name: aks01
    networkPlugin: kubenet
    serviceCidr: 172.16.1.0/24
    systemPods: false
    nodePools:
      - {name: pool, count: 3, subnet: vnet01/nodes, scaleSet: aks-pool-00000000-vmss}
    manifests: [services.yaml]
internet:
  hosts:
    - {name: client, address: 203.0.113.10}
    - {name: other, address: 203.0.113.20}
"""

POD = f"""\
apiVersion: v1
kind: Pod
metadata: {{name: web, labels: {{app: web}}}}
spec:
  nodeName: {PODS_NODE}
  containers: [{{name: web, image: nginx, ports: [{{containerPort: 8080}}]}}]
"""

SERVICES = """\
---
apiVersion: v1
kind: Service
metadata: {name: any}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: own}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: few}
spec:
  type: LoadBalancer
  loadBalancerSourceRanges: [203.0.113.20/32]
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
"""

WHO = """
import http.client, json, sys
for _ in range(int(sys.argv[2])):
    asked = http.client.HTTPConnection(sys.argv[1], 80, timeout=5)
    asked.request("GET", "/")
    print(json.load(asked.getresponse())["client"]["address"], flush=True)
    asked.close()
"""
"""Whom the pod sees of so many connections."""


@pytest.fixture(scope="module")
def exposed(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    folder = tmp_path_factory.mktemp("exposed")
    (folder / "services.yaml").write_text(POD + SERVICES)
    file = folder / "exposed.lab.yaml"
    file.write_text(LAB)
    with deployed(file, runtime=runtime, state_directory=state_directory) as lab:
        yield lab


def services(lab: DeployedLab) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in lab.inspect("services") if row["type"] == "LoadBalancer"}


def seen(lab: DeployedLab, address: str, *, count: int) -> Counter[str]:
    """Whom the pod sees when the client asks `address`."""
    printed = lab.output("internet/client", "python3", "-c", WHO, address, str(count))
    return Counter(printed.split())


def curl(lab: DeployedLab, client: str, address: str, *, port: int = 80) -> int:
    """How `curl` ends when `client` asks."""
    asked = ("curl", "-s", "-o", "/dev/null", "--max-time", "2", f"http://{address}:{port}/")
    return lab.execute(client, *asked, check=False).returncode


def answers(lab: DeployedLab, client: str, address: str) -> bool:
    """Whether anybody answers `client` at all."""
    return curl(lab, client, address) == 0


def flows_counted(lab: DeployedLab, node: str, address: str) -> list[int]:
    """What a node's nat table has counted, rule after rule from `address` to the pod's.

    It sees the first packet of a connection alone.
    """
    text = lab.output(f"node/{node}", "iptables-save", "-c", "-t", "nat")
    rules = re.findall(r"^\[(\d+):\d+\] -A (\S+) (.*)-j (\S+)", text, re.M)
    chain, which, counted = "KUBE-SERVICES", f"-d {address}/32 ", []
    while chain != "DNAT":
        ((flows, chain),) = [
            (int(packets), target)
            for packets, own, matches, target in rules
            if own == chain and which in matches and target != "KUBE-MARK-MASQ"
        ]
        which = ""
        counted.append(flows)
    return counted


@pytest.mark.claim("E3")
@pytest.mark.claim("E28")
def test_a_service_gets_an_address_and_a_rule_for_its_port(exposed: DeployedLab) -> None:
    """Without a rule that the user wrote."""
    found = services(exposed)
    addresses = {row["external_ip"] for row in found.values()}
    rules = exposed.inspect("loadbalancers")

    assert len(addresses) == 3
    assert {row["frontend"] for row in rules} == addresses
    for name in ("any", "own"):
        own = found[name]["external_ip"]
        wanted = dict.fromkeys(NODES, "Up" if name == "any" else "Down") | {PODS_NODE: "Up"}
        eventually(exposed, wanted, frontend=own)
        assert answers(exposed, "internet/client", own)


@pytest.mark.claim("A26")
@pytest.mark.claim("E4")
@pytest.mark.claim("E17")
def test_nothing_else_leads_from_outside_to_a_pod(exposed: DeployedLab) -> None:
    """Not another port of the address, nor its node port there, nor the pod's own address.

    Nobody refuses either: what asks for them is dropped, and runs out of time.
    """
    row = services(exposed)["any"]
    node_port = int(row["ports"].split(":")[1].split("/")[0])
    (pod,) = (each for each in exposed.inspect("pods") if each["name"] == "web")

    assert answers(exposed, "internet/client", row["external_ip"])
    for port in (81, 8080, node_port):
        assert curl(exposed, "internet/client", row["external_ip"], port=port) == TIMED_OUT
    assert curl(exposed, "internet/client", pod["address"], port=8080) == TIMED_OUT


@pytest.mark.claim("E19")
@pytest.mark.claim("E20")
def test_connections_come_to_all_nodes_and_two_thirds_go_on(exposed: DeployedLab) -> None:
    """A node that passes a connection on is who the pod sees; kubenet's own node is its bridge."""
    address = services(exposed)["any"]["external_ip"]
    eventually(exposed, dict.fromkeys(NODES, "Up"), frontend=address)
    nodes = {row["name"]: row for row in exposed.inspect("nodes")}
    found = seen(exposed, address, count=60)
    bridge = str(nodes[PODS_NODE]["pod_cidr"]).replace(".0/24", ".1")
    passed_on = [found[nodes[name]["address"]] for name in NODES[:2]]

    assert found.keys() == {bridge, *(nodes[name]["address"] for name in NODES[:2])}
    assert all(passed_on)
    # 40 of 60 are expected; five times the standard deviation is 18.
    assert 22 <= sum(passed_on) <= 58


@pytest.mark.claim("E23")
def test_the_node_that_a_connection_comes_to_picks_the_pod(exposed: DeployedLab) -> None:
    """In its own nat table, and nowhere else, although the pod is on another node."""
    address = services(exposed)["any"]["external_ip"]
    eventually(exposed, dict.fromkeys(NODES, "Up"), frontend=address)
    addresses = {row["name"]: row["address"] for row in exposed.inspect("nodes")}
    before = {node: flows_counted(exposed, node, address) for node in NODES}
    found = seen(exposed, address, count=40)
    came_to = {node: found[addresses[node]] for node in NODES[:2]}
    came_to[PODS_NODE] = 40 - sum(came_to.values())

    for node, flows in came_to.items():
        after = flows_counted(exposed, node, address)
        to_service, *to_pod = map(operator.sub, after, before[node])
        assert to_service == flows > 0
        # Probes, which ask the node port, come by these rules too.
        assert len(to_pod) == 3
        assert min(to_pod) >= flows


@pytest.mark.claim("E21")
def test_with_the_policy_local_the_pods_node_is_asked_alone(exposed: DeployedLab) -> None:
    address = services(exposed)["own"]["external_ip"]
    eventually(exposed, dict.fromkeys(NODES[:2], "Down") | {PODS_NODE: "Up"}, frontend=address)
    with exposed.capture(f"node/{NODES[0]}", "eth0", f"host {address}") as packets:
        found = seen(exposed, address, count=20)

    assert found == {CLIENT: 20}
    assert packets == []


@pytest.mark.claim("E26")
def test_whom_a_service_answers_is_everybody_or_its_ranges(exposed: DeployedLab) -> None:
    found = services(exposed)
    eventually(exposed, dict.fromkeys(NODES, "Up"), frontend=found["few"]["external_ip"])

    for client in ("internet/client", "internet/other"):
        assert answers(exposed, client, found["any"]["external_ip"])
    assert answers(exposed, "internet/other", found["few"]["external_ip"])
    assert curl(exposed, "internet/client", found["few"]["external_ip"]) == TIMED_OUT


@pytest.mark.claim("E27")
def test_rules_and_address_come_and_go_with_the_service(exposed: DeployedLab) -> None:
    def rules() -> set[str]:
        done = exposed.vnetlab("inspect", "nsg", "-n", exposed.name, "--format", "json")
        return {
            row["name"] for row in json.loads(done.stdout) if row["name"].startswith("k8s-azure-lb")
        }

    before, address = rules(), services(exposed)["any"]["external_ip"]
    objects = exposed.file.parent / "services.yaml"
    objects.write_text(POD)
    exposed.deploy()

    assert len(before) == 3
    assert rules() == set()
    assert services(exposed) == {}
    assert exposed.inspect("loadbalancers") == []
    assert not answers(exposed, "internet/client", address)
    objects.write_text(POD + SERVICES)
    exposed.deploy()
    assert rules() == before
