"""A small lab with everything in it that the cloud process passes on."""

from lab.topology.sources import LabSources, SourceFile

LAB = b"""\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: small}
cloud:
  provider: azure
  virtualNetworks:
    - name: vnet
      addressPrefixes: [10.0.0.0/16]
      subnets:
        - {name: nodes, addressPrefix: 10.0.0.0/24, networkSecurityGroup: group}
        - {name: machines, addressPrefix: 10.0.1.0/24, routeTable: table}
  routeTables:
    - name: table
      routes:
        - {name: nowhere, addressPrefix: 192.0.2.0/24, nextHopType: None}
  networkSecurityGroups:
    - name: group
      securityRules:
        - name: no-telnet
          priority: 100
          direction: Outbound
          access: Deny
          protocol: Tcp
          destinationPortRange: "23"
clusters:
  - name: cluster
    networkPlugin: kubenet
    podCidr: 10.244.0.0/16
    serviceCidr: 10.245.0.0/16
    dnsServiceIP: 10.245.0.10
    nodePools: [{name: pool, count: 1, subnet: vnet/nodes}]
    manifests: [web.yaml]
    systemPods: false
virtualMachines:
  - {name: vm1, subnet: vnet/machines}
"""

WEB = b"""\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80}]
"""

CLUSTER = LabSources(
    lab=SourceFile(path="small.lab.yaml", content=LAB),
    manifests=(("web.yaml", SourceFile(path="web.yaml", content=WEB)),),
)


def changed(*words: str) -> LabSources:
    """`CLUSTER` with the first, third … of `words` replaced by the one behind it."""
    lab, web = LAB.decode(), WEB.decode()
    for old, new in zip(words[::2], words[1::2], strict=True):
        lab, web = lab.replace(old, new), web.replace(old, new)
    return LabSources(
        lab=SourceFile(path="small.lab.yaml", content=lab.encode()),
        manifests=(("web.yaml", SourceFile(path="web.yaml", content=web.encode())),),
    )
