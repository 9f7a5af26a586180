"""How desired states get to the agents, and how far everybody knows them to be."""

import asyncio
from dataclasses import replace

import grpc
import pytest

from lab.contract.condition import Condition, ConditionStatus
from lab.contract.v1 import lab_pb2
from lab.control.main import serving
from lab.control.requests import from_request
from lab.topology.problems import LabFileError
from tests.processes.conftest import Site
from tests.processes.words import compile_words, request, text_of

FAILED = Condition(object="vswitch", status=ConditionStatus.FAILED, reason="no such device")
PENDING = Condition(object="workloads", status=ConditionStatus.PENDING, reason="not up yet")


async def test_a_lab_reaches_every_host_and_the_caller_hears_of_it(site: Site) -> None:
    async with site.cloud(), site.agents("a", "b") as (a, b):
        said = await site.apply("lab a=1 b=2")

        assert text_of(a.is_now) == "1"
        assert text_of(b.is_now) == "2"
    first, last = said[0], said[-1]
    assert first.hosts == [
        lab_pb2.Host(name="a", underlay_address="198.18.0.10"),
        lab_pb2.Host(name="b", underlay_address="198.18.0.11"),
    ]
    assert first.warnings == ["written in words"]
    assert (last.revision, last.nodes_ready, last.nodes_total, last.operations) == (1, 2, 2, 2)
    assert [progress.done for progress in said] == [False] * (len(said) - 1) + [True]
    assert not any(progress.hosts for progress in said[1:])


async def test_a_second_deploy_does_nothing_and_a_changed_one_what_differs(site: Site) -> None:
    async with site.cloud(), site.agents("a", "b"):
        await site.apply("lab a=1 b=1")
        again = (await site.apply("lab a=1 b=1"))[-1]
        changed = (await site.apply("lab a=1 b=2"))[-1]

    assert (again.revision, again.nodes_ready, again.operations) == (1, 2, 0)
    assert (changed.revision, changed.nodes_ready, changed.operations) == (2, 2, 1)


async def test_a_second_deploy_repairs_what_drifted(site: Site) -> None:
    async with site.cloud(), site.agents("a", "b") as (a, _):
        await site.apply("lab a=1 b=1")
        a.is_now = None
        again = (await site.apply("lab a=1 b=1"))[-1]

        assert text_of(a.is_now) == "1"
    assert (again.revision, again.operations) == (1, 1)


async def test_hosts_may_come_up_while_the_lab_is_being_delivered(site: Site) -> None:
    """The runtime provides hosts and the cloud process delivers, at the same time."""
    async with site.cloud(), site.command_line() as lab:
        progress = aiter(lab.Apply(request("lab a=1")))
        first = await anext(progress)
        assert (first.nodes_ready, first.done) == (0, False)
        async with site.agents("a") as (a,):
            *_, last = [said async for said in progress]
            assert text_of(a.is_now) == "1"
    assert last.done


async def test_agents_may_be_there_before_their_cloud_process(site: Site) -> None:
    async with site.agents("a") as (a,), site.cloud():
        assert (await site.apply("lab a=1"))[-1].nodes_ready == 1
        assert text_of(a.is_now) == "1"


async def test_a_burst_leaves_an_agent_with_the_newest_state_only(site: Site) -> None:
    """Newest wins: states that came while a round went on are never looked at."""
    async with site.cloud() as rollout, site.agents("a") as (a,):
        await site.apply("lab a=0")
        a.began.clear()
        a.idle.clear()
        await rollout.apply(request("lab a=1"))
        await a.began.wait()
        rounds = a.rounds
        for number in range(2, 60):
            await rollout.apply(request(f"lab a={number}"))
        async with asyncio.TaskGroup() as tasks:
            final = tasks.create_task(site.apply("lab a=last"))
            a.idle.set()

        assert text_of(a.is_now) == "last"
        assert final.result()[-1].done
        # One more for what was newest when the long round ended, one for the last, and
        # whatever part of the burst was on its way meanwhile: nowhere near one each.
        assert a.rounds - rounds < 58


async def test_a_slow_agent_holds_up_nobody_else(site: Site) -> None:
    async with (
        site.cloud(),
        site.agents("quick", "slow") as (quick, slow),
        site.command_line() as lab,
    ):
        slow.idle.clear()
        call = lab.Apply(request("lab quick=1 slow=1"))
        async for progress in call:
            if progress.nodes_ready == 1:
                break
        assert text_of(quick.is_now) == "1"
        assert slow.is_now is None
        slow.idle.set()
        *_, last = [progress async for progress in call]
    assert (last.nodes_ready, last.done) == (2, True)


async def test_failures_reach_the_caller_with_their_reason(site: Site) -> None:
    async with site.cloud(), site.agents("a", "b") as (_, b):
        b.conditions = (FAILED,)
        last = (await site.apply("lab a=1 b=1"))[-1]

    assert (last.done, last.nodes_ready) == (True, 1)
    (failure,) = last.failures
    assert failure.node == "b"
    assert failure.condition.object == "vswitch"
    assert failure.condition.reason == "no such device"


async def test_a_failed_host_is_tried_again_without_being_asked(site: Site) -> None:
    async with site.cloud() as rollout, site.agents("a") as (a,):
        a.conditions = (FAILED,)
        delivered = await rollout.apply(request("lab a=1"))
        while not delivered.watch.progress().failures:
            await delivered.watch.changed()
        a.conditions = ()
        while delivered.watch.progress().failures:
            await delivered.watch.changed()

        assert delivered.watch.progress().nodes_ready == 1


async def test_patience_ends_with_what_is_missing(site: Site) -> None:
    async with site.cloud(), site.agents("pending") as (pending,):
        pending.conditions = (PENDING,)
        last = (await site.apply("lab absent=1 pending=1", deadline=0.5))[-1]

    assert last.done
    assert last.nodes_ready == 0
    missing = {failure.node: failure.condition.reason for failure in last.failures}
    assert missing["absent"] == "the agent has not connected yet; is its host up?"
    assert missing["pending"] in ("not up yet", "the agent has not finished its round yet")


async def test_delivery_goes_on_when_the_caller_goes_away(site: Site) -> None:
    async with site.cloud() as rollout, site.agents("a") as (a,), site.command_line() as lab:
        a.idle.clear()
        call = lab.Apply(request("lab a=1"))
        await call.read()
        call.cancel()
        a.idle.set()
        again = await rollout.apply(request("lab a=1"))
        await site.settled(again)

        assert text_of(a.is_now) == "1"
    assert again.revision.number == 1


async def test_two_callers_at_once_are_served_one_after_the_other(site: Site) -> None:
    async with site.cloud(), site.agents("a") as (a,):
        async with asyncio.TaskGroup() as tasks:
            one = tasks.create_task(site.apply("lab a=1"))
            two = tasks.create_task(site.apply("lab a=2"))

        revisions = {one.result()[-1].revision: "1", two.result()[-1].revision: "2"}
        assert set(revisions) == {1, 2}
        assert text_of(a.is_now) == revisions[2]
    assert one.result()[-1].done
    assert two.result()[-1].done


async def test_files_with_problems_are_refused_with_all_of_them(site: Site) -> None:
    async with site.cloud():
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await site.apply("lab wrong")

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details() == "words.lab.yaml:1: wrong is no node\n    write NODE=STATE"


async def test_another_lab_is_refused(site: Site) -> None:
    async with site.cloud(), site.agents("a"):
        await site.apply("lab a=1")
        with pytest.raises(grpc.aio.AioRpcError, match="keeps the lab lab, not other") as caught:
            await site.apply("other a=1")

    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS


async def test_a_second_agent_of_a_node_takes_the_place_of_the_first(site: Site) -> None:
    """An agent that was replaced before its stream broke must not hold the node's session."""
    async with site.cloud() as rollout, site.agents("a") as (first,):
        await site.apply("lab a=1")
        async with site.agents("a") as (second,):
            delivered = await rollout.apply(request("lab a=2"))
            while not second.rounds:
                await delivered.watch.changed()
            assert text_of(second.is_now) in ("1", "2")
    assert text_of(first.is_now) in ("1", "2")


async def test_a_removed_node_is_not_waited_for(site: Site) -> None:
    async with site.cloud(), site.agents("a"):
        await site.apply("lab a=1 b=1", deadline=1e-3)
        last = (await site.apply("lab a=1"))[-1]

    assert (last.done, last.nodes_ready, last.nodes_total) == (True, 1, 1)
    assert not last.failures


async def test_a_lab_file_given_at_the_start_is_applied_without_a_command(site: Site) -> None:
    """As the shipped composition does it: the cloud's container mounts the file."""
    config = replace(site.control(), apply=from_request(request("lab a=1")))
    async with site.agents("a") as (a,), serving(config, compile_lab=compile_words) as rollout:
        while not (watch := rollout.follow()).progress().settled:
            await watch.changed()
        assert text_of(a.is_now) == "1"
    async with serving(config, compile_lab=compile_words) as rollout:
        assert rollout.current is not None
        assert rollout.current.number == 1, "starting again changes nothing"


async def test_a_lab_file_given_at_the_start_has_to_be_one(site: Site) -> None:
    config = replace(site.control(), apply=from_request(request("lab wrong")))
    with pytest.raises(LabFileError, match="wrong is no node"):
        async with serving(config, compile_lab=compile_words):
            raise AssertionError("served")
