"""A host as its agent keeps it: what is wanted of it, what was seen, what is ours.

What a round has seen to be as desired the next one takes for settled, as long as
the same is wanted and the kernel tells of no change (`agents.kernel.observing`), so
that a small change is a short round. Routes and gates that hosts share are written before it
(decision 0107), and a host that matched is written to first and looked at afterwards: its
first plan is made from what was seen last (decision 0098). A round `afresh` takes nothing
for settled.

All of it happens on the thread that may change its network namespace, a job for each
half of a round: the loop decides whose turn it is, and does nothing else meanwhile
(decision 0104).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agents import files
from agents.config import AgentConfig
from agents.kernel.door import Failure, Kernel, View
from agents.kernel.errors import KernelError
from agents.ledger import Ledger, RecordFile, decoded, encoded
from agents.objects.namespace import (
    VSWITCH_NAMESPACE,
    Desired,
    Observed,
    is_pod_namespace,
    pod_namespace,
)
from agents.plan.ahead import operations_ahead
from agents.plan.diff import Settled, operations_between
from agents.plan.host import HostPlan, host_for
from agents.plan.operations import Operation
from agents.plan.ownership import Ownership, made_by, owned_alike, owned_by
from agents.plan.settled import settled_sections
from agents.render.hosts import hostname_file, hosts_file
from lab.contract.node_state import File, NodeState, Pod
from lab.contract.state_parts import SharedChange

logger = logging.getLogger(__name__)

_NOTHING = Ownership()

_PASSES = 3
"""How often a round applies: the kernel may take more along than it was asked to
(routes go with an address, a nexthop with its device), which the next pass mends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The first half of a round: what was written."""

    desired: Mapping[str, Desired]
    goal: Ledger
    executed: int
    """Operations, written files included."""
    reasons: Mapping[str, str]
    """Why subjects can't be as desired."""
    plan: tuple[Operation, ...] = ()
    """Empty: the host matched already, or can't be read."""
    refused: Mapping[Operation, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a round has come to."""

    executed: int
    """Operations, written files included; 0: the host already matched."""
    reasons: Mapping[str, str]
    """Why subjects are not as desired; those that are have no entry."""


@dataclass(frozen=True, slots=True)
class _Written:
    files: Sequence[File]
    """Of the node."""
    pods: Mapping[str, Mapping[str, bytes]]
    """By uid."""


class KeptHost:
    """One host. Not for two threads at once."""

    def __init__(self, kernel: Kernel, config: AgentConfig) -> None:
        self._kernel = kernel
        self._config = config
        self._record = RecordFile(config.run_directory / "ledger.json")
        self._ledger = decoded(self._record.read())
        self._before: HostPlan | None = None
        self._goal = Ledger()
        """What is ours once the host is as `_before` says."""
        self._settled: dict[str, tuple[Desired, Observed]] = {}
        """Namespaces that were seen to be as desired: what was wanted, what was seen."""
        self._matched: Mapping[str, Observed] | None = None
        """What was seen when the host was found to match; None: it was not, or was written to
        since."""
        self._written: _Written | None = None
        """The files that are there; None: not known."""

    def departing(self, state: NodeState) -> frozenset[str]:
        """Namespaces of ours whose pods `state` has no more; they may be gone already."""
        staying = {pod_namespace(pod.uid) for pod in state.pods}
        return self._ledger.ownership.namespaces - staying

    def namespaces(self) -> frozenset[str]:
        """Those that there are, by name."""
        return self._kernel.namespaces()

    def anticipate(self, change: SharedChange) -> int:
        """Have routes and gates be those after `change`, ahead of the round that is for all.

        Returns the number of operations executed: none where the host isn't known to match
        what was before the change, or more than that changes in its switch.
        """
        if self._before is None or self._matched is None:
            return 0
        state, desired = self._before
        operations = operations_ahead(change, state, desired[VSWITCH_NAMESPACE])
        if not operations:
            return 0
        try:
            return len(operations) - len(self._execute(operations))
        except KernelError as error:
            logger.warning("not changed ahead of the round", extra={"error": str(error)})
            return 0

    def write(self, state: NodeState, *, afresh: bool = False) -> Writing:
        """Have the host be as `state` wants it, as far as one pass brings it there.

        `afresh`: look at everything, also at what is known to be as desired.
        """
        if afresh:
            self._before, self._written, self._matched = None, None, None
            self._settled.clear()
        before, desired = self._before, host_for(state, before=self._before)
        self._before = (state, desired)
        goal = self._goal
        if before is None or before[0].files != state.files or not owned_alike(desired, before[1]):
            goal = Ledger(
                ownership=owned_by(desired), files=frozenset(file.path for file in state.files)
            )
        self._goal = goal
        # Before they are made, so that none is ever forgotten: nobody else has these names.
        own = self._ledger.ownership
        named = replace(own, namespaces=own.namespaces | goal.ownership.namespaces)
        self._keep(Ledger(ownership=named, files=self._ledger.files | goal.files))
        reasons: dict[str, str] = {}
        executed = self._write_files(state, goal, reasons)
        plan: tuple[Operation, ...] = ()
        failed: Sequence[Failure] = ()
        try:
            if plan := self._plan(desired, afresh=afresh):
                failed = self._apply(plan)
        except KernelError as error:
            reasons |= _unreadable(desired, error)
            plan = ()
        if not plan and not reasons:
            self._keep(goal)
        return Writing(
            desired=desired,
            goal=goal,
            executed=executed + len(plan) - len(failed),
            reasons=reasons,
            plan=plan,
            refused={failure.operation: str(failure) for failure in failed},
        )

    def verify(self, writing: Writing) -> Outcome:
        """Look whether the host is as it was written; what is not is written once more."""
        reasons, executed = dict(writing.reasons), writing.executed
        previous, refused = writing.plan, writing.refused
        try:
            for attempt in range(_PASSES):
                plan = self._plan(writing.desired)
                if not plan or plan == previous or attempt == _PASSES - 1:
                    break
                failed = self._apply(plan)
                refused = {failure.operation: str(failure) for failure in failed}
                executed += len(plan) - len(failed)
                previous = plan
            for operation in plan:
                reason = refused.get(operation, f"not in effect although applied: {operation}")
                reasons.setdefault(operation.subject, reason)
        except KernelError as error:
            reasons |= _unreadable(writing.desired, error)
        if not reasons:
            self._keep(writing.goal)
        return Outcome(executed=executed, reasons=reasons)

    def _apply(self, plan: Sequence[Operation]) -> Sequence[Failure]:
        """Execute, and note what is ours now."""
        failed = self._execute(plan)
        # Operations are large: they are compared with those that failed, and only then.
        refused = [failure.operation for failure in failed]
        done = [operation for operation in plan if not refused or operation not in refused]
        if (made := made_by(done)) != _NOTHING:
            self._keep(replace(self._ledger, ownership=self._ledger.ownership | made))
        return failed

    def _execute(self, plan: Sequence[Operation]) -> Sequence[Failure]:
        if logger.isEnabledFor(logging.DEBUG):
            for operation in plan:
                logger.debug("operation", extra={"operation": str(operation)})
        self._matched = None
        failed = self._kernel.apply(plan)
        for failure in failed:
            logger.warning("operation failed", extra={"failure": str(failure)})
        return failed

    def _plan(
        self, desired: Mapping[str, Desired], *, afresh: bool = False
    ) -> tuple[Operation, ...]:
        if self._matched is not None and (plan := self._difference(desired, self._matched)):
            return plan
        ownership = self._ledger.ownership
        views = [
            _view(name, desired.get(name), ownership)
            for name in sorted(desired.keys() | ownership.namespaces)
        ]
        observed = self._kernel.observe(views, afresh=afresh)
        plan = self._difference(desired, observed)
        if not plan:
            self._matched = observed
            self._settled = {
                name: (wanted, observed[name])
                for name, wanted in desired.items()
                if name in observed
            }
        return plan

    def _difference(
        self, desired: Mapping[str, Desired], observed: Mapping[str, Observed]
    ) -> tuple[Operation, ...]:
        return operations_between(
            desired,
            observed,
            self._ledger.ownership,
            settled=self._still_settled(desired, observed),
        )

    def _still_settled(
        self, desired: Mapping[str, Desired], observed: Mapping[str, Observed]
    ) -> Settled:
        """What is known to be as desired: the same is wanted, and nothing else was heard of it."""
        return {
            name: settled_sections(wanted, seen, was_wanted=was_wanted, was_seen=was_seen)
            for name, (was_wanted, was_seen) in self._settled.items()
            if (wanted := desired.get(name)) and (seen := observed.get(name))
        }

    def _write_files(self, state: NodeState, goal: Ledger, reasons: dict[str, str]) -> int:
        """Have the files there; those that were seen to be are not looked at again."""
        root, before = self._config.root, self._written
        pods = {pod.uid: _pod_files(pod, state) for pod in state.pods}
        written = 0
        try:
            if before is None or before.files != state.files:
                written += files.write_files(root, state.files)
                written += files.remove_files(root, sorted(self._ledger.files - goal.files))
            if before is None or before.pods != pods:
                known = [
                    uid for uid in pods if before is not None and before.pods.get(uid) == pods[uid]
                ]
                directory = pods_directory(self._config.run_directory)
                written += files.write_directories(directory, pods, known=known)
        except (OSError, ValueError) as error:
            reasons["node"] = f"files of the node: {error}"
            self._written = None
        else:
            self._written = _Written(state.files, pods)
        return written

    def _keep(self, ledger: Ledger) -> None:
        if ledger == self._ledger:
            return
        self._ledger = ledger
        self._record.write(encoded(ledger))


def pods_directory(run_directory: Path) -> Path:
    """Where each pod's own files lie, in a directory named by its uid."""
    return run_directory / "pods"


def _view(name: str, place: Desired | None, ownership: Ownership) -> View:
    """What has to be seen of a namespace."""
    rulesets = {owned for namespace, owned in ownership.rulesets if namespace == name}
    if place is not None:
        rulesets |= {ruleset.name for ruleset in place.rulesets}
    return View(
        namespace=name,
        sysctls=tuple(place.objects.sysctls) if place else (),
        rulesets=tuple(sorted(rulesets)),
        routing_policy=not is_pod_namespace(name),
        # Neighbours of the last one of a node's pods are to be seen as well.
        neighbours=not is_pod_namespace(name)
        or (place is not None and bool(place.objects.neighbours)),
    )


def _pod_files(pod: Pod, state: NodeState) -> Mapping[str, bytes]:
    if pod.interface is None:
        name, address = state.name, state.nic.primary.ip
    else:
        name, address = pod.name, pod.interface.address.ip
    return {
        "hosts": hosts_file([name], address).encode(),
        "hostname": hostname_file(name).encode(),
        "resolv.conf": pod.resolv_conf.encode(),
    }


def _unreadable(desired: Mapping[str, Desired], error: KernelError) -> dict[str, str]:
    logger.error("host cannot be read", exc_info=error)
    return {place.subject: str(error) for place in desired.values()}
