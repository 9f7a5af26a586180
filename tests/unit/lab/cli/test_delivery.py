from ipaddress import IPv4Address

import pytest

from lab.cli.delivery import deliver
from lab.cli.progress import Silence
from lab.cli.service import connected
from lab.contract.v1.agent_pb2 import Condition
from lab.contract.v1.lab_pb2 import ApplyProgress, ApplyRequest, NodeCondition
from lab.contract.v1.lab_pb2 import Host as WireHost
from lab.runtime.provider import Host, HostsFailed
from tests.unit.lab.cli.fake_runtime import FakeRuntime
from tests.unit.lab.cli.fake_service import FakeLabService

FIRST = ApplyProgress(
    revision=4,
    nodes_total=1,
    pods_total=2,
    hosts=[WireHost(name="vm1", underlay_address="198.18.0.11")],
    warnings=["a warning"],
)
LAST = ApplyProgress(
    revision=4, nodes_ready=1, nodes_total=1, pods_attached=2, pods_total=2, operations=9, done=True
)


class Counting(Silence):
    def __init__(self) -> None:
        self.seen: list[dict[str, tuple[int, int]]] = []

    def count(self, counts) -> None:  # type: ignore[no-untyped-def]
        self.seen.append(dict(counts))


def test_the_hosts_of_the_first_message_are_provided_and_progress_is_passed_on(
    service: FakeLabService, target: str
) -> None:
    service.progress = [FIRST, LAST]
    runtime, progress = FakeRuntime(), Counting()
    with connected(target) as lab:
        delivered = deliver(ApplyRequest(), service=lab, runtime=runtime, progress=progress)
    assert runtime.hosts == [Host(name="vm1", underlay_address=IPv4Address("198.18.0.11"))]
    assert progress.seen == [
        {"nodes ready": (0, 1), "pods attached": (0, 2)},
        {"nodes ready": (1, 1), "pods attached": (2, 2)},
    ]
    assert (delivered.revision, delivered.operations, delivered.warnings) == (4, 9, ("a warning",))
    assert delivered.failures == ()


def test_what_hosts_could_not_bring_about_is_told(service: FakeLabService, target: str) -> None:
    condition = Condition(object="pod/default/a", reason="no such image")
    last = ApplyProgress(done=True, failures=[NodeCondition(node="vm1", condition=condition)])
    service.progress = [FIRST, last]
    with connected(target) as lab:
        delivered = deliver(ApplyRequest(), service=lab, runtime=FakeRuntime(), progress=Silence())
    assert delivered.failures == ("vm1: pod/default/a: no such image",)


def test_hosts_that_could_not_be_made_are_why_it_failed(
    service: FakeLabService, target: str
) -> None:
    service.progress = [FIRST, LAST]
    runtime = FakeRuntime(failure=HostsFailed("no memory left"))
    with connected(target) as lab, pytest.raises(HostsFailed, match="no memory left"):
        deliver(ApplyRequest(), service=lab, runtime=runtime, progress=Silence())
