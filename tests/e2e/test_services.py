"""Services of type ClusterIP with every network model of Azure CNI (kubenet: test_claims_services).

Packets take another way with each: over a bridge that has to translate answers, out to
the fabric and back, by routes. What clients and pods see is the same.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import DeployedLab, deployed

MODELS = {
    "bridge": "networkMode: bridge",
    "tunnel": "networkMode: tunnel",
    "routed": "networkMode: transparent",
    "dynamic": "",
    "overlay": "networkPluginMode: overlay, podCidr: 10.244.0.0/16",
}

HEAD = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: services}
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets:
        - {name: pods, addressPrefix: 10.0.100.0/24}
"""

MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-MODEL}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: hello}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  clusterIP: 10.2.0.80
  ports: [{port: 8080, targetPort: 80}]
---
apiVersion: v1
kind: Pod
metadata: {name: client-MODEL}
spec: {containers: [{name: client, image: netshoot}]}
"""

ASK = (
    "for each in $(seq 64); do curl -s --max-time 5 http://10.2.0.80:8080/ || echo LOST; done"
    ' | grep -o -e LOST -e \'"address": "[^"]*"\''
)
"""Prints two addresses for each answer: the pod's, and its client's as the pod sees it."""


def lab_file() -> str:
    lines = [HEAD]
    for number, model in enumerate(MODELS):
        lines.append(f"        - {{name: {model}, addressPrefix: 10.0.{number}.0/24}}\n")
    lines.append("clusters:\n")
    for model, words in MODELS.items():
        pods = ", podSubnet: vnet01/pods" if model == "dynamic" else ""
        more = f", {words}" if words else ""
        lines.append(
            f"  - {{name: {model}, networkPlugin: azure{more}, serviceCidr: 10.2.0.0/24,\n"
            f"     systemPods: false, manifests: [{model}.yaml], nodePools:\n"
            f"     [{{name: {model}, count: 2, subnet: vnet01/{model}{pods}}}]}}\n"
        )
    return "".join(lines)


@pytest.fixture(scope="module")
def lab(
    runtime: str, state_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedLab]:
    folder = tmp_path_factory.mktemp("services")
    for model in MODELS:
        (folder / f"{model}.yaml").write_text(MANIFESTS.replace("MODEL", model))
    file = folder / "services.lab.yaml"
    file.write_text(lab_file())
    with deployed(file, runtime=runtime, state_directory=state_directory) as made:
        yield made


def exchanges(lab: DeployedLab, source: str) -> list[tuple[str, str]]:
    """(pod that answered, client that it saw) of each connection."""
    printed = lab.output(source, "sh", "-c", ASK)
    assert "LOST" not in printed
    found = re.findall(r'"address": "([^"]+)"', printed)
    return list(zip(found[::2], found[1::2], strict=True))


@pytest.mark.parametrize("model", MODELS)
def test_a_pod_reaches_pods_of_its_own_node_and_of_others_as_itself(
    lab: DeployedLab, model: str
) -> None:
    rows = lab.inspect("pods")
    web = {row["address"] for row in rows if row["owner"] == f"web-{model}"}
    own = next(row["address"] for row in rows if row["name"] == f"client-{model}")
    nodes = {row["node"] for row in rows if row["owner"] == f"web-{model}"}

    seen = exchanges(lab, f"pod/client-{model}")

    assert len(nodes) == 2
    assert {pod for pod, _ in seen} == web
    assert {client for _, client in seen} == {own}


@pytest.mark.parametrize("model", MODELS)
def test_a_pod_reaches_itself_as_its_node(lab: DeployedLab, model: str) -> None:
    rows = lab.inspect("pods")
    own = next(row for row in rows if row["owner"] == f"web-{model}" and row["ordinal"] == 0)
    node = next(row["address"] for row in lab.inspect("nodes") if row["name"] == own["node"])

    seen = exchanges(lab, f"pod/web-{model}-0")

    clients = {client for pod, client in seen if pod == own["address"]}
    assert clients == {node}
    assert {client for pod, client in seen if pod != own["address"]} == {own["address"]}
