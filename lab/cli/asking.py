"""A running lab as `lab.checks` asks it: many probes at once, over one connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING

import grpc

from lab.checks.probing import CanNotAsk, Peer
from lab.checks.verdict import Addresses
from lab.cli.service import CHANNEL_OPTIONS
from lab.contract.v1.agent_pb2 import ProbeReply, ProbeRequest
from lab.contract.v1.lab_pb2 import (
    InspectRequest,
    NodeStatus,
    ResolveRequest,
    TargetedProbe,
)
from lab.contract.v1.lab_pb2_grpc import LabServiceStub
from lab.kube.service_targets import matching, names_service

if TYPE_CHECKING:
    # Known to the stubs only; at run time both kinds are one class.
    from lab.contract.v1.lab_pb2_grpc import LabServiceAsyncStub

PERMANENT = frozenset({grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT})
"""Asking again would be answered the same."""


class RunningLab:
    """`lab.checks.probing.Lab` over gRPC."""

    def __init__(self, stub: "LabServiceAsyncStub") -> None:
        self._stub = stub
        self._peers: dict[tuple[str, str], Peer] = {}
        self._machines: dict[str, NodeStatus] | None = None

    async def ask(self, target: str, request: ProbeRequest) -> AsyncIterator[ProbeReply]:
        """Make a probe at a target; every reply as it comes. Raises `CanNotAsk`."""
        call = self._stub.Probe(TargetedProbe(target=target, probe=request))
        try:
            async for reply in call:
                yield reply
        except grpc.aio.AioRpcError as error:
            raise _can_not(error) from error
        finally:
            call.cancel()

    async def find(self, name: str, *, cluster: str = "") -> Peer:
        """The target called `name`, or the bare address. Raises `CanNotAsk`.

        A Service of type LoadBalancer is its ClusterIP to who asks from inside its own
        `cluster`, and its external address to all others. Answers are kept: where a target is
        does not change while tests run.
        """
        key = (name, cluster)
        if key not in self._peers:
            self._peers[key] = await self._find(name, cluster)
        return self._peers[key]

    async def _find(self, name: str, cluster: str) -> Peer:
        if is_address(name):
            return Peer(address=name, is_target=False)
        if names_service(name):
            return Peer(address=await self._of_service(name, cluster), is_target=False)
        try:
            place = await self._stub.Resolve(ResolveRequest(target=name))
            machine = (await self._known()).get(place.node, NodeStatus())
        except grpc.aio.AioRpcError as error:
            raise _can_not(error) from error
        pod_ip = place.address if place.canonical_name.startswith("pod/") else ""
        in_switch = place.canonical_name.startswith("host/")
        return Peer(
            address=place.address,
            addresses=Addresses(
                pod_ip=pod_ip, node_ip=machine.address, public_ip=machine.public_address
            ),
            cluster="" if in_switch else machine.cluster,
        )

    async def _of_service(self, name: str, cluster: str) -> str:
        """The address of the one Service that a target names. Raises `CanNotAsk`."""
        try:
            reply = await self._stub.Inspect(InspectRequest(kinds=["services"]))
        except grpc.aio.AioRpcError as error:
            raise _can_not(error) from error
        known = {
            (each.namespace, each.name): each.cluster_ip
            if each.cluster == cluster
            else each.external_ip or each.cluster_ip
            for each in reply.services
        }
        found = [known[key] for key in matching(name, known) if known[key]]
        if len(found) != 1:
            raise CanNotAsk(f"'{name}' names no Service that has an address", permanent=True)
        return found[0]

    async def _known(self) -> dict[str, NodeStatus]:
        """Every machine, by its name."""
        if self._machines is None:
            reply = await self._stub.Inspect(InspectRequest(kinds=["nodes"]))
            self._machines = {node.name: node for node in reply.nodes}
        return self._machines


@asynccontextmanager
async def running_lab(target: str) -> AsyncIterator[RunningLab]:
    """The lab whose `LabService` listens at `target`."""
    async with grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS) as channel:
        yield RunningLab(LabServiceStub(channel))


def is_address(name: str) -> bool:
    """Whether `name` is an address rather than the name of a target."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _can_not(error: grpc.aio.AioRpcError) -> CanNotAsk:
    return CanNotAsk(error.details() or error.code().name, permanent=error.code() in PERMANENT)
