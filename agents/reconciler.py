"""One round of a host: observe, plan, apply, verify, report.

A restarted agent knows no history but the ledger. It therefore adopts what it
finds: it observes, finds nothing to do, and has not written once. Pruning needs no
guard of its own, for there is no round before a desired state has come.

What a round has seen to be as desired the next one takes for settled, as long as
the same is wanted and the kernel tells of no change (`agents.kernel.observing`), so
that a small change is a short round. A host that matched is even written to first and
looked at afterwards: its first plan is made from what was seen last (decision 0098). A
round `afresh` takes nothing for settled.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from agents import files
from agents.config import AgentConfig
from agents.kernel.door import Failure, Kernel, View
from agents.kernel.errors import KernelError
from agents.ledger import Ledger, RecordFile, decoded, encoded
from agents.objects.namespace import (
    Desired,
    Observed,
    is_pod_namespace,
    pod_namespace,
)
from agents.plan.diff import Settled, operations_between
from agents.plan.firewall import with_proxy
from agents.plan.host import HostPlan, host_for
from agents.plan.operations import Operation
from agents.plan.ownership import Ownership, made_by, owned_by
from agents.plan.pods import pod_subject
from agents.precedence import Precedence
from agents.render.hosts import hostname_file, hosts_file
from agents.workloads.desired import MACHINE, Workload, WorkloadStatus, failures, workloads_for
from agents.workloads.platform import PlatformServices, platform_for
from lab.contract.condition import Condition, ConditionStatus
from lab.contract.node_state import File, NodeState, Pod

logger = logging.getLogger(__name__)

_PASSES = 3
"""How often a round applies: the kernel may take more along than it was asked to
(routes go with an address, a nexthop with its device), which the next pass mends."""

_UNREACHABLE = "the workloads process cannot be reached"


class Workloads(Protocol):
    """What has things run inside pods: `agents.workloads.client.WorkloadsClient`."""

    async def apply(
        self, workloads: Sequence[Workload], platform: PlatformServices | None
    ) -> Sequence[WorkloadStatus]:
        """Have exactly these run, and the host's own services answer.

        What is left out has let go of its namespace on return.

        Raises:
            OSError: the process that runs them cannot be reached.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a round did."""

    operations: int
    """Operations executed, written files included; 0: the host already matched."""
    conditions: tuple[Condition, ...]
    pods_attached: int
    """Pods of the state that are there, those on the host's network included."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    executed: int
    reasons: Mapping[str, str]
    """Why subjects are not as desired; those that are have no entry."""


@dataclass(frozen=True, slots=True)
class _Written:
    files: Sequence[File]
    """Of the node."""
    pods: Mapping[str, Mapping[str, bytes]]
    """By uid."""


class Reconciler:
    """Makes a host match a desired state. One round at a time."""

    def __init__(
        self,
        kernel: Kernel,
        config: AgentConfig,
        *,
        workloads: Workloads,
        precedence: Precedence | None = None,
    ) -> None:
        """`precedence`: shared with the other hosts of the process; None: there are none."""
        self._precedence = precedence or Precedence()
        self._kernel = kernel
        self._config = config
        self._workloads = workloads
        self._record = RecordFile(config.run_directory / "ledger.json")
        self._ledger = decoded(self._record.read())
        self._before: HostPlan | None = None
        self._settled: dict[str, tuple[Desired, Observed]] = {}
        """Namespaces that were seen to be as desired: what was wanted, what was seen."""
        self._matched: Mapping[str, Observed] | None = None
        """What was seen when the host was found to match; None: it was not, or was written to
        since."""
        self._written: _Written | None = None
        """The files that are there; None: not known."""

    async def reconcile(self, state: NodeState, *, afresh: bool = False) -> Round:
        """Make the host match; a failing object is a condition, never an exception.

        `afresh`: look at everything, also at what is known to be as desired.
        """
        state = with_proxy(state)
        if afresh:
            self._before, self._written, self._matched = None, None, None
            self._settled.clear()
        desired = host_for(state, before=self._before)
        self._before = (state, desired)
        goal = Ledger(
            ownership=owned_by(desired), files=frozenset(file.path for file in state.files)
        )
        # Before they are made, so that none is ever forgotten: nobody else has these names.
        own = self._ledger.ownership
        named = replace(own, namespaces=own.namespaces | goal.ownership.namespaces)
        self._keep(Ledger(ownership=named, files=self._ledger.files | goal.files))
        reasons: dict[str, str] = {}
        executed = self._write_files(state, goal, reasons)
        try:
            await self._release(state, desired)
            outcome = await self._converge(desired, afresh=afresh)
            executed += outcome.executed
            reasons |= outcome.reasons
        except KernelError as error:
            logger.exception("host cannot be read")
            reasons |= {place.subject: str(error) for place in desired.values()}
        if not reasons:
            self._keep(goal)
        attached = [pod for pod in state.pods if pod_subject(pod) not in reasons]
        await self._run_workloads(state, attached, reasons)
        return Round(
            operations=executed,
            conditions=_conditions(state, reasons),
            pods_attached=len(attached),
        )

    async def _release(self, state: NodeState, desired: Mapping[str, Desired]) -> None:
        """End what runs in pods that go: a listening socket would keep their namespace alive."""
        departing = self._ledger.ownership.namespaces - desired.keys()
        if not departing or not (pinned := await self._kernel.namespaces()) & departing:
            return
        staying = {pod.uid for pod in state.pods if pod_namespace(pod.uid) in pinned}
        try:
            await self._workloads.apply(workloads_for(state, attached=staying), platform_for(state))
        except OSError as error:
            logger.warning("workloads of departing pods not ended", extra={"error": str(error)})

    async def _converge(self, desired: Mapping[str, Desired], *, afresh: bool) -> _Outcome:
        executed = 0
        refused: dict[Operation, str] = {}
        previous: tuple[Operation, ...] = ()
        for attempt in range(_PASSES + 1):
            if attempt == 1:
                await self._precedence.give_way()
            with self._precedence.writing() if attempt == 0 else nullcontext():
                plan = await self._plan(desired, afresh=afresh and attempt == 0)
                if not plan or plan == previous or attempt == _PASSES:
                    break
                failed = await self._apply(plan)
            refused = {failure.operation: str(failure) for failure in failed}
            executed += len(plan) - len(failed)
            previous = plan
        reasons: dict[str, str] = {}
        for operation in plan:
            reason = refused.get(operation, f"not in effect although applied: {operation}")
            reasons.setdefault(operation.subject, reason)
        return _Outcome(executed, reasons)

    async def _apply(self, plan: Sequence[Operation]) -> Sequence[Failure]:
        """Execute, and note what is ours now."""
        if logger.isEnabledFor(logging.DEBUG):
            for operation in plan:
                logger.debug("operation", extra={"operation": str(operation)})
        self._matched = None
        failed = await self._kernel.apply(plan)
        for failure in failed:
            logger.warning("operation failed", extra={"failure": str(failure)})
        # Operations are large: they are compared with those that failed, and only then.
        refused = [failure.operation for failure in failed]
        done = [operation for operation in plan if not refused or operation not in refused]
        self._keep(replace(self._ledger, ownership=self._ledger.ownership | made_by(done)))
        return failed

    async def _plan(self, desired: Mapping[str, Desired], *, afresh: bool) -> tuple[Operation, ...]:
        if self._matched is not None and (plan := self._difference(desired, self._matched)):
            return plan
        ownership = self._ledger.ownership
        views = [
            _view(name, desired.get(name), ownership)
            for name in sorted(desired.keys() | ownership.namespaces)
        ]
        observed = await self._kernel.observe(views, afresh=afresh)
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
        whole, objects = set(), set()
        for name, (wanted, seen) in self._settled.items():
            now, again = desired.get(name), observed.get(name)
            if now is None or again is None or again.alias_of != seen.alias_of:
                continue
            if again.objects is seen.objects and now.objects is wanted.objects:
                objects.add(name)
                if now is wanted and again.rulesets == seen.rulesets:
                    whole.add(name)
        return Settled(whole=whole, objects=objects - whole)

    async def _run_workloads(
        self, state: NodeState, attached: Sequence[Pod], reasons: dict[str, str]
    ) -> None:
        wanted = workloads_for(state, attached={pod.uid for pod in attached})
        try:
            failed = failures(await self._workloads.apply(wanted, platform_for(state)))
        except OSError as error:
            reasons["workloads"] = f"{_UNREACHABLE}: {error}"
            return
        subjects = {pod.uid: pod_subject(pod) for pod in state.pods} | {MACHINE: "workloads"}
        for uid, reason in failed.items():
            reasons.setdefault(subjects.get(uid, "workloads"), reason)

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


def _conditions(state: NodeState, reasons: Mapping[str, str]) -> tuple[Condition, ...]:
    subjects = ["vswitch", "node", "workloads", *(pod_subject(pod) for pod in state.pods)]
    conditions = []
    for subject in subjects:
        reason = reasons.get(subject, "")
        status = ConditionStatus.FAILED if reason else ConditionStatus.APPLIED
        if reason.startswith(_UNREACHABLE):
            # Its process starts beside the agent's: this passes.
            status = ConditionStatus.PENDING
        conditions.append(Condition(object=subject, status=status, reason=reason))
    return tuple(conditions)
