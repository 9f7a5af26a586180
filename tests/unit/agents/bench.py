"""A host in memory and its reconciler, for tests of rounds; what a test is about is not here."""

from collections.abc import Sequence
from pathlib import Path

from agents.config import AgentConfig
from agents.kept_host import KeptHost
from agents.kernel.fake import FakeKernel
from agents.kernel.worker import Worker
from agents.reconciler import Reconciler, Round
from agents.workloads.desired import Phase, Workload, WorkloadStatus
from agents.workloads.platform import PlatformServices
from lab.contract.condition import ConditionStatus
from lab.contract.node_state import NodeState
from tests.unit.agents.states import node, pod, routes_of

WORKER = Worker("kernel")
"""Of all tests: it waits for work when they end."""

STATE = node(1, routes=routes_of(nodes=[1, 2]), pods=[pod(1, 0), pod(1, 1)])


class FakeWorkloads:
    """What is asked of the workloads process; runs everything, but for what is told to fail."""

    def __init__(self, kernel: FakeKernel) -> None:
        self._kernel = kernel
        self.failing: dict[str, str] = {}
        self.unreachable = False
        self.asked: list[tuple[set[str], frozenset[str]]] = []
        """Of each call: uids to run, and the namespaces that there were."""

    async def apply(
        self, workloads: Sequence[Workload], platform: PlatformServices | None
    ) -> Sequence[WorkloadStatus]:
        if self.unreachable:
            raise ConnectionRefusedError("connection refused")
        uids = {workload.uid for workload in workloads}
        self.asked.append((uids, self._kernel.namespaces()))
        return tuple(
            WorkloadStatus(uid=uid, phase=Phase.FAILED, reason=self.failing[uid])
            for uid in uids & self.failing.keys()
        )


class Bench:
    """A host in memory and its reconciler."""

    def __init__(self, directory: Path) -> None:
        self.config = AgentConfig(
            node="node1",
            cloud="",
            run_directory=directory / "run",
            namespaces=directory / "run/netns",
            root=directory / "root",
        )
        self.kernel = FakeKernel(["host", "node"])
        self.workloads = FakeWorkloads(self.kernel)
        self.restart()

    def restart(self) -> None:
        self.host = KeptHost(self.kernel, self.config)
        self.reconciler = Reconciler(self.host, WORKER, workloads=self.workloads)

    async def round(self, state: NodeState) -> Round:
        return await self.reconciler.reconcile(state)


def failed(done: Round) -> dict[str, str]:
    return {c.object: c.reason for c in done.conditions if c.status is ConditionStatus.FAILED}
