"""The door to the kernel: all that the reconciler may ask of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.objects.namespace import Observed
from agents.objects.ruleset import RulesetName
from agents.plan.operations import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Which part of a namespace to look at; links, addresses and routes always.

    Routes that the kernel derives from addresses are never listed.
    """

    namespace: str
    sysctls: tuple[str, ...] = ()
    """Dotted names. Those that do not exist are left out of the answer."""
    rulesets: tuple[RulesetName, ...] = ()
    routing_policy: bool = False
    """Nexthops and rules too."""
    neighbours: bool = False
    """Neighbours too that the kernel didn't learn by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An operation that the kernel, or a tool, refused."""

    operation: Operation
    error: str
    """What the kernel or the tool said; for a tool with the command, ready to paste."""
    code: int = 0
    """The kernel's errno; 0 where there is none."""

    def __str__(self) -> str:
        return f"{self.operation}: {self.error}"


class Kernel(Protocol):
    """The kernel's networking, as far as one host is concerned.

    To be called on a thread whose network namespace nobody else relies on: it changes while
    a call lasts.
    """

    def namespaces(self) -> frozenset[str]:
        """Names of all pinned namespaces and aliases of the host.

        A pin that does not lead to a namespace (left by a crash between its two
        steps) is not listed; `CreateNamespace` then makes it good.
        """
        ...

    def observe(self, views: Sequence[View], *, afresh: bool = False) -> Mapping[str, Observed]:
        """Read the namespaces of `views`; never changes anything.

        What was read before and is known not to have changed since may be answered
        from memory, unless `afresh`. Known is what the kernel tells of: all but
        sysctls of which it does not speak, when somebody else sets them.

        Namespaces that are not pinned are absent from the answer. Both ends of a
        veth pair must be in `views` for its peer to be named.

        Raises:
            KernelError: the kernel cannot be read.
        """
        ...

    def apply(self, operations: Sequence[Operation]) -> Sequence[Failure]:
        """Execute in order; go on after failures, and say which there were.

        Operations are not idempotent, on purpose: they follow from an
        observation, and adding what is there (EEXIST) or removing what is not
        (ENOENT, ESRCH, ENODEV, EADDRNOTAVAIL) shows that something else writes,
        which the next round then sees. Exceptions, where the kernel itself is so:
        `Change` of a route or nexthop replaces whatever has its identity, or
        creates it; a neighbour is added over one that the kernel has learned;
        `SetSysctl` and `LoadRuleset` overwrite.

        Where the rules of a virtual switch cannot be loaded, nothing else is done in
        its namespace: what was in force stays, and a new switch lets nothing pass.

        An operation on a namespace that is not pinned fails with ENOENT; it
        never acts on another one. Operations on a namespace whose creation
        failed therefore fail as well.
        """
        ...

    def close(self) -> None:
        """Let go of everything that would keep a namespace alive. Idempotent."""
        ...
