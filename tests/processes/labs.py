"""Lab files of plain virtual machines, which need nothing but a subnet."""

from lab.contract.v1 import lab_pb2


def machines(*names: str, sysctl: int = 0) -> lab_pb2.ApplyRequest:
    """A request to apply a lab with the machines called `names`."""
    entries = "\n".join(
        f"  - {{name: {name}, subnet: vnet/subnet, sysctls: {{net.core.somaxconn: '{sysctl}'}}}}"
        for name in names
    )
    text = f"""\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {{name: machines}}
cloud:
  provider: azure
  virtualNetworks:
    - name: vnet
      addressPrefixes: [10.0.0.0/16]
      subnets: [{{name: subnet, addressPrefix: 10.0.0.0/16}}]
virtualMachines:
{entries}
"""
    return lab_pb2.ApplyRequest(lab=lab_pb2.SourceFile(path="m.lab.yaml", content=text.encode()))
