"""The door to the kernel of this machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from agents.config import AgentConfig
from agents.kernel import applying
from agents.kernel.door import Failure, View
from agents.kernel.listening_post import ListeningPost
from agents.kernel.namespaces import NamespaceDirectory
from agents.kernel.observing import Observatory
from agents.kernel.open_namespaces import OpenNamespaces
from agents.kernel.route_changes import route_changes
from agents.kernel.rulesets import Rulesets
from agents.objects.namespace import Observed
from agents.plan.operations import Operation, SetSysctl


class LinuxKernel:
    """Implements `agents.kernel.door.Kernel`.

    Between calls it holds open only the namespaces that the runtime made for the
    host, and those until it is closed: what else ends, ends.
    """

    def __init__(
        self, *, namespaces: Path, record: Path, post: ListeningPost | None = None
    ) -> None:
        """`record`: where to remember which rulesets were loaded; outlives the agent.

        `post`: what hears of changes, for all hosts of the process; None: one of its own.
        """
        self._post = post or ListeningPost()
        self._own_post = post is None
        self._directory = NamespaceDirectory(namespaces)
        self._rulesets = Rulesets(record)
        self._opened = OpenNamespaces(self._directory)
        self._observatory = Observatory(self._directory, self._rulesets, self._post, self._opened)

    @classmethod
    def of(cls, config: AgentConfig, post: ListeningPost | None = None) -> "LinuxKernel":
        """The kernel of an agent's host; `post` as in the class itself."""
        record = config.run_directory / "rulesets.json"
        return cls(namespaces=config.namespaces, record=record, post=post)

    def namespaces(self) -> frozenset[str]:
        """The entries of the directory of pins."""
        return self._directory.names()

    def observe(self, views: Sequence[View], *, afresh: bool = False) -> Mapping[str, Observed]:
        """What is read anew: a dump per family and namespace. A generation per set of rules."""
        return self._observatory.observe(views, afresh=afresh)

    def apply(self, operations: Sequence[Operation]) -> Sequence[Failure]:
        """Runs of operations of one namespace travel as one batch."""
        self._post.expect(len(operations))
        if (failures := self._rerouted(operations)) is not None:
            return failures
        failures = applying.apply(self._directory, self._rulesets, self._opened, operations)
        for operation in operations:
            if isinstance(operation, SetSysctl):
                self._observatory.distrust(operation.namespace)
        return failures

    def _rerouted(self, operations: Sequence[Operation]) -> Sequence[Failure] | None:
        """As `apply`, for what most changes of a lab are; None: it is more than that.

        That is a few routes of a namespace that stays open. What all others may need is left out.
        """
        changes = route_changes(operations)
        if changes is None or (netlink := self._opened.socket(changes.namespace)) is None:
            return None
        indexes = self._observatory.indexes(changes.namespace, changes.links)
        if indexes is None:
            return None
        refused = netlink.send(changes.encoded(indexes, echo=self._post.hears))
        return [
            Failure(operation=changes.operations[each.index], error=str(each), code=each.code)
            for each in refused
        ]

    def close(self) -> None:
        """Holds no namespace any longer."""
        self._observatory.close()
        self._rulesets.close()
        self._opened.close()
        if self._own_post:
            self._post.close()
