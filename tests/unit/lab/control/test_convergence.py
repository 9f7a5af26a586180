import asyncio

import pytest

from lab.contract.condition import Condition, ConditionStatus
from lab.control.convergence import Convergence, NodeFailure, Report

APPLIED = Condition(object="vswitch", status=ConditionStatus.APPLIED)
PENDING = Condition(object="pod/default/a", status=ConditionStatus.PENDING, reason="no workloads")
FAILED = Condition(object="node", status=ConditionStatus.FAILED, reason="no such device")


def report(*conditions: Condition, ask: int = 1, operations: int = 0, pods: int = 0) -> Report:
    return Report(
        revision=ask, ask=ask, conditions=conditions, operations=operations, pods_attached=pods
    )


@pytest.fixture
def two_hosts() -> Convergence:
    convergence = Convergence()
    convergence.expect({"a": 2, "b": 1})
    convergence.connected("a")
    convergence.connected("b")
    return convergence


def test_a_request_is_settled_when_every_host_has_answered_it(two_hosts: Convergence) -> None:
    watch = two_hosts.watch(ask=1)
    two_hosts.report("a", report(APPLIED, operations=5, pods=2))
    assert not watch.progress().settled

    two_hosts.report("b", report(APPLIED, operations=3, pods=1))

    progress = watch.progress()
    assert progress.settled
    assert (progress.nodes_ready, progress.nodes_total) == (2, 2)
    assert (progress.pods_attached, progress.pods_total) == (3, 3)
    assert progress.operations == 8


def test_a_round_that_began_before_the_request_does_not_answer_it(two_hosts: Convergence) -> None:
    """A no-op deploy must not be called done, or charged, for what an earlier round did."""
    watch = two_hosts.watch(ask=2)
    two_hosts.report("a", report(APPLIED, ask=1, operations=5))
    two_hosts.report("b", report(APPLIED, ask=2))

    progress = watch.progress()

    assert progress.nodes_ready == 1
    assert progress.operations == 0
    assert not progress.settled


def test_a_failed_host_settles_and_says_why(two_hosts: Convergence) -> None:
    watch = two_hosts.watch(ask=1)
    two_hosts.report("a", report(APPLIED))
    two_hosts.report("b", report(APPLIED, FAILED))

    progress = watch.progress()

    assert progress.settled
    assert progress.nodes_ready == 1
    assert progress.failures == (NodeFailure(node="b", condition=FAILED),)


def test_a_failed_host_that_recovers_is_ready(two_hosts: Convergence) -> None:
    watch = two_hosts.watch(ask=1)
    two_hosts.report("a", report(FAILED))
    two_hosts.report("a", report(APPLIED))

    progress = watch.progress()

    assert progress.failures == ()
    assert progress.nodes_ready == 1


def test_a_pending_host_has_not_settled(two_hosts: Convergence) -> None:
    watch = two_hosts.watch(ask=1)
    two_hosts.report("a", report(APPLIED))
    two_hosts.report("b", report(PENDING))

    assert not watch.progress().settled
    assert watch.missing() == (NodeFailure(node="b", condition=PENDING),)


def test_what_is_missing_tells_an_absent_agent_from_a_busy_one() -> None:
    convergence = Convergence()
    convergence.expect({"absent": 0, "busy": 0, "ready": 0, "failed": 0})
    for node in ("busy", "ready", "failed"):
        convergence.connected(node)
    watch = convergence.watch(ask=1)
    convergence.report("ready", report(APPLIED))
    convergence.report("failed", report(FAILED, PENDING))

    missing = {failure.node: failure.condition.reason for failure in watch.missing()}

    assert missing == {
        "absent": "the agent has not connected yet; is its host up?",
        "busy": "the agent has not finished its round yet",
    }


def test_an_agent_may_arrive_before_its_host_is_expected() -> None:
    convergence = Convergence()
    convergence.connected("a")
    convergence.expect({"a": 0})

    assert convergence.standings["a"].connected


def test_hosts_that_stay_keep_what_they_reported(two_hosts: Convergence) -> None:
    two_hosts.report("a", report(APPLIED))
    two_hosts.expect({"a": 2, "c": 0})

    assert set(two_hosts.standings) == {"a", "c"}
    assert two_hosts.standings["a"].report == report(APPLIED)


def test_a_report_of_a_host_that_is_not_expected_counts_for_nothing(
    two_hosts: Convergence,
) -> None:
    watch = two_hosts.watch(ask=1)
    two_hosts.report("stranger", report(APPLIED, operations=9))

    assert watch.progress().operations == 0
    assert "stranger" not in two_hosts.standings


def test_a_host_is_ready_while_its_agent_is_here_and_it_matches(two_hosts: Convergence) -> None:
    two_hosts.report("a", report(APPLIED, ask=1))
    assert two_hosts.standings["a"].ready(revision=1)
    assert not two_hosts.standings["a"].ready(revision=2)

    two_hosts.disconnected("a")

    assert not two_hosts.standings["a"].ready(revision=1)


def test_a_lab_without_hosts_is_settled_at_once() -> None:
    convergence = Convergence()
    convergence.expect({})

    assert convergence.watch(ask=1).progress().settled


async def test_a_watch_wakes_on_a_change_and_coalesces_those_that_came_meanwhile(
    two_hosts: Convergence,
) -> None:
    watch = two_hosts.watch(ask=1)
    two_hosts.report("a", report(APPLIED))
    two_hosts.report("b", report(APPLIED))
    await watch.changed()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await watch.changed()


async def test_what_comes_in_within_a_time_is_one_change(two_hosts: Convergence) -> None:
    watch = two_hosts.watch(ask=1)
    two_hosts.report("a", report(APPLIED))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await watch.changed(gathering=3600)
    two_hosts.report("b", report(APPLIED))
    await watch.changed(gathering=3600)
    assert watch.progress().settled


async def test_a_request_that_is_settled_is_told_at_once(two_hosts: Convergence) -> None:
    watch = two_hosts.watch(ask=1)
    for node in ("a", "b"):
        two_hosts.report(node, report(APPLIED))
    async with asyncio.timeout(60):
        await watch.changed(gathering=3600)


def test_hosts_that_come_to_the_target_are_waited_for(two_hosts: Convergence) -> None:
    watch = two_hosts.watch(ask=1)
    for node in ("a", "b"):
        two_hosts.report(node, report(APPLIED))
    two_hosts.expect({"a": 0, "b": 0, "c": 0})
    assert not watch.progress().settled
    two_hosts.expect({"a": 0, "b": 0})
    assert watch.progress().settled


def test_a_host_that_failed_and_tries_again_is_waited_for(two_hosts: Convergence) -> None:
    watch = two_hosts.watch(ask=1)
    two_hosts.report("a", report(FAILED))
    two_hosts.report("b", report(APPLIED))
    assert watch.progress().settled
    two_hosts.report("a", report(PENDING))
    assert not watch.progress().settled


def test_a_watch_that_nobody_holds_is_forgotten(two_hosts: Convergence) -> None:
    """A caller who left must cost nothing for the rest of the process's life."""
    watch = two_hosts.watch(ask=1)
    assert len(two_hosts._watches) == 1

    del watch

    assert len(two_hosts._watches) == 0
