"""Small lab files for the tests of this folder: a head, a cloud, and what a test adds."""

from textwrap import dedent

from lab.topology.load import Examination, examine, parse
from lab.topology.model import Lab
from lab.topology.sources import LabSources, SourceFile

HEAD = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {name: small}
"""
CLOUD = """\
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets:
        - {name: vlan01, addressPrefix: 10.0.0.0/22}
        - {name: vlan02, addressPrefix: 10.0.4.0/24}
"""


def sources(body: str = "", *, cloud: str = CLOUD, head: str = HEAD) -> LabSources:
    text = head + dedent(cloud) + dedent(body)
    return LabSources(lab=SourceFile(path="lab.yaml", content=text.encode()))


def parsed(body: str = "", *, cloud: str = CLOUD) -> Lab:
    return parse(sources(body, cloud=cloud))


def examined(body: str = "", *, cloud: str = CLOUD) -> Examination:
    return examine(sources(body, cloud=cloud))


def messages(body: str = "", *, cloud: str = CLOUD) -> list[str]:
    return [problem.message for problem in examined(body, cloud=cloud).problems]


def networks(*prefixes: str, subnets: str = "{name: vlan01, addressPrefix: 10.0.0.0/22}") -> str:
    """A cloud of one virtual network."""
    return f"""
cloud:
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [{", ".join(prefixes)}]
      subnets: [{subnets}]
"""


def cluster(pool: str = "", **properties: str) -> str:
    """A cluster of one pool, which takes its default from nothing but `properties`."""
    fields = {"count": "2", "subnet": "vnet01/vlan01", "scaleSet": "aks-nodepool1-1-vmss"}
    own = {"name": "aks01", "serviceCidr": "172.16.1.0/24", **properties}
    written = ", ".join(f"{key}: {value}" for key, value in own.items())
    default = ", ".join(f"{key}: {value}" for key, value in fields.items() if key not in pool)
    return f"clusters: [{{{written}, nodePools: [{{name: nodepool1, {default}, {pool}}}]}}]\n"
