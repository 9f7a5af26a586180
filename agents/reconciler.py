"""One round of a host: observe, plan, apply, verify, report.

A restarted agent knows no history but the ledger. It therefore adopts what it
finds: it observes, finds nothing to do, and has not written once. Pruning needs no
guard of its own, for there is no round before a desired state has come.

What a round does to the host is `agents.kept_host`'s; here is what it has to wait for: the
kernel's thread, the other hosts of the process, the workloads.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.kept_host import KeptHost, Outcome, Writing
from agents.kernel.worker import Worker
from agents.objects.namespace import pod_namespace
from agents.plan.firewall import with_proxy
from agents.plan.pods import pod_subject
from agents.precedence import Precedence
from agents.workloads.desired import MACHINE, Workload, WorkloadStatus, failures, workloads_for
from agents.workloads.platform import PlatformServices, platform_for
from lab.contract.condition import Condition, ConditionStatus
from lab.contract.node_state import NodeState, Pod
from lab.contract.state_parts import Parts, shared_change

logger = logging.getLogger(__name__)

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


class Reconciler:
    """Makes a host match a desired state. One round at a time."""

    def __init__(
        self,
        host: KeptHost,
        worker: Worker,
        *,
        workloads: Workloads,
        precedence: Precedence | None = None,
    ) -> None:
        """`worker`: the thread for all that is done to `host`.

        `precedence`: shared with the other hosts of the process; None: there are none.
        """
        self._host = host
        self._worker = worker
        self._workloads = workloads
        self._precedence = precedence or Precedence()

    def anticipate(self, before: Parts, after: Parts) -> "asyncio.Future[int] | None":
        """Begin with what is the same for many hosts, if that is all there is.

        `before`: the state that the host was seen to match. The result is the number of
        operations executed; a round has to follow. None: there is nothing to begin with.
        Raises `lab.contract.wire.CodecError` when `after` is no state.
        """
        change = shared_change(before, after)
        return None if change is None else self._worker.submit(self._host.anticipate, change)

    async def reconcile(self, state: NodeState, *, afresh: bool = False) -> Round:
        """Make the host match; a failing object is a condition, never an exception.

        `afresh`: look at everything, also at what is known to be as desired.
        """
        state = with_proxy(state)
        with self._precedence.writing():
            await self._release(state)
            writing = await self._worker.run(self._host.write, state, afresh=afresh)
        outcome = await self._verified(writing)
        reasons = dict(outcome.reasons)
        attached = [pod for pod in state.pods if pod_subject(pod) not in reasons]
        await self._run_workloads(state, attached, reasons)
        return Round(
            operations=outcome.executed,
            conditions=_conditions(state, reasons),
            pods_attached=len(attached),
        )

    async def _verified(self, writing: Writing) -> Outcome:
        if not writing.plan:
            return Outcome(executed=writing.executed, reasons=writing.reasons)
        await self._precedence.give_way()
        return await self._worker.run(self._host.verify, writing)

    async def _release(self, state: NodeState) -> None:
        """End what runs in pods that go: a listening socket would keep their namespace alive."""
        departing = self._host.departing(state)
        if not departing:
            return
        pinned = await self._worker.run(self._host.namespaces)
        if not pinned & departing:
            return
        staying = {pod.uid for pod in state.pods if pod_namespace(pod.uid) in pinned}
        try:
            await self._workloads.apply(workloads_for(state, attached=staying), platform_for(state))
        except OSError as error:
            logger.warning("workloads of departing pods not ended", extra={"error": str(error)})

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
