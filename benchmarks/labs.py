"""Generated labs: a kubenet cluster of so many nodes, and pods spread over them."""

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
            manifests=((MANIFEST, manifest),),
        )

    def write(self, folder: Path) -> Path:
        """Writes both files; the path of the lab file."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).write_text(self.manifest, encoding="utf-8")
        path = folder / f"{self.name}.lab.yaml"
        path.write_text(self.lab_file, encoding="utf-8")
        return path


def kubenet(*, nodes: int, pods: int) -> GeneratedLab:
    """Without what AKS puts into kube-system, so that pods are the ones counted.

    The ranges hold 400 nodes of 254 pods, kubenet's limit.
    """
    name = f"bench-{nodes}x{pods}"
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
      subnets: [{{name: nodes, addressPrefix: 10.0.0.0/20}}]
clusters:
  - name: bench
    networkPlugin: kubenet
    podCidr: 10.240.0.0/12
    serviceCidr: 172.16.0.0/16
    dnsServiceIP: 172.16.0.10
    systemPods: false
    nodePools: [{{name: pool, count: {nodes}, subnet: vnet01/nodes}}]
    manifests: [{MANIFEST}]
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
