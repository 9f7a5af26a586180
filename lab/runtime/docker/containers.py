"""What the containers of a lab have to be, as values; the same for the API and for compose.

A container is right when it runs and carries the digest of its specification.
Everything else (stopped, half made, of an older image) is removed and made anew:
what a container holds follows from the desired state that its agent hears.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from types import MappingProxyType

from lab.contract.underlay import cloud_address
from lab.runtime.docker import labels
from lab.runtime.docker.labels import Role
from lab.runtime.provider import Host

AGENT_PORT = 4788
"""TCP port of `AgentService` in the cloud container."""

CREDENTIALS_DIRECTORY = "/etc/vnetlab"
LAB_DIRECTORY = "/run/vnetlab/lab"
"""The lab's state directory as the cloud container sees it."""

RUN_DIRECTORY = Path("/run/vnetlab")
NAMESPACES = RUN_DIRECTORY / "netns"
"""Of a node, as images/Dockerfile tells its agent."""

PYTHON = "/opt/vnetlab/bin/python"
NODE_ENTRYPOINT = ("/usr/lib/vnetlab/node-entrypoint",)
NODE_COMMAND = (PYTHON, "-m", "agents.supervisor")
CLOUD_ENTRYPOINT = ("tini", "--")
CLOUD_COMMAND = (PYTHON, "-m", "lab.runtime.docker.cloud")

NODE_CAPABILITIES = ("NET_ADMIN", "SYS_ADMIN")
"""On top of Docker's default set, which tcpdump and ports below 1024 need."""
NODE_SECURITY = ("no-new-privileges:true", "apparmor=unconfined")
"""Docker's default AppArmor profile denies every mount, even with SYS_ADMIN."""
CLOUD_SECURITY = ("no-new-privileges:true",)
NODE_TMPFS: Mapping[str, str] = MappingProxyType({"/run": "mode=755,exec"})
"""Exec, because pods' commands may run from there; fresh at every start, because
stale pins of namespaces would be in the way."""
PIDS_LIMIT = 16384
RESTART_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpecification:
    """A container as it has to be."""

    name: str
    """In the engine, for people; it is found by its labels."""
    hostname: str
    image: str
    address: IPv4Address
    """On the underlay."""
    role: Role
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    environment: Mapping[str, str]
    security: tuple[str, ...]
    node: str = ""
    """Name of the host; empty for the cloud container."""
    user: str = ""
    """``UID:GID``; empty: root."""
    added_capabilities: tuple[str, ...] = ()
    dropped_capabilities: tuple[str, ...] = ()
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    binds: Mapping[str, str] = field(default_factory=dict)
    """Directory of the machine -> where the container sees it."""
    credentials: str = ""
    """Directory of the machine that it sees, read-only, as `CREDENTIALS_DIRECTORY`."""
    authority: str = ""
    """Fingerprint of the authority whose credentials the container carries."""
    network: str = ""
    """Id of the underlay: one of the same name and range is still another network."""

    @property
    def digest(self) -> str:
        """The same for the same specification, whatever order it was written in."""
        parts = [
            self.name,
            self.hostname,
            self.image,
            str(self.address),
            self.entrypoint,
            self.command,
            sorted(self.environment.items()),
            self.security,
            self.user,
            self.added_capabilities,
            self.dropped_capabilities,
            sorted(self.tmpfs.items()),
            sorted(self.binds.items()),
            self.credentials,
            self.authority,
            self.network,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def labels(self, *, lab: str, owner: int) -> dict[str, str]:
        """Everything that a container is found and recognised by."""
        found_by = labels.marks(lab=lab, role=self.role, owner=owner)
        found_by[labels.SPECIFICATION] = self.digest
        if self.node:
            found_by[labels.NODE] = self.node
        for directory, inside in self.binds.items():
            if inside == LAB_DIRECTORY:
                found_by[labels.STATE_DIRECTORY] = directory
        return found_by


@dataclass(frozen=True, slots=True, kw_only=True)
class LabContainers:
    """What all containers of one lab have in common, and what follows from it."""

    lab: str
    image: str
    """Id, so that a rebuilt image is a different one."""
    underlay: IPv4Network
    network: str
    authority: str
    state_directory: str
    user: str
    """``UID:GID`` of who deploys: the cloud process runs as nobody else."""

    def credentials(self, hostname: str) -> str:
        """Directory with the credentials of a container; nobody else looks into the lab's."""
        return str(Path(self.state_directory, "credentials", hostname))

    def cloud(self) -> ContainerSpecification:
        """The cloud process: no capability, no root, one directory of the machine."""
        return ContainerSpecification(
            name=f"vnetlab-cloud.{self.lab}",
            hostname="cloud",
            image=self.image,
            address=cloud_address(self.underlay),
            role=Role.CLOUD,
            entrypoint=CLOUD_ENTRYPOINT,
            command=CLOUD_COMMAND,
            environment=cloud_environment(underlay=self.underlay),
            security=CLOUD_SECURITY,
            user=self.user,
            dropped_capabilities=("ALL",),
            binds={self.state_directory: LAB_DIRECTORY},
            credentials=self.credentials("cloud"),
            authority=self.authority,
            network=self.network,
        )

    def node(self, host: Host) -> ContainerSpecification:
        """A host of any kind."""
        return ContainerSpecification(
            name=f"{host.name}.{self.lab}",
            hostname=host.name,
            image=self.image,
            address=host.underlay_address,
            role=Role.NODE,
            node=host.name,
            entrypoint=NODE_ENTRYPOINT,
            command=NODE_COMMAND,
            environment=node_environment(node=host.name, underlay=self.underlay),
            security=NODE_SECURITY,
            added_capabilities=NODE_CAPABILITIES,
            tmpfs=NODE_TMPFS,
            credentials=self.credentials(host.name),
            authority=self.authority,
            network=self.network,
        )


def node_environment(*, node: str, underlay: IPv4Network) -> dict[str, str]:
    """What images/node-entrypoint and `agents.supervisor` read; the rest is in the image."""
    return {
        "VNETLAB_NODE": node,
        "VNETLAB_CLOUD": f"{cloud_address(underlay)}:{AGENT_PORT}",
        "VNETLAB_UNDERLAY": str(underlay),
    }


def cloud_environment(*, underlay: IPv4Network) -> dict[str, str]:
    """What `lab.runtime.docker.cloud` reads in every case."""
    return {
        "VNETLAB_AGENTS": f"{cloud_address(underlay)}:{AGENT_PORT}",
        "VNETLAB_UNDERLAY": str(underlay),
    }
