import pytest

from lab.checks.probing import CanNotAsk
from lab.checks.verdict import Addresses
from lab.cli.asking import is_address, running_lab
from lab.contract.v1.agent_pb2 import PingProbe, ProbeRequest
from lab.contract.v1.lab_pb2 import InspectReply, NodeStatus, ServiceStatus
from tests.unit.lab.cli.fake_service import FakeLabService

PING = ProbeRequest(deadline=1, ping=PingProbe(destination="10.0.0.5"))


async def test_replies_come_as_the_agent_gives_them(target: str) -> None:
    async with running_lab(target) as lab:
        replies = [reply async for reply in lab.ask("vm1", PING)]
    assert [reply.ping.received for reply in replies] == [3]


async def test_a_target_has_an_address_and_those_of_its_machine(
    service: FakeLabService, target: str
) -> None:
    machine = NodeStatus(name="vm1", address="10.0.0.4", public_address="20.0.0.4")
    service.inspection = InspectReply(nodes=[machine])
    async with running_lab(target) as lab:
        peer = await lab.find("vm1")
    assert peer.address == "10.0.0.4"
    assert peer.addresses == Addresses(pod_ip="", node_ip="10.0.0.4", public_ip="20.0.0.4")


async def test_a_bare_address_is_no_target(target: str) -> None:
    async with running_lab(target) as lab:
        peer = await lab.find("203.0.113.9")
    assert (peer.address, peer.is_target) == ("203.0.113.9", False)


async def test_a_service_is_its_address_and_no_place(service: FakeLabService, target: str) -> None:
    web = ServiceStatus(namespace="default", name="web", cluster_ip="10.2.0.17")
    pods = ServiceStatus(namespace="default", name="pods")
    service.inspection = InspectReply(services=[web, pods])
    async with running_lab(target) as lab:
        peer = await lab.find("service/web")
        with pytest.raises(CanNotAsk, match="'service/pods' names no Service that has an address"):
            await lab.find("service/pods")
    assert (peer.address, peer.is_target) == ("10.2.0.17", False)


async def test_a_load_balancer_is_asked_at_its_address_of_the_cloud_from_outside(
    service: FakeLabService, target: str
) -> None:
    web = ServiceStatus(
        cluster="aks01",
        namespace="default",
        name="web",
        cluster_ip="10.2.0.17",
        external_ip="198.51.100.9",
    )
    machine = NodeStatus(name="vm1", address="10.0.0.4", cluster="aks01")
    service.inspection = InspectReply(services=[web], nodes=[machine])
    async with running_lab(target) as lab:
        inside = await lab.find("service/web", cluster="aks01")
        outside = await lab.find("service/web")
        node = await lab.find("vm1")
    assert (inside.address, outside.address) == ("10.2.0.17", "198.51.100.9")
    assert node.cluster == "aks01"


async def test_a_name_that_is_not_there_is_not_worth_asking_again(target: str) -> None:
    async with running_lab(target) as lab:
        with pytest.raises(CanNotAsk, match="there is no 'vm9'") as refused:
            await lab.find("vm9")
    assert refused.value.permanent


async def test_a_cloud_process_that_is_not_there_may_come_back() -> None:
    async with running_lab("unix:/nonexistent") as lab:
        with pytest.raises(CanNotAsk) as refused:
            async for _ in lab.ask("vm1", PING):
                pass
    assert not refused.value.permanent


def test_names_are_no_addresses() -> None:
    assert is_address("10.0.0.4")
    assert not is_address("vm1")
    assert not is_address("10.0.0.0/16")
