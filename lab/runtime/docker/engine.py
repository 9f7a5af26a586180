"""The only door to the Docker API: what a lab needs of an engine, and errors in our words.

Everything here is found by label and acts on one object. Objects that are gone
already are no error to remove: somebody else may clean up at the same time.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Self

import docker
import docker.errors
import docker.types
import requests

from lab.runtime.docker import labels
from lab.runtime.docker.commands import Commands
from lab.runtime.docker.containers import (
    CREDENTIALS_DIRECTORY,
    PIDS_LIMIT,
    RESTART_ATTEMPTS,
    ContainerSpecification,
)
from lab.runtime.docker.labels import Role
from lab.runtime.docker.network import OPTIONS
from lab.runtime.docker.refusals import gone_is_fine, refusals
from lab.runtime.provider import MachineUnfit

REQUEST_TIMEOUT = 120
"""Seconds that the engine may take for one answer; it takes its time under load."""
CONNECTIONS = 10
UNREACHABLE = "install Docker and start it, and be root or in the group docker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container of a lab, as the engine has it."""

    id: str
    name: str
    image: str
    """Id."""
    labels: Mapping[str, str]
    running: bool

    @property
    def lab(self) -> str:
        """The lab that it belongs to."""
        return self.labels[labels.LAB]

    @property
    def node(self) -> str:
        """The host that it is; empty for the cloud container."""
        return self.labels.get(labels.NODE, "")

    @property
    def role(self) -> str:
        """A value of `Role`."""
        return self.labels.get(labels.ROLE, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network, as the engine has it."""

    id: str
    labels: Mapping[str, str]
    ranges: tuple[IPv4Network, ...]


class Engine:
    """A Docker engine on this machine. Safe to use from several threads."""

    def __init__(self, client: docker.APIClient, *, address: Path) -> None:
        self._client = client
        self.commands = Commands(client, address=address)
        """Commands inside containers."""

    @classmethod
    def connect(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The engine that ``DOCKER_HOST`` names, or the machine's own.

        Raises `MachineUnfit` when none answers, or it is on another machine: a
        lab's directory has to be the same on both sides.
        """
        host = environment.get("DOCKER_HOST", "unix:///var/run/docker.sock")
        if not host.startswith("unix://"):
            raise MachineUnfit(
                f"the Docker engine at {host} is not on this machine",
                remedy="unset DOCKER_HOST, or deploy there",
            )
        try:
            client = docker.APIClient(
                base_url=host, version="auto", timeout=REQUEST_TIMEOUT, num_pools=CONNECTIONS
            )
        except (docker.errors.DockerException, requests.RequestException) as error:
            raise MachineUnfit(
                f"no Docker engine answers at {host}: {error}", remedy=UNREACHABLE
            ) from error
        return cls(client, address=Path(host.removeprefix("unix://")))

    @property
    def version(self) -> str:
        """For people."""
        with refusals():
            return str(self._client.version()["Version"])

    def image(self, name: str) -> tuple[str, Mapping[str, str]] | None:
        """Id and labels of an image, or None."""
        with refusals():
            for found in self._client.images(name=name):
                return found["Id"], (found["Labels"] or {})
        return None

    def containers(
        self, *, lab: str | None = None, role: Role | None = None, node: str | None = None
    ) -> tuple[Container, ...]:
        """Containers of a lab, or of all labs, in any state."""
        chosen = labels.selection(lab=lab, role=role, node=node)
        with refusals():
            found = self._client.containers(all=True, filters={"label": chosen})
        return tuple(
            Container(
                id=row["Id"],
                name=row["Names"][0].removeprefix("/") if row["Names"] else row["Id"][:12],
                image=row["ImageID"],
                labels=row["Labels"],
                running=row["State"] == "running",
            )
            for row in found
        )

    def networks(self, *, lab: str | None = None) -> tuple[Network, ...]:
        """Networks of a lab, or every network of the engine."""
        filters = {} if lab is None else {"label": labels.selection(lab=lab)}
        with refusals():
            found = self._client.networks(filters=filters)
        return tuple(
            Network(id=row["Id"], labels=row["Labels"] or {}, ranges=_ranges(row)) for row in found
        )

    def create_network(
        self, name: str, *, subnet: IPv4Network, marks: Mapping[str, str]
    ) -> Network:
        """An internal network. Raises `AddressTaken` when the range overlaps another's."""
        pool = docker.types.IPAMPool(subnet=str(subnet))
        with refusals():
            created = self._client.create_network(
                name,
                driver="bridge",
                options=dict(OPTIONS),
                ipam=docker.types.IPAMConfig(pool_configs=[pool]),
                internal=True,
                labels=dict(marks),
            )
        return Network(id=created["Id"], labels=marks, ranges=(subnet,))

    def remove_network(self, network: Network) -> None:
        """Remove a network that no container uses."""
        with refusals(), gone_is_fine():
            self._client.remove_network(network.id)

    def create(
        self, specification: ContainerSpecification, *, network: Network, marks: Mapping[str, str]
    ) -> str:
        """Create a container without starting it; its id. Raises `NameTaken`."""
        binds = [f"{source}:{target}:rw" for source, target in specification.binds.items()]
        if specification.credentials:
            binds.append(f"{specification.credentials}:{CREDENTIALS_DIRECTORY}:ro")
        host_config = self._client.create_host_config(
            binds=binds,
            cap_add=list(specification.added_capabilities),
            cap_drop=list(specification.dropped_capabilities),
            dns=[str(network.ranges[0][1])],
            log_config=docker.types.LogConfig(
                type=docker.types.LogConfig.types.JSON,
                config={"max-size": "10m", "max-file": "2"},
            ),
            network_mode=network.id,
            pids_limit=PIDS_LIMIT,
            restart_policy={"Name": "on-failure", "MaximumRetryCount": RESTART_ATTEMPTS},
            security_opt=list(specification.security),
            tmpfs=dict(specification.tmpfs),
        )
        endpoint = self._client.create_endpoint_config(ipv4_address=str(specification.address))
        with refusals():
            created = self._client.create_container(
                image=specification.image,
                name=specification.name,
                hostname=specification.hostname,
                entrypoint=list(specification.entrypoint),
                command=list(specification.command),
                environment=dict(specification.environment),
                user=specification.user or None,
                labels=dict(marks),
                host_config=host_config,
                networking_config={"EndpointsConfig": {network.id: endpoint}},
            )
        container_id: str = created["Id"]
        return container_id

    def start(self, container: str) -> None:
        """Start a container. Raises `AddressTaken` when its address is in use."""
        with refusals():
            self._client.start(container)

    def remove(self, container: str) -> None:
        """End a container and remove it with its anonymous volumes."""
        with refusals(), gone_is_fine():
            self._client.remove_container(container, force=True, v=True)

    def output(self, container: str) -> Iterator[bytes]:
        """What a container has written to standard output since its last start, and goes on
        writing, until it ends.
        """
        with refusals():
            state = self._client.inspect_container(container)["State"]
            yield from self._client.logs(
                container,
                stdout=True,
                stderr=False,
                stream=True,
                follow=True,
                since=_seconds(state["StartedAt"]),
            )

    def messages(self, container: str, *, lines: int) -> str:
        """The last lines that a container wrote to standard error."""
        with refusals():
            said = self._client.logs(container, stdout=False, stderr=True, tail=lines)
        return bytes(said).decode(errors="replace")


def _seconds(moment: str) -> float:
    """Seconds since the epoch of what the engine writes, as ``2026-01-02T03:04:05.123456789Z``."""
    whole, _, fraction = moment.removesuffix("Z").partition(".")
    start = datetime.fromisoformat(whole).replace(tzinfo=UTC)
    return start.timestamp() + float(f"0.{fraction or 0}")


def _ranges(row: Mapping[str, Any]) -> tuple[IPv4Network, ...]:
    configured = (row.get("IPAM") or {}).get("Config") or []
    subnets = (entry.get("Subnet", "") for entry in configured)
    return tuple(IPv4Network(subnet, strict=False) for subnet in subnets if "." in subnet)
