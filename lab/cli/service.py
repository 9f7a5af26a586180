"""The cloud process of a lab, as verbs reach it: calls, and failures in words."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import grpc

from lab.cli.errors import REFUSED, CommandFailed
from lab.contract.v1.agent_pb2 import ProbeReply, ProbeRequest
from lab.contract.v1.lab_pb2 import (
    ApplyProgress,
    ApplyRequest,
    InspectReply,
    InspectRequest,
    ResolveReply,
    ResolveRequest,
    TargetedProbe,
)
from lab.contract.v1.lab_pb2_grpc import LabServiceStub

LARGEST_MESSAGE = 256 << 20
"""Bytes. An inspection of 400 nodes with all their routes is beyond gRPC's 4 MiB."""

CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", LARGEST_MESSAGE),
    # A proxy of the environment has no business with a unix socket.
    ("grpc.enable_http_proxy", 0),
)

FORK_SUPPORT = "GRPC_ENABLE_FORK_SUPPORT"

ANSWER_TIME = 30.0
"""Seconds for calls that nothing on the hosts has to happen for."""

WORDS = {
    grpc.StatusCode.UNAVAILABLE: "look at the log of the lab (vnetlab list shows where), "
    "or deploy it again",
    grpc.StatusCode.FAILED_PRECONDITION: "",
    grpc.StatusCode.DEADLINE_EXCEEDED: "is the machine overloaded? the log of the lab says more",
}
"""What to do next, by status; the server's details say what is wrong."""

REFUSALS = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.ALREADY_EXISTS,
    }
)
"""Nothing was begun."""


class LabService:
    """A connection to the cloud process. Every method raises `CommandFailed`."""

    def __init__(self, target: str) -> None:
        with forks_left_alone():
            self._channel = grpc.insecure_channel(target, options=CHANNEL_OPTIONS)
        self._stub = LabServiceStub(self._channel)

    def inspect(self, *kinds: str) -> InspectReply:
        """What is: nodes, pods, routes, ipam, source; all of them unless named."""
        with failures_in_words():
            return self._stub.Inspect(InspectRequest(kinds=kinds), timeout=ANSWER_TIME)

    def resolve(self, target: str) -> ResolveReply:
        """Where a target is."""
        with failures_in_words():
            return self._stub.Resolve(ResolveRequest(target=target), timeout=ANSWER_TIME)

    def apply(self, request: ApplyRequest) -> Iterator[ApplyProgress]:
        """Hand the files over; how far the hosts are, until they are there.

        Leaving the iteration leaves the cloud process to it.
        """
        with failures_in_words():
            call = self._stub.Apply(request)
            try:
                yield from call
            finally:
                call.cancel()  # type: ignore[no-untyped-call]  # the stubs forgot it

    def ask(self, target: str, probe: ProbeRequest) -> Sequence[ProbeReply]:
        """Every reply to a probe at a target."""
        with failures_in_words():
            return list(self._stub.Probe(TargetedProbe(target=target, probe=probe)))

    def close(self) -> None:
        """Let go of the connection."""
        self._channel.close()


@contextmanager
def forks_left_alone() -> Iterator[None]:
    """Keep gRPC, which reads its settings when it first makes a channel, out of forks.

    It would start threads of its own in every child, and a process with threads
    can't enter a lab's user namespace (setns(2): EINVAL). Nobody else is to
    inherit the setting: a command of the user's would see it.
    """
    told = os.environ.get(FORK_SUPPORT)
    os.environ[FORK_SUPPORT] = "0"
    try:
        yield
    finally:
        if told is None:
            del os.environ[FORK_SUPPORT]
        else:
            os.environ[FORK_SUPPORT] = told


@contextmanager
def connected(target: str) -> Iterator[LabService]:
    """A connection for as long as the block runs."""
    service = LabService(target)
    try:
        yield service
    finally:
        service.close()


@contextmanager
def failures_in_words() -> Iterator[None]:
    """gRPC's errors as `CommandFailed`."""
    try:
        yield
    except grpc.RpcError as error:
        raise in_words(error) from error


def in_words(error: grpc.RpcError) -> CommandFailed:
    """What a failed call means to the user."""
    code: grpc.StatusCode = error.code()
    details = str(error.details() or code.name.lower().replace("_", " "))
    if code is grpc.StatusCode.UNAVAILABLE and "connect" in details:
        # gRPC's own words name addresses and error numbers of its inside.
        details = "the cloud process of the lab does not answer"
    return CommandFailed(
        details,
        remedy=WORDS.get(code, ""),
        exit_code=REFUSED if code in REFUSALS else 1,
    )
