from pathlib import Path

import pytest

from agents.config import AgentConfig
from agents.probes.runner import TOOLS, ProbeRunner
from lab.contract.v1.agent_pb2 import (
    Place,
    ProbeReply,
    ProbeRequest,
    StopCaptureProbe,
    TcpProbe,
)

CONFIG = AgentConfig(
    node="vm1",
    cloud="unix:/nowhere",
    run_directory=Path("/nonexistent"),
    namespaces=Path("/nonexistent"),
    root=Path("/nonexistent"),
)


async def replies_to(request: ProbeRequest) -> list[ProbeReply]:
    replies: list[ProbeReply] = []

    async def reply(message: ProbeReply) -> None:
        replies.append(message)

    await ProbeRunner(CONFIG).run(request, reply)
    return replies


def test_every_probe_of_the_wire_is_known() -> None:
    wire = {field.name for field in ProbeRequest.DESCRIPTOR.oneofs_by_name["probe"].fields}
    assert wire == set(TOOLS) | {"tcp", "udp", "capture", "stop_capture"}


@pytest.mark.parametrize("kind", sorted({*TOOLS, "tcp", "udp", "capture"}))
async def test_a_place_that_is_not_there_is_an_answer(kind: str) -> None:
    request = ProbeRequest(id=7, place=Place(pod_uid="u1"))
    getattr(request, kind).SetInParent()
    if kind == "command":
        request.command.argv.append("true")
    (reply,) = await replies_to(request)
    assert (reply.id, reply.error) == (7, "pod-u1 is not there on vm1 (yet, or any more)")


async def test_a_request_without_a_probe_is_an_answer() -> None:
    (reply,) = await replies_to(ProbeRequest(id=7, place=Place(node=True)))
    assert "does not know the probe" in reply.error


async def test_a_request_without_a_place_is_an_answer() -> None:
    (reply,) = await replies_to(ProbeRequest(id=7, tcp=TcpProbe(destination="10.0.0.4")))
    assert reply.error == "the request names no place"


async def test_ending_a_capture_that_has_ended_is_no_error() -> None:
    request = ProbeRequest(id=7, stop_capture=StopCaptureProbe(token="gone"))
    assert await replies_to(request) == [ProbeReply(id=7)]
