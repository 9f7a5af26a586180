"""A changed lab handed to the cloud process of one that runs, as `vnetlab deploy` hands it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import grpc

from benchmarks.deployment import Deployment
from benchmarks.labs import GeneratedLab
from benchmarks.measurement import NotMeasured
from lab.contract.v1 import lab_pb2, lab_pb2_grpc
from lab.control.requests import to_request

PATIENCE = 30.0
"""Seconds in which every host has to have answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """When what happened; `time.monotonic`."""

    asked: float
    """The request was sent, over a connection that stood."""
    accepted: float
    """The cloud process had compiled it, told the hosts and saved what came of it."""
    settled: float
    """Every host had said that it matches; the patience's end where one is missing."""


def apply(
    deployment: Deployment,
    lab: GeneratedLab,
    *,
    complete: bool = True,
    begun: Callable[[float], None] = lambda _: None,
) -> Application:
    """Apply `lab` to the cloud process of `deployment`; `complete`: every host has to match.

    `begun` hears when, as the request leaves.

    Raises `NotMeasured` when a host fails, or does not answer though it should.
    """
    request = to_request(lab.sources(), origin=str(deployment.file), deadline=PATIENCE)
    with grpc.insecure_channel(f"unix:{deployment.cloud_socket}") as channel:
        grpc.channel_ready_future(channel).result(timeout=PATIENCE)
        asked = time.monotonic()
        begun(asked)
        accepted = 0.0
        for progress in lab_pb2_grpc.LabServiceStub(channel).Apply(request):
            accepted = accepted or time.monotonic()
            if progress.nodes_ready >= progress.nodes_total or not complete:
                break
        settled = time.monotonic()
    if progress.failures or (complete and progress.nodes_ready < progress.nodes_total):
        raise NotMeasured(f"not every host matches: {progress}")
    return Application(asked=asked, accepted=accepted, settled=settled)


def nodes_of(deployment: Deployment) -> list[lab_pb2.NodeStatus]:
    """The nodes of clusters, as the cloud process knows them."""
    with grpc.insecure_channel(f"unix:{deployment.cloud_socket}") as channel:
        request = lab_pb2.InspectRequest(kinds=["nodes"])
        reply = lab_pb2_grpc.LabServiceStub(channel).Inspect(request)
        return [node for node in reply.nodes if node.cluster]
