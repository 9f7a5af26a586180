"""Hosts on a spine, in namespaces that a test makes: what a runtime prepares for an agent."""

import asyncio
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agents.config import AgentConfig
from agents.kept_host import KeptHost
from agents.kernel.linux import LinuxKernel
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.worker import Worker
from agents.reconciler import Reconciler, Round
from agents.workloads.desired import Workload, WorkloadStatus
from agents.workloads.platform import PlatformServices
from lab.contract.node_state import NodeState
from tests.unit.agents.states import underlay_of

SPINE = "spine"

WORKER = Worker("kernel")
"""Of all tests: it waits for work when they end."""


class NothingToRun:
    """In place of the workloads process."""

    def __init__(self) -> None:
        self.asked: list[tuple[Workload, ...]] = []

    async def apply(
        self, workloads: Sequence[Workload], platform: PlatformServices | None
    ) -> Sequence[WorkloadStatus]:
        self.asked.append(tuple(workloads))
        return ()


@dataclass(kw_only=True)
class Host:
    """One host, prepared; `reconcile` makes it what a state says."""

    config: AgentConfig
    workloads: NothingToRun = field(default_factory=NothingToRun)

    def __post_init__(self) -> None:
        self._start_agent()

    def restart_agent(self) -> None:
        """As after kill -9: all that the agent knew is what it finds."""
        self.kernel.close()
        self._start_agent()

    def _start_agent(self) -> None:
        self.kernel = LinuxKernel.of(self.config)
        self.kept = KeptHost(self.kernel, self.config)
        self._reconciler = Reconciler(self.kept, WORKER, workloads=self.workloads)

    def reconcile(self, state: NodeState) -> Round:
        return asyncio.run(self._reconciler.reconcile(state))

    def pin(self, place: str) -> Path:
        return self.config.namespaces / place

    def run(self, place: str, *argv: str, check: bool = True) -> str:
        """Run a command in ``node``, ``host`` or ``pod-UID``; what it printed."""
        return run(self.pin(place), *argv, check=check)

    @contextmanager
    def inside(self, place: str) -> Iterator[None]:
        """Have this thread in a place."""
        with NamespaceDirectory(self.config.namespaces).inside(place):
            yield


@contextmanager
def namespaces(directory: Path, *names: str) -> Iterator[NamespaceDirectory]:
    """Empty namespaces of these names, pinned in `directory`."""
    pins = NamespaceDirectory(directory)
    for name in names:
        with pins.inside_new(name):
            pass
    yield pins
    for name in pins.names():
        pins.remove(name)


def run(pin: Path, *argv: str, check: bool = True) -> str:
    """Run a command in a pinned namespace; both outputs."""
    done = subprocess.run(
        ["nsenter", f"--net={pin}", "--", *argv], capture_output=True, text=True, check=False
    )
    output = done.stdout + done.stderr
    assert not check or done.returncode == 0, f"{' '.join(argv)}: {output}"
    return output


class Site:
    """A spine and hosts on it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._hosts: list[Host] = []
        self._pins = NamespaceDirectory(directory)
        directory.mkdir(parents=True, exist_ok=True)
        with self._pins.inside_new(SPINE):
            Path("/proc/sys/net/ipv4/ip_forward").write_text("1")

    def host(self, number: int, name: str = "") -> Host:
        """A host as a runtime leaves it: two namespaces, and a cable to the spine."""
        name = name or f"host{number}"
        run_directory = self._directory / name
        config = AgentConfig(
            node=name,
            cloud="",
            run_directory=run_directory,
            namespaces=run_directory / "netns",
            root=run_directory / "root",
        )
        config.namespaces.mkdir(parents=True)
        config.root.mkdir()
        pins = NamespaceDirectory(config.namespaces)
        with pins.inside_new("node"):
            pass
        with pins.inside_new("host"):
            pass
        self._connect(number, config.namespaces / "host")
        host = Host(config=config)
        self._hosts.append(host)
        return host

    def _connect(self, number: int, pin: Path) -> None:
        address, spine = underlay_of(number), self._directory / SPINE
        here, there = f"02:00:00:00:00:{number:02x}", f"02:00:00:00:01:{number:02x}"
        run(pin, "sh", "-ec", f"""
            exec 9<{spine}
            ip link set lo up
            ip link add und0 mtu 9000 address {here} type veth peer name u{number} mtu 9000 \
                address {there} netns /proc/$$/fd/9
            ip link set und0 up
            nsenter --net=/proc/$$/fd/9 ip link set u{number} up
            ip addr add {address}/32 dev und0
            ip route add 169.254.255.1 dev und0
            ip neigh add 169.254.255.1 lladdr {there} dev und0 nud permanent
            ip route add 198.18.0.0/15 via 169.254.255.1
            """)  # fmt: skip
        run(spine, "sh", "-ec", f"""
            ip route add {address}/32 dev u{number}
            ip neigh add {address} lladdr {here} dev u{number} nud permanent
            """)  # fmt: skip

    def close(self) -> None:
        """Let go of every namespace."""
        for host in self._hosts:
            host.kernel.close()
            pins = NamespaceDirectory(host.config.namespaces)
            for name in pins.names():
                pins.remove(name)
        self._pins.remove(SPINE)
