"""The command line's end of gRPC: apply, inspect, probe, resolve."""

import asyncio
import logging
from contextlib import aclosing
from urllib.parse import quote

import grpc

from lab.contract.condition import to_wire
from lab.contract.v1 import agent_pb2, lab_pb2, lab_pb2_grpc
from lab.control.convergence import Convergence, NodeFailure, Progress
from lab.control.health import Health
from lab.control.inspection import inspect
from lab.control.probes import NoAgentError, NoAnswerError, Probes
from lab.control.rollout import Delivered, LabInUseError, Revision, Rollout
from lab.control.store import StateFileError
from lab.topology.problems import LabFileError

logger = logging.getLogger(__name__)

GATHERING = 0.05
"""Seconds of which one message tells: who watches sees no more, and hosts answer by the hundred."""

LONGEST_DETAILS = 6_000
"""Bytes of an error's text as gRPC encodes it; beyond 8 KiB a client may refuse the answer."""

ApplyContext = grpc.aio.ServicerContext[lab_pb2.ApplyRequest, lab_pb2.ApplyProgress]
ProbeContext = grpc.aio.ServicerContext[lab_pb2.TargetedProbe, agent_pb2.ProbeReply]
InspectContext = grpc.aio.ServicerContext[lab_pb2.InspectRequest, lab_pb2.InspectReply]
ResolveContext = grpc.aio.ServicerContext[lab_pb2.ResolveRequest, lab_pb2.ResolveReply]
AnyContext = ApplyContext | ProbeContext | InspectContext | ResolveContext


class LabService(lab_pb2_grpc.LabServiceServicer):
    """Serves the command line."""

    def __init__(
        self, *, rollout: Rollout, convergence: Convergence, health: Health, probes: Probes
    ) -> None:
        self._rollout = rollout
        self._convergence = convergence
        self._health = health
        self._probes = probes

    async def Apply(  # type: ignore[override]  # the generated stub knows generators only
        self, request: lab_pb2.ApplyRequest, context: ApplyContext
    ) -> None:
        """Bring the files about and say how far that is, until every host has answered.

        Ends with INVALID_ARGUMENT and every problem of the files, or with
        ALREADY_EXISTS when this process keeps another lab, or FAILED_PRECONDITION
        when nothing can be kept.
        """
        try:
            delivered = await self._rollout.apply(request)
        except LabFileError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, fitting(str(error)))
        except LabInUseError as error:
            await context.abort(grpc.StatusCode.ALREADY_EXISTS, fitting(str(error)))
        except StateFileError as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, fitting(str(error)))
        await self._follow(delivered, context, patience=request.deadline)

    async def Inspect(
        self, request: lab_pb2.InspectRequest, context: InspectContext
    ) -> lab_pb2.InspectReply:
        """What is; FAILED_PRECONDITION before the first apply."""
        revision = await self._revision(context)
        return inspect(
            revision,
            self._convergence.standings,
            kinds=frozenset(request.kinds),
            health=self._health,
        )

    async def Probe(  # type: ignore[override]  # the generated stub knows generators only
        self, request: lab_pb2.TargetedProbe, context: ProbeContext
    ) -> None:
        """Pass the replies of the target's host on.

        Ends with NOT_FOUND when there is no such target, UNAVAILABLE when its agent
        is not here, DEADLINE_EXCEEDED when the agent does not answer.
        """
        target = await self._target(request.target, context)
        probe = agent_pb2.ProbeRequest()
        probe.CopyFrom(request.probe)
        probe.place.CopyFrom(target.place)
        try:
            async with aclosing(self._probes.replies(target.node, probe)) as replies:
                async for reply in replies:
                    await context.write(reply)
        except NoAgentError as error:
            await context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        except NoAnswerError as error:
            await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, str(error))

    async def Resolve(
        self, request: lab_pb2.ResolveRequest, context: ResolveContext
    ) -> lab_pb2.ResolveReply:
        """Where a target is; NOT_FOUND when there is none of that name."""
        return await self._target(request.target, context)

    async def _follow(
        self, delivered: Delivered, context: ApplyContext, *, patience: float
    ) -> None:
        watch, number = delivered.watch, delivered.revision.number
        end = asyncio.get_running_loop().time() + patience if patience else None
        progress = watch.progress()
        await context.write(_first(delivered.revision, progress))
        while not progress.settled:
            try:
                # Around the wait only: a write that is cut short would break the stream.
                async with asyncio.timeout_at(end):
                    await watch.changed(gathering=GATHERING)
            except TimeoutError:
                late = _message(number, progress, missing=watch.missing())
                late.done = True
                await context.write(late)
                return
            progress = watch.progress()
            await context.write(_message(number, progress))

    async def _revision(self, context: AnyContext) -> Revision:
        revision = self._rollout.current
        if revision is None:
            await context.abort(
                grpc.StatusCode.FAILED_PRECONDITION, "nothing was applied yet: deploy a lab first"
            )
        return revision

    async def _target(self, name: str, context: AnyContext) -> lab_pb2.ResolveReply:
        revision = await self._revision(context)
        try:
            return revision.compiled.resolve(name)
        except LookupError as error:
            await context.abort(grpc.StatusCode.NOT_FOUND, fitting(str(error)))


def fitting(text: str) -> str:
    """As many whole lines of `text` as an error of gRPC can carry, and how many more there are."""
    lines = text.splitlines()
    kept: list[str] = []
    room = LONGEST_DETAILS
    for number, line in enumerate(lines):
        room -= len(quote(line)) + 3
        if room < 0:
            return "\n".join([*kept, f"… and {len(lines) - number} more lines"])
        kept.append(line)
    return text


def _first(revision: Revision, progress: Progress) -> lab_pb2.ApplyProgress:
    message = _message(revision.number, progress)
    message.hosts.extend(
        lab_pb2.Host(name=name, underlay_address=str(address))
        for name, address in revision.compiled.hosts.items()
    )
    message.warnings.extend(revision.compiled.warnings)
    return message


def _message(
    revision: int, progress: Progress, *, missing: tuple[NodeFailure, ...] = ()
) -> lab_pb2.ApplyProgress:
    return lab_pb2.ApplyProgress(
        revision=revision,
        nodes_ready=progress.nodes_ready,
        nodes_total=progress.nodes_total,
        pods_attached=progress.pods_attached,
        pods_total=progress.pods_total,
        operations=progress.operations,
        failures=[
            lab_pb2.NodeCondition(node=failure.node, condition=to_wire(failure.condition))
            for failure in (*progress.failures, *missing)
        ],
        done=progress.settled,
    )
