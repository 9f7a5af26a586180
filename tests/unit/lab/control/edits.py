"""A lab of every network model that is edited again and again, now here and now there."""

from collections.abc import Iterator
from random import Random

from lab.topology.sources import LabSources, SourceFile

_LAB = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: edited}
cloud:
  provider: azure
  virtualNetworks:
    - name: hub
      addressPrefixes: [10.0.0.0/16]
      subnets:
        - {name: nodes, addressPrefix: 10.0.0.0/24, networkSecurityGroup: group}
        - {name: machines, addressPrefix: 10.0.1.0/24, routeTable: table%(leaves)s}
        - {name: apart, addressPrefix: 10.0.2.0/24}
        - {name: pods, addressPrefix: 10.0.4.0/22}
      virtualNetworkPeerings:
        - {name: spoke, remoteVirtualNetwork: spoke, allowVirtualNetworkAccess: %(peered)s}
    - name: spoke
      addressPrefixes: [10.1.0.0/16]
      subnets:
        - {name: nodes, addressPrefix: 10.1.0.0/24}
      virtualNetworkPeerings:
        - {name: hub, remoteVirtualNetwork: hub}
  natGateways:
    - {name: egress, publicIpAddresses: [egress-ip]}
  publicIPAddresses:
    - {name: egress-ip}
  routeTables:
    - name: table
      routes:
        - {name: mail, addressPrefix: 192.0.2.25/32, nextHopType: %(mail)s}
  networkSecurityGroups:
    - name: group
      securityRules:
        - name: telnet
          priority: 100
          direction: Outbound
          access: %(telnet)s
          protocol: Tcp
          destinationPortRange: "23"
  privateDnsZones:
    - name: example.internal
      virtualNetworkLinks: [{name: hub, virtualNetwork: hub, registrationEnabled: %(registers)s}]
clusters:
  - name: bridged
    networkPlugin: kubenet
    podCidr: 10.244.0.0/16
    serviceCidr: 10.245.0.0/16
    dnsServiceIP: 10.245.0.10
    nodePools:
      - {name: pool, count: %(bridged)s, subnet: hub/nodes}
      - {name: more, count: %(more)s, subnet: hub/nodes}
    manifests: [web.yaml]
  - name: overlay
    networkPlugin: azure
    networkPluginMode: overlay
    podCidr: 10.246.0.0/16
    serviceCidr: 10.247.0.0/16
    dnsServiceIP: 10.247.0.10
    nodePools: [{name: pool, count: %(overlay)s, subnet: spoke/nodes}]
    systemPods: false
    manifests: [web.yaml]
  - name: apart
    networkPlugin: azure
    serviceCidr: 10.248.0.0/16
    dnsServiceIP: 10.248.0.10
    nodePools: [{name: pool, count: %(apart)s, subnet: hub/apart, podSubnet: hub/pods}]
    systemPods: false
    manifests: [web.yaml]
  - name: same
    networkPlugin: azure
    serviceCidr: 10.249.0.0/16
    dnsServiceIP: 10.249.0.10
    nodePools: [{name: pool, count: %(same)s, subnet: spoke/nodes, maxPods: 30}]
    systemPods: false
    manifests: [web.yaml]
virtualMachines:
  - {name: %(machine)s, subnet: hub/machines, enableIPForwarding: %(forwards)s}
internet:
  hosts:
    - {name: website, address: 203.0.113.10, names: [%(website)s]}
# %(comment)s
"""

_WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: %(replicas)s
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: %(host)s
      containers: [{name: web, image: %(image)s}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: %(type)s
  selector: {app: web}
  ports: [{port: %(port)s}]
"""

_CHOICES = {
    "bridged": ("1", "2", "3", "5"),
    "more": ("1", "2", "4"),
    "overlay": ("1", "2", "3"),
    "apart": ("1", "2", "3"),
    "same": ("1", "2", "3"),
    "replicas": ("0", "1", "4", "7"),
    "leaves": ("", ", natGateway: egress", ", defaultOutboundAccess: false"),
    "peered": ("true", "false"),
    "mail": ("None", "Internet"),
    "telnet": ("Deny", "Allow"),
    "registers": ("true", "false"),
    "machine": ("vm1", "vm2"),
    "forwards": ("true", "false"),
    "website": ("example.com", "example.org"),
    "comment": ("first", "second", "on\n# two lines"),
    "host": ("false", "true"),
    "image": ("nginx", "agnhost"),
    "type": ("ClusterIP", "NodePort"),
    "port": ("80", "8080"),
}


def edits(seed: int, number: int) -> Iterator[LabSources]:
    """The lab, then edited at one or two places chosen by `seed`, `number` of them in all.

    Half of the edits bring or take nodes.
    """
    random = Random(seed)
    chosen = {name: choices[0] for name, choices in _CHOICES.items()}
    counts = ("bridged", "more", "overlay", "apart", "same")
    for _ in range(number):
        lab, web = (_LAB % chosen).encode(), (_WEB % chosen).encode()
        yield LabSources(
            lab=SourceFile(path="edited.lab.yaml", content=lab),
            manifests=(("web.yaml", SourceFile(path="web.yaml", content=web)),),
        )
        for name in random.sample(tuple(_CHOICES), random.choice((0, 1))):
            chosen[name] = random.choice(_CHOICES[name])
        name = random.choice((*counts, *_CHOICES))
        chosen[name] = random.choice([each for each in _CHOICES[name] if each != chosen[name]])
