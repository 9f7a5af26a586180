"""Rounds of the reconciler, on a kernel in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agents.kernel.door import View
from agents.kernel.errors import KernelError
from agents.kernel.fake import FakeKernel
from agents.objects.link import Bridge, Link, Veth, VethPair
from agents.objects.namespace import Observed
from agents.plan.operations import (
    Add,
    CreateNamespace,
    Operation,
    Remove,
    RemoveNamespace,
    SetSysctl,
)
from agents.reconciler import Round
from lab.contract.condition import ConditionStatus
from tests.unit.agents.bench import STATE, Bench, FakeWorkloads, failed
from tests.unit.agents.states import host_network_pod, node, pod, routes_of


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def pending(done: Round) -> dict[str, str]:
    return {c.object: c.reason for c in done.conditions if c.status is ConditionStatus.PENDING}


async def test_a_round_converges_and_the_next_one_does_nothing(bench: Bench) -> None:
    first = await bench.round(STATE)
    assert failed(first) == {}
    assert first.operations > 0
    second = await bench.round(STATE)
    assert (second.operations, failed(second)) == (0, {})


async def test_every_object_has_a_condition(bench: Bench) -> None:
    done = await bench.round(STATE)
    assert [condition.object for condition in done.conditions] == [
        "vswitch",
        "node",
        "workloads",
        "pod/default/web-0",
        "pod/default/web-1",
    ]
    assert done.pods_attached == 2


async def test_a_restarted_agent_adopts(bench: Bench) -> None:
    await bench.round(STATE)
    bench.kernel.applied.clear()
    bench.restart()
    assert (await bench.round(STATE)).operations == 0
    assert bench.kernel.applied == []


class Mortal(FakeKernel):
    """Its agent is killed after so many operations."""

    left = 0

    def apply(self, operations: Sequence[Operation]) -> Sequence[object]:  # type: ignore[override]
        survived, self.left = operations[: self.left], max(self.left - len(operations), 0)
        failures = super().apply(survived)
        if len(survived) < len(operations):
            raise Killed
        return failures


class Killed(BaseException):
    """SIGKILL: nothing catches it."""


@pytest.mark.parametrize("change", ["from nothing", "from another state"])
async def test_a_round_cut_short_anywhere_is_completed_by_the_next_agent(
    tmp_path: Path, change: str
) -> None:
    """After every single operation, of a first round and of one that replaces most things."""
    other = node(1, routes=routes_of(nodes=[1, 3]), pods=[pod(1, 1), pod(1, 2)])
    for survived in range(1000):
        bench = Bench(tmp_path / str(survived))
        kernel = bench.kernel = Mortal(["host", "node"])
        bench.workloads = FakeWorkloads(kernel)
        bench.restart()
        kernel.left = 1000
        if change == "from another state":
            assert failed(await bench.round(other)) == {}
        kernel.left = survived
        try:
            await bench.round(STATE)
        except Killed:
            kernel.left = 1000
            bench.restart()
            assert failed(await bench.round(STATE)) == {}
            assert (await bench.round(STATE)).operations == 0
            assert kernel.namespaces() == {"host", "node", "pod-1-0", "pod-1-1"}
        else:
            assert survived > 10
            return
    raise AssertionError("never survived")


async def test_nothing_is_pruned_before_a_state_has_come(bench: Bench) -> None:
    """There is no round without a state: a new agent has touched nothing."""
    await bench.round(STATE)
    bench.kernel.applied.clear()
    bench.restart()
    assert bench.kernel.applied == []


async def test_what_fails_is_told_of_its_object_alone(bench: Bench) -> None:
    """One pod's name is taken by somebody else: the others come up, theirs stays."""
    taken = Link(name="veth10000000", kind=Bridge())
    bench.kernel.apply([Add(namespace="node", subject="", reason="", value=taken)])
    done = await bench.round(STATE)
    assert list(failed(done)) == ["pod/default/web-0"]
    assert "(EEXIST)" in failed(done)["pod/default/web-0"]
    assert done.pods_attached == 1
    again = await bench.round(STATE)
    assert list(failed(again)) == ["pod/default/web-0"]
    bench.kernel.apply([Remove(namespace="node", subject="", reason="", value=taken)])
    assert failed(await bench.round(STATE)) == {}


async def test_a_host_that_is_not_prepared_fails_by_name(bench: Bench) -> None:
    bench.kernel = FakeKernel(["node"])
    bench.restart()
    done = await bench.round(STATE)
    assert "no network namespace host" in failed(done)["vswitch"]


class Stubborn(FakeKernel):
    """Accepts a sysctl and does not take it."""

    def apply(self, operations: Sequence[Operation]) -> Sequence[object]:  # type: ignore[override]
        heard = [o for o in operations if not isinstance(o, SetSysctl) or "rp_filter" not in o.name]
        return super().apply(heard)


async def test_a_round_is_verified_not_believed(bench: Bench) -> None:
    """What was applied without an error and is not in effect is a failure."""
    bench.kernel = Stubborn(["host", "node"])
    bench.restart()
    reason = failed(await bench.round(STATE))["vswitch"]
    assert reason.startswith("not in effect although applied: set net.ipv4.conf.all.rp_filter=0")


class Unreadable(FakeKernel):
    """Cannot be read."""

    def observe(self, views: Sequence[View], *, afresh: bool = False) -> Mapping[str, Observed]:
        raise KernelError("dump 18: interrupted")


async def test_a_kernel_that_cannot_be_read_fails_everything(bench: Bench) -> None:
    bench.kernel = Unreadable(["host", "node"])
    bench.restart()
    done = await bench.round(STATE)
    assert set(failed(done).values()) == {"dump 18: interrupted"}
    assert set(failed(done)) == {"vswitch", "node", "pod/default/web-0", "pod/default/web-1"}


async def test_workloads_start_once_their_pods_are_attached(bench: Bench) -> None:
    await bench.round(STATE)
    (asked,) = bench.workloads.asked
    assert asked == ({"1-0", "1-1"}, {"host", "node", "pod-1-0", "pod-1-1"})


async def test_workloads_end_before_their_pods(bench: Bench) -> None:
    """A listening socket would keep the namespace alive."""
    await bench.round(STATE)
    bench.workloads.asked.clear()
    await bench.round(replace(STATE, pods=STATE.pods[:1]))
    before, after = bench.workloads.asked
    assert before == ({"1-0"}, {"host", "node", "pod-1-0", "pod-1-1"})
    assert after == ({"1-0"}, {"host", "node", "pod-1-0"})


async def test_a_workload_that_fails_is_its_pods_failure(bench: Bench) -> None:
    bench.workloads.failing = {"1-1": "no image busybox"}
    assert failed(await bench.round(STATE)) == {"pod/default/web-1": "no image busybox"}


async def test_a_workloads_process_that_is_not_up_yet_is_waited_for(bench: Bench) -> None:
    """The host forwards all the same; the round is repeated."""
    bench.workloads.unreachable = True
    done = await bench.round(STATE)
    assert failed(done) == {}
    assert "cannot be reached" in pending(done)["workloads"]
    assert done.pods_attached == 2


async def test_pods_go_even_when_nobody_can_end_their_workloads(bench: Bench) -> None:
    await bench.round(STATE)
    bench.workloads.unreachable = True
    await bench.round(replace(STATE, pods=()))
    assert bench.kernel.namespaces() == {"host", "node"}


async def test_pods_on_the_hosts_network_count_as_attached(bench: Bench) -> None:
    state = replace(STATE, pods=[*STATE.pods, host_network_pod("agent")])
    done = await bench.round(state)
    assert done.pods_attached == 3
    assert (await bench.round(state)).operations == 0


async def test_a_lost_ledger_prunes_nothing(bench: Bench) -> None:
    """Nobody can vouch then for a bridge: it stays."""
    await bench.round(STATE)
    (bench.config.run_directory / "ledger.json").unlink()
    bench.restart()
    plain = replace(STATE, kubenet=None, pods=())
    done = await bench.round(plain)
    assert failed(done) == {}
    observed = bench.kernel.observe([View(namespace="node")])
    assert observed["node"].objects.link("cbr0") is not None


async def test_pods_are_removed_by_an_agent_that_did_not_make_them(bench: Bench) -> None:
    await bench.round(STATE)
    bench.restart()
    bench.kernel.applied.clear()
    await bench.round(replace(STATE, pods=()))
    ended = [o.namespace for o in bench.kernel.applied if isinstance(o, RemoveNamespace)]
    assert ended == ["pod-1-0", "pod-1-1"]


async def test_a_namespace_that_only_looks_like_a_pod_stays(bench: Bench) -> None:
    """People make namespaces in a node as well, and call them what they like."""
    pair = VethPair(
        link=Link(name="eth0", kind=Veth(peer_namespace="node", peer="mine")),
        peer=Link(name="mine", kind=Veth(peer_namespace="pod-mine", peer="eth0")),
    )
    theirs = CreateNamespace(namespace="pod-mine", subject="", reason="")
    cable = Add(namespace="pod-mine", subject="", reason="", value=pair)
    bench.kernel.apply([theirs, cable])
    await bench.round(STATE)
    assert (await bench.round(STATE)).operations == 0
    assert "pod-mine" in bench.kernel.namespaces()
    observed = bench.kernel.observe([View(namespace="node")])
    assert observed["node"].objects.link("mine") is not None
