"""A small lab with one manifest, for the tests of this folder."""

from textwrap import dedent

from lab.kube.manifests import ClusterManifests, Deployment, Pod
from lab.kube.objects import parse_lab
from lab.topology.problems import LabFileError, Problem
from lab.topology.sources import LabSources, SourceFile

LAB = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: small}
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets: [{name: vlan01, addressPrefix: 10.0.0.0/22}]
clusters:
  - name: aks01
    serviceCidr: 172.16.1.0/24
    nodePools: [{name: pool, count: 2, subnet: vnet01/vlan01, scaleSet: aks-pool-1-vmss}]
    manifests: [objects.yaml]
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: nginx}
spec:
  replicas: 3
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec:
      containers:
        - name: nginx
          image: nginx
"""


def pod(name: str = "client", spec: str = "", container: str = "", metadata: str = "") -> str:
    """A Pod; each argument adds fields in YAML's flow style."""
    own = f"{spec}, " if spec else ""
    return (
        "---\napiVersion: v1\nkind: Pod\n"
        f"metadata: {{name: {name}, {metadata}}}\n"
        f"spec: {{{own}containers: [{{name: main, image: agnhost, {container}}}]}}\n"
    )


def sources(manifest: str, *, lab: str = "") -> LabSources:
    return LabSources(
        lab=SourceFile(path="a.lab.yaml", content=(LAB + dedent(lab)).encode()),
        manifests=(("objects.yaml", SourceFile(path="objects.yaml", content=manifest.encode())),),
    )


def objects(manifest: str, *, lab: str = "") -> ClusterManifests:
    _, manifests = parse_lab(sources(manifest, lab=lab))
    return manifests.of("aks01")


def problems(manifest: str, *, lab: str = "") -> tuple[Problem, ...]:
    try:
        parse_lab(sources(manifest, lab=lab))
    except LabFileError as error:
        return error.problems
    return ()


def messages(manifest: str, *, lab: str = "") -> list[str]:
    return [problem.message for problem in problems(manifest, lab=lab)]


def only_pod(manifest: str) -> Pod:
    (found,) = objects(manifest).pods
    return found


def only_deployment(manifest: str) -> Deployment:
    (found,) = objects(manifest).deployments
    return found
