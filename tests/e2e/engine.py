"""Labs of two machines on a Docker engine, and what the engine itself says of them.

The engine's namespace is asked through a helper container that shares it, so
that it doesn't matter where the engine runs.
"""

import json
import subprocess
from pathlib import Path

from tests.e2e.conftest import DEADLINE, DeployedLab

LAB = """\
apiVersion: vnetlab/v1alpha1
kind: Lab
metadata: {{name: {name}}}
cloud:
  provider: azure
  virtualNetworks:
    - name: vnet01
      addressPrefixes: [10.0.0.0/16]
      subnets: [{{name: vlan01, addressPrefix: 10.0.0.0/24}}]
virtualMachines:
  - {{name: vm1, subnet: vnet01/vlan01}}
  - {{name: vm2, subnet: vnet01/vlan01}}
"""
VM1 = "vm/vm1"
VM2_ADDRESS = "10.0.0.5"
IMAGE = "vnetlab-node:latest"


def docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    if check and done.returncode != 0:
        raise AssertionError(f"docker {' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
    return done


def output(*arguments: str) -> str:
    return docker(*arguments).stdout.strip()


def write(folder: Path, name: str) -> Path:
    file = folder / f"{name}.lab.yaml"
    file.write_text(LAB.format(name=name))
    return file


def containers(name: str, *, role: str = "") -> list[str]:
    filters = [f"--filter=label=vnetlab.lab={name}"]
    if role:
        filters.append(f"--filter=label=vnetlab.role={role}")
    return output("ps", "--all", "--quiet", "--no-trunc", *filters).split()


def container(lab: DeployedLab, node: str) -> str:
    return output("ps", "-q", f"--filter=label=vnetlab.lab={lab.name}", f"--filter=name=^{node}\\.")


def inspected(name: str) -> dict[str, object]:
    found: list[dict[str, object]] = json.loads(output("inspect", name))
    return found[0]


def in_engine_namespace(script: str) -> str:
    """What a script prints in the namespace that the engine runs in."""
    helper = ("run", "--rm", "--network=host", "--cap-add=NET_ADMIN", "--entrypoint=sh")
    return output(*helper, IMAGE, "-c", script)


def reachable(lab: DeployedLab) -> bool:
    return lab.ping(VM1, VM2_ADDRESS).received == 3
