"""Generated labs: a cluster of so many nodes, and pods spread over them."""

from dataclasses import dataclass
from pathlib import Path

from lab.topology.sources import LabSources, SourceFile

MANIFEST = "pods.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedLab:
    """A lab file and its manifest, as text."""

    name: str
    nodes: int
    pods: int
    lab_file: str
    manifest: str

    def sources(self) -> LabSources:
        """The files as values, for whoever needs no files."""
        manifest = SourceFile(path=MANIFEST, content=self.manifest.encode())
        return LabSources(
            lab=SourceFile(path=f"{self.name}.lab.yaml", content=self.lab_file.encode()),
            manifests=((MANIFEST, manifest),) if self.manifest else (),
        )

    def write(self, folder: Path) -> Path:
        """Writes both files; the path of the lab file."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).write_text(self.manifest, encoding="utf-8")
        path = folder / f"{self.name}.lab.yaml"
        path.write_text(self.lab_file, encoding="utf-8")
        return path


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkModel:
    """What a lab file says of a cluster to choose its network model."""

    cluster: str
    """Properties of the cluster, as the inside of a YAML mapping."""
    pool: str = ""
    """Properties of its node pool."""


POD_CIDR = "podCidr: 10.240.0.0/12"
POD_SUBNET = "podSubnet: vnet01/pods"
KUBENET = NetworkModel(cluster=f"networkPlugin: kubenet, {POD_CIDR}")
MODELS = {
    "kubenet": KUBENET,
    "bridge": NetworkModel(cluster="networkPlugin: azure, networkMode: bridge"),
    "tunnel": NetworkModel(cluster="networkPlugin: azure, networkMode: tunnel"),
    "transparent": NetworkModel(cluster="networkPlugin: azure, networkMode: transparent"),
    "dynamic": NetworkModel(cluster="networkPlugin: azure", pool=POD_SUBNET),
    "static-block": NetworkModel(
        cluster="networkPlugin: azure", pool=f"{POD_SUBNET}, podIPAllocationMode: StaticBlock"
    ),
    "overlay": NetworkModel(
        cluster=f"networkPlugin: azure, networkPluginMode: overlay, {POD_CIDR}"
    ),
}
"""Every network model of AKS, by the name that tables give it."""


def kubenet(*, nodes: int, pods: int) -> GeneratedLab:
    return generated(f"bench-{nodes}x{pods}", KUBENET, nodes=nodes, pods=pods)


SUBNETS = """\
        - {name: nodes, addressPrefix: 10.0.0.0/20}
        - {name: pods, addressPrefix: 10.0.16.0/20}
"""
"""Of every generated cluster's network."""


def generated(name: str, model: NetworkModel, *, nodes: int, pods: int) -> GeneratedLab:
    """Without what AKS puts into kube-system, so that pods are the ones counted.

    With kubenet the ranges hold 400 nodes of 254 pods, its limit.
    """
    pool = f"name: pool, count: {nodes}, subnet: vnet01/nodes"
    if model.pool:
        pool += f", {model.pool}"
    return GeneratedLab(
        name=name,
        nodes=nodes,
        pods=pods,
        lab_file=f"""\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {{name: {name}}}
cloud:
  provider: azure
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets:
{SUBNETS}clusters:
  - {{name: bench, {model.cluster}, serviceCidr: 172.16.0.0/16, systemPods: false,
     nodePools: [{{{pool}}}], manifests: [{MANIFEST}]}}
""",
        manifest=f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {pods}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - {{name: web, image: nginx, ports: [{{containerPort: 80}}]}}
""",
    )
