"""What runs on a host, made to match what is desired."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from agents.render.entry import Layout, NodePlace, PodPlace, entry
from agents.workloads.catalogue import STORAGE_ACCOUNT, UnknownImage, is_coredns, ports_of
from agents.workloads.cluster_dns import ClusterDns
from agents.workloads.commands import Command, keep_running
from agents.workloads.config import WorkloadsConfig
from agents.workloads.desired import MACHINE, TLS_PORT, Phase, Workload, WorkloadStatus
from agents.workloads.exchange import Identity, responder
from agents.workloads.health_check_host import HealthCheckHost
from agents.workloads.health_prober import HealthProber, ask_over
from agents.workloads.platform import PlatformServices
from agents.workloads.platform_host import PlatformHost
from agents.workloads.protocols import TcpResponder, UdpResponder
from agents.workloads.sockets import NamespaceSockets, Opening, Outcome
from agents.workloads.storage import RULES, network_rules, storage_account
from agents.workloads.tls import CERTIFICATE, server_context
from lab.contract.node_state import Container, ContainerPort, Protocol
from lab.contract.platform import DNS_PORT


@dataclass(slots=True, kw_only=True)
class _Running:
    """A workload that was started, well or not."""

    workload: Workload
    listeners: list[asyncio.AbstractServer | asyncio.BaseTransport] = field(default_factory=list)
    connections: set[asyncio.Transport] = field(default_factory=set)
    commands: list[asyncio.Task[None]] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    """Why a container doesn't run, by its name."""
    broken: bool = False
    """Something could not be started that the next try may start."""

    @property
    def status(self) -> WorkloadStatus:
        """How it is."""
        return WorkloadStatus(
            uid=self.workload.uid,
            phase=Phase.FAILED if self.reasons else Phase.RUNNING,
            reason="; ".join(f"container {name}: {why}" for name, why in self.reasons.items()),
        )


def log_directory(config: WorkloadsConfig) -> Path:
    """Where the logs of containers with a command go; is there once there was one."""
    return config.run_directory / "logs"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """A built-in workload and the port that it needs a socket for."""

    running: _Running
    container: Container
    port: ContainerPort


class WorkloadHost:
    """Starts and ends workloads."""

    def __init__(
        self,
        config: WorkloadsConfig,
        *,
        tasks: asyncio.TaskGroup,
        changed: Callable[[], None],
    ) -> None:
        """`tasks` owns the commands; `changed` is called when a status changes by itself."""
        self._config = config
        self._tasks = tasks
        self._changed = changed
        self._sockets = NamespaceSockets(config.namespaces)
        self._platform = PlatformHost(self._sockets)
        self._health_checks = HealthCheckHost(self._sockets)
        self._cluster_dns = ClusterDns(self._sockets)
        self._prober = HealthProber(partial(ask_over, self._sockets), tasks=tasks, changed=changed)
        self._running: dict[str, _Running] = {}

    @property
    def statuses(self) -> tuple[WorkloadStatus, ...]:
        """Of every workload that is desired."""
        return (
            *(running.status for running in self._running.values()),
            *self._platform.statuses,
            *self._health_checks.statuses,
        )

    @property
    def health(self) -> Mapping[str, bool]:
        """What load balancers' probes have found, by their names."""
        return self._prober.health

    async def apply(self, workloads: Sequence[Workload], platform: PlatformServices | None) -> None:
        """Have exactly these running; those that run already are not touched.

        What failed before is tried again.
        """
        await self._platform.apply(platform)
        await self._health_checks.apply(platform.health_checks if platform is not None else ())
        self._cluster_dns.knows(platform.cluster_zones if platform is not None else ())
        desired = {workload.uid: workload for workload in workloads}
        await self._end(
            [
                running
                for uid, running in self._running.items()
                if running.broken or desired.get(uid) != running.workload
            ]
        )
        fresh = [
            _Running(workload=workload)
            for uid, workload in desired.items()
            if uid not in self._running
        ]
        self._running |= {running.workload.uid: running for running in fresh}
        await self._serve([served for running in fresh for served in self._start(running)])
        # Behind what it is that answers: the first question comes at once.
        if platform is not None:
            self._prober.apply(platform.address, platform.probes)
        else:
            self._prober.close()

    async def close(self) -> None:
        """End everything."""
        self._prober.close()
        self._health_checks.close()
        await self._platform.close()
        await self._end(list(self._running.values()))
        self._sockets.close()

    async def _end(self, ending: Sequence[_Running]) -> None:
        for running in ending:
            del self._running[running.workload.uid]
            for listener in running.listeners:
                listener.close()
            # A connection that stays open would keep the pod's namespace alive.
            for connection in list(running.connections):
                connection.abort()
            for command in running.commands:
                command.cancel()
        commands = [command for running in ending for command in running.commands]
        if commands:
            await asyncio.wait(commands)
        # The loop closes aborted connections in its next turn.
        await asyncio.sleep(0)

    def _start(self, running: _Running) -> list[_Served]:
        """Start what needs no socket; what is left to be served."""
        served = []
        for container in running.workload.containers:
            if container.command:
                self._command(running, container)
                continue
            try:
                ports = ports_of(container)
            except UnknownImage as unknown:
                running.reasons[container.name] = str(unknown)
                continue
            served += [_Served(running=running, container=container, port=port) for port in ports]
        return served

    def _command(self, running: _Running, container: Container) -> None:
        workload = running.workload
        layout = Layout(
            namespaces=self._config.namespaces,
            run_directory=self._config.run_directory,
            root=self._config.root,
        )
        place = NodePlace() if workload.uid == MACHINE else PodPlace(uid=workload.uid)
        directory = log_directory(self._config) / (workload.uid or "machine")
        command = Command(
            argv=(*entry(layout, place), *container.command),
            environment={"HOSTNAME": workload.name or workload.node, **container.environment},
            mark=f"{self._config.run_directory}/{workload.uid}/{container.name}",
            log=directory / f"{container.name}.log",
        )
        running.commands.append(
            self._tasks.create_task(
                keep_running(command, partial(self._tell, running, container.name)),
                name=f"{workload!r} {container.name}",
            )
        )

    def _tell(self, running: _Running, container: str, why: str) -> None:
        if running.reasons.get(container, "") == why:
            return
        if why:
            running.reasons[container] = why
        else:
            running.reasons.pop(container, None)
        self._changed()

    async def _serve(self, wanted: Sequence[_Served]) -> None:
        """Open all sockets in one go on the thread that may, then answer at them here."""
        if not wanted:
            return
        openings = [
            Opening(pin=served.running.workload.pin, ports=(served.port,)) for served in wanted
        ]
        loop = asyncio.get_running_loop()
        outcomes = await loop.run_in_executor(self._sockets.thread, self._sockets.open, openings)
        for served, (outcome,) in zip(wanted, outcomes, strict=True):
            await _answer_at(served, outcome, self._cluster_dns)


async def _answer_at(served: _Served, outcome: Outcome, cluster_dns: ClusterDns) -> None:
    running = served.running
    if isinstance(outcome, str):
        running.reasons[served.container.name] = outcome
        running.broken = True
        return
    loop = asyncio.get_running_loop()
    identity, pin = _identity(running.workload, served.container), running.workload.pin
    asks_names = is_coredns(served.container) and served.port.port == DNS_PORT
    if served.port.protocol is Protocol.UDP:
        transport, _ = await loop.create_datagram_endpoint(
            partial(cluster_dns.datagrams, pin) if asks_names else partial(UdpResponder, identity),
            sock=outcome,
        )
        running.listeners.append(transport)
    elif asks_names:
        connection = partial(cluster_dns.connection, pin, running.connections)
        running.listeners.append(await loop.create_server(connection, sock=outcome))
    else:
        respond_to = partial(responder, identity)
        if served.container.image == STORAGE_ACCOUNT:
            rules = network_rules(served.container.environment[RULES])
            respond_to = partial(storage_account, rules, identity)
        factory = partial(TcpResponder, respond_to, running.connections)
        pem = served.container.environment.get(CERTIFICATE, "")
        context = server_context(pem) if pem and served.port == TLS_PORT else None
        running.listeners.append(await loop.create_server(factory, sock=outcome, ssl=context))


def _identity(workload: Workload, container: Container) -> Identity:
    return Identity(
        pod=workload.name or None,
        namespace=workload.namespace or None,
        node=workload.node,
        image=container.image,
        address=None if workload.address is None else str(workload.address),
    )
