"""Questions of the command line, answered by the agent of the target's host."""

import asyncio

import grpc
import pytest

from lab.contract.v1.agent_pb2 import CommandProbe, ProbeReply, ProbeRequest
from lab.contract.v1.lab_pb2 import InspectRequest, ResolveRequest, TargetedProbe
from tests.processes.conftest import Site
from tests.processes.hosts import Answers


def asked(target: str, *words: str, deadline: float = 60) -> TargetedProbe:
    probe = ProbeRequest(id=7, deadline=deadline, command=CommandProbe(argv=words))
    return TargetedProbe(target=target, probe=probe)


def text(reply: ProbeReply) -> str:
    return reply.command.stdout.decode()


async def test_a_probe_is_answered_from_inside_its_target(site: Site) -> None:
    async with site.cloud(), site.agents("a", "b"), site.command_line() as lab:
        await site.apply("lab a=1 b=1")
        (reply,) = [reply async for reply in lab.Probe(asked("node/b", "hello"))]

    assert (reply.id, text(reply)) == (7, "hello in node")


async def test_a_capture_answers_twice(site: Site) -> None:
    async with site.cloud(), site.agents("a"), site.command_line() as lab:
        await site.apply("lab a=1")
        started, result = [reply async for reply in lab.Probe(asked("a", "capture"))]

    assert started.capture_started
    assert text(result) == "capture in node"


async def test_probes_of_one_host_run_at_the_same_time(site: Site) -> None:
    answers = Answers()
    async with site.cloud(), site.agents("a", probes=answers), site.command_line() as lab:
        await site.apply("lab a=1")
        hanging = lab.Probe(asked("a", "capture", "hang"))
        assert (await anext(aiter(hanging))).capture_started
        (reply,) = [reply async for reply in lab.Probe(asked("a", "ping"))]
        hanging.cancel()

    assert text(reply) == "ping in node"


async def test_a_caller_who_leaves_ends_the_probe_on_the_host(site: Site) -> None:
    """A capture must not run on until its deadline for nobody."""
    answers = Answers()
    async with site.cloud(), site.agents("a", probes=answers), site.command_line() as lab:
        await site.apply("lab a=1")
        call = lab.Probe(asked("a", "hang"))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_leave_once_it_hangs(call, answers))
            with pytest.raises(asyncio.CancelledError):
                await anext(aiter(call))
        await answers.given_up.wait()


async def _leave_once_it_hangs(
    call: "grpc.aio.UnaryStreamCall[TargetedProbe, ProbeReply]", answers: Answers
) -> None:
    await answers.hanging.wait()
    call.cancel()


async def test_a_probe_ends_when_its_agent_goes(site: Site) -> None:
    answers = Answers()
    async with site.cloud(), site.command_line() as lab:
        async with site.agents("a", probes=answers):
            await site.apply("lab a=1")
            call = lab.Probe(asked("a", "hang"))
            await answers.hanging.wait()
        with pytest.raises(grpc.aio.AioRpcError, match="left before it had answered") as caught:
            await anext(aiter(call))

    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("target", "code", "message"),
    [
        ("node/b", grpc.StatusCode.UNAVAILABLE, "the agent of b is not connected"),
        ("node/c", grpc.StatusCode.NOT_FOUND, "there is no node/c; there are a, b"),
    ],
)
async def test_a_target_that_can_not_be_asked_is_said_at_once(
    site: Site, target: str, code: grpc.StatusCode, message: str
) -> None:
    async with site.cloud(), site.agents("a"), site.command_line() as lab:
        await site.apply("lab a=1 b=1", deadline=1e-3)
        with pytest.raises(grpc.aio.AioRpcError, match=message) as caught:
            await anext(aiter(lab.Probe(asked(target, "hello"))))

    assert caught.value.code() is code


async def test_nothing_can_be_asked_before_the_first_apply(site: Site) -> None:
    async with site.cloud(), site.command_line() as lab:
        for call in (lab.Inspect(InspectRequest()), lab.Resolve(ResolveRequest(target="a"))):
            with pytest.raises(grpc.aio.AioRpcError, match="deploy a lab first") as caught:
                await call
            assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_targets_resolve_to_hosts_and_places(site: Site) -> None:
    async with site.cloud(), site.command_line() as lab:
        await site.apply("lab a=1", deadline=1e-3)
        reply = await lab.Resolve(ResolveRequest(target="node/a"))

    assert reply.node == "a"
    assert reply.place.node


async def test_a_node_is_ready_for_as_long_as_its_agent_is_there(site: Site) -> None:
    async with site.cloud() as rollout, site.command_line() as lab:
        async with site.agents("a"):
            await site.apply("lab a=1")
            with_agent = await lab.Inspect(InspectRequest())
        delivered = rollout.follow()
        while (without := await lab.Inspect(InspectRequest())).nodes[0].status == "Ready":
            await delivered.changed()

    assert [(node.name, node.status, node.revision) for node in with_agent.nodes] == [
        ("a", "Ready", 1)
    ]
    assert without.nodes[0].status == "NotReady"
    assert with_agent.source.lab.content == b"lab a=1"
