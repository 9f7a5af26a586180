"""The door to the kernel of this machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.config import AgentConfig
from agents.kernel import applying
from agents.kernel.door import Failure, View
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.observing import Observatory
from agents.kernel.rulesets import Rulesets
from agents.kernel.worker import Worker
from agents.objects.namespace import Observed
from agents.plan.operations import Operation, SetSysctl


class LinuxKernel:
    """Implements `agents.kernel.door.Kernel`; everything happens on one thread.

    Between calls it holds open only the namespaces that the runtime made for the
    host, and those until it lets go: what else ends, ends.
    """

    def __init__(self, *, namespaces: Path, record: Path, worker: Worker | None = None) -> None:
        """`record`: where to remember which rulesets were loaded; outlives the agent.

        `worker`: a thread that this host shares with others; None: one of its own.
        """
        self._directory = NamespaceDirectory(namespaces)
        self._rulesets = Rulesets(record)
        self._observatory = Observatory(self._directory, self._rulesets)
        self._worker = worker or Worker("kernel")
        self._closed = False

    @classmethod
    def of(cls, config: AgentConfig, worker: Worker | None = None) -> "LinuxKernel":
        """The kernel of an agent's host."""
        return cls(
            namespaces=config.namespaces,
            record=config.run_directory / "rulesets.json",
            worker=worker,
        )

    async def namespaces(self) -> frozenset[str]:
        """The entries of the directory of pins."""
        return await self._worker.run(self._directory.names)

    async def observe(
        self, views: Sequence[View], *, afresh: bool = False
    ) -> Mapping[str, Observed]:
        """What is read anew: a dump per family and namespace. A generation per set of rules."""
        return await self._worker.run(self._observatory.observe, views, afresh=afresh)

    async def apply(self, operations: Sequence[Operation]) -> Sequence[Failure]:
        """Runs of operations of one namespace travel as one batch."""
        return await self._worker.run(self._apply, operations)

    async def let_go(self) -> None:
        """Hold no namespace any longer: the host goes. Idempotent."""
        await self._worker.run(self._release)

    def _apply(self, operations: Sequence[Operation]) -> Sequence[Failure]:
        failures = applying.apply(self._directory, self._rulesets, operations)
        for operation in operations:
            if isinstance(operation, SetSysctl):
                self._observatory.distrust(operation.namespace)
        return failures

    def _release(self) -> None:
        self._observatory.close()
        self._rulesets.close()

    async def close(self) -> None:
        """Lets go, and ends the thread, also where it is shared."""
        if not self._closed:
            self._closed = True
            await self.let_go()
            self._worker.close()
