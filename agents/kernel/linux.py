"""The door to the kernel of this machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.config import AgentConfig
from agents.kernel import applying, observing
from agents.kernel.door import Failure, View
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.rulesets import Rulesets
from agents.kernel.worker import Worker
from agents.objects.namespace import Observed
from agents.plan.operations import Operation


class LinuxKernel:
    """Implements `agents.kernel.door.Kernel`; everything happens on one thread.

    Holds no namespace open between calls: what ends, ends.
    """

    def __init__(self, *, namespaces: Path, record: Path, worker: Worker | None = None) -> None:
        """`record`: where to remember which rulesets were loaded; outlives the agent.

        `worker`: a thread that this host shares with others; None: one of its own.
        """
        self._directory = NamespaceDirectory(namespaces)
        self._rulesets = Rulesets(record)
        self._worker = worker or Worker("kernel")

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

    async def observe(self, views: Sequence[View]) -> Mapping[str, Observed]:
        """One dump per family and namespace; a generation number per set of rules."""
        return await self._worker.run(observing.observe, self._directory, self._rulesets, views)

    async def apply(self, operations: Sequence[Operation]) -> Sequence[Failure]:
        """Runs of operations of one namespace travel as one batch."""
        return await self._worker.run(applying.apply, self._directory, self._rulesets, operations)

    async def close(self) -> None:
        """Ends the thread, also where it is shared."""
        self._worker.close()
