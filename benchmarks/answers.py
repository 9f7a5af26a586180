"""Proof that pods reach each other: each is asked by a pod of another node."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterable, Callable, Sequence
from dataclasses import dataclass
from typing import cast

import grpc
import grpc.aio

from benchmarks.measurement import NotMeasured
from lab.contract.v1 import agent_pb2, lab_pb2, lab_pb2_grpc

AT_ONCE = 32
"""Questions under way at a time: enough to keep the machine busy, not to choke it."""

PORT = 80
"""Where the pods of generated labs listen."""

PATIENCE = 1.0
"""Seconds after which a question is put again."""


class Unanswered(NotMeasured):
    """Pods did not answer; the message names some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Who asks whom."""

    source: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What came of asking."""

    pairs: int
    """All of which were answered in the end."""
    again: int
    """Questions that had no answer at first and were put again."""


def every_pod_is_answered(socket: str, *, deadline: float) -> Answers:
    """Each pod connects to a pod of another node, again until it has an answer.

    Raises `Unanswered` when one has none after `deadline` seconds.
    """
    return asyncio.run(_ask(socket, _connection, sample=None, deadline=deadline))


def sampled_pods_are_answered(socket: str, *, pairs: int, deadline: float) -> Answers:
    """The same for random pods of different nodes, and with `ping`, a process for each."""
    return asyncio.run(_ask(socket, _ping, sample=pairs, deadline=deadline))


def cross_node_pairs(pods: Sequence[lab_pb2.PodStatus]) -> list[Pair]:
    """Each pod with one of the next node: every pod asks, and every pod is asked."""
    nodes: dict[str, list[lab_pb2.PodStatus]] = {}
    for pod in pods:
        nodes.setdefault(pod.node, []).append(pod)
    pairs = []
    for here, there in itertools.pairwise([*nodes.values(), next(iter(nodes.values()))]):
        for number, pod in enumerate(here):
            pairs.append(Pair(source=_target(pod), address=there[number % len(there)].address))
    return pairs


def random_pairs(pods: Sequence[lab_pb2.PodStatus], count: int) -> list[Pair]:
    """Pairs of pods on different nodes, the same in every run."""
    chooser = random.Random(count)
    pairs: list[Pair] = []
    while len(pairs) < count:
        source, destination = chooser.sample(list(pods), 2)
        if source.node != destination.node:
            pairs.append(Pair(source=_target(source), address=destination.address))
    return pairs


def _target(pod: lab_pb2.PodStatus) -> str:
    return f"pod/{pod.namespace}/{pod.name}"


def _connection(address: str) -> agent_pb2.ProbeRequest:
    return agent_pb2.ProbeRequest(
        deadline=PATIENCE, tcp=agent_pb2.TcpProbe(destination=address, port=PORT)
    )


def _ping(address: str) -> agent_pb2.ProbeRequest:
    return agent_pb2.ProbeRequest(
        deadline=PATIENCE, ping=agent_pb2.PingProbe(destination=address, count=1)
    )


Question = Callable[[str], agent_pb2.ProbeRequest]
"""What to ask at an address."""


async def _ask(socket: str, question: Question, *, sample: int | None, deadline: float) -> Answers:
    async with grpc.aio.insecure_channel(f"unix:{socket}") as channel:
        service = lab_pb2_grpc.LabServiceStub(channel)
        reply = await service.Inspect(lab_pb2.InspectRequest(kinds=["pods"]))
        pods = [pod for pod in reply.pods if not pod.host_network]
        pairs = cross_node_pairs(pods) if sample is None else random_pairs(pods, sample)
        # The generated stub has the types of blocking calls.
        probe = cast(Probe, service.Probe)
        gate = asyncio.Semaphore(AT_ONCE)
        silent = set(pairs)
        again = 0

        async def ask(pair: Pair) -> None:
            nonlocal again
            while True:
                async with gate:
                    if await _answered(probe, pair, question):
                        silent.discard(pair)
                        return
                again += 1

        try:
            async with asyncio.timeout(deadline), asyncio.TaskGroup() as group:
                for pair in pairs:
                    group.create_task(ask(pair))
        except TimeoutError:
            one = next(iter(silent))
            raise Unanswered(
                f"{len(silent)} of {len(pairs)} got no answer within {deadline:g} s, "
                f"for example {one.source} from {one.address}"
            ) from None
    return Answers(pairs=len(pairs), again=again)


Probe = Callable[[lab_pb2.TargetedProbe], AsyncIterable[agent_pb2.ProbeReply]]


async def _answered(ask: Probe, pair: Pair, question: Question) -> bool:
    asked = lab_pb2.TargetedProbe(target=pair.source, probe=question(pair.address))
    async for reply in ask(asked):
        return bool(reply.ping.received == 1 or reply.connection.connected)
    return False
