import os

import grpc
import pytest

from lab.cli.errors import CommandFailed
from lab.cli.service import FORK_SUPPORT, LabService, connected
from lab.contract.v1.agent_pb2 import PingProbe, ProbeRequest
from lab.contract.v1.lab_pb2 import ApplyProgress, ApplyRequest
from tests.unit.lab.cli.fake_service import FakeLabService


def test_calls_reach_the_cloud_process(service: FakeLabService, target: str) -> None:
    service.progress = [ApplyProgress(revision=1), ApplyProgress(revision=1, done=True)]
    with connected(target) as lab:
        assert lab.inspect("nodes").lab == "aks"
        assert lab.resolve("vm1").canonical_name == "vm/vm1"
        assert [progress.done for progress in lab.apply(ApplyRequest())] == [False, True]
        (reply,) = lab.ask("vm1", ProbeRequest(ping=PingProbe(destination="10.0.0.5")))
    assert reply.ping.received == 3


def test_a_cloud_process_that_is_not_there_is_said_in_words() -> None:
    with connected("unix:/nonexistent/cloud.sock") as lab, pytest.raises(CommandFailed) as failed:
        lab.inspect()
    assert str(failed.value) == "the cloud process of the lab does not answer"
    assert "log" in failed.value.remedy
    assert failed.value.exit_code == 1


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        (grpc.StatusCode.NOT_FOUND, 2),
        (grpc.StatusCode.INVALID_ARGUMENT, 2),
        (grpc.StatusCode.ALREADY_EXISTS, 2),
        (grpc.StatusCode.FAILED_PRECONDITION, 1),
        (grpc.StatusCode.UNAVAILABLE, 1),
    ],
)
def test_a_refusal_keeps_the_servers_words(
    service: FakeLabService, target: str, code: grpc.StatusCode, exit_code: int
) -> None:
    service.refusal = (code, "the reason\nin two lines")
    with connected(target) as lab, pytest.raises(CommandFailed) as failed:
        list(lab.apply(ApplyRequest()))
    assert str(failed.value) == "the reason\nin two lines"
    assert failed.value.exit_code == exit_code


@pytest.mark.parametrize("told", [None, "1"])
def test_what_keeps_grpc_out_of_forks_is_no_concern_of_anybody_else(
    told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command of the user's would inherit it."""
    monkeypatch.delenv(FORK_SUPPORT, raising=False)
    if told is not None:
        monkeypatch.setenv(FORK_SUPPORT, told)
    LabService("unix:/nonexistent").close()
    assert os.environ.get(FORK_SUPPORT) == told
