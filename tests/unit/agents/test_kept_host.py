"""What a host's agent looks at, writes and takes for settled; rounds as a whole are elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agents.kernel.door import View
from agents.kernel.fake import FakeKernel
from agents.objects.namespace import Observed
from agents.plan.operations import Operation
from lab.contract.node_state import File, NetworkContainer, NodeState, SecurityGate
from lab.contract.state_parts import InCommon, SharedChange
from tests.unit.agents.bench import STATE, Bench, failed
from tests.unit.agents.plan.test_security import REST, WEB, gate
from tests.unit.agents.states import node, pod, routes_of


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_files_that_were_written_are_removed_when_no_longer_wanted(bench: Bench) -> None:
    """Even by an agent that did not write them."""
    file = File(path="/etc/cni/net.d/10.conflist", content=b"{}")
    await bench.round(replace(STATE, files=[file]))
    written = bench.config.root / "etc/cni/net.d/10.conflist"
    assert written.read_bytes() == b"{}"
    bench.restart()
    await bench.round(STATE)
    assert not written.exists()


async def test_a_file_outside_of_the_node_is_refused(bench: Bench) -> None:
    done = await bench.round(replace(STATE, files=[File(path="/../../evil", content=b"")]))
    assert "not an absolute path of the node" in failed(done)["node"]
    assert not (bench.config.root / "../../evil").exists()


class Remembering(FakeKernel):
    """Looks once, and answers what it saw until somebody writes or wants it looked at."""

    def __init__(self, namespaces: Sequence[str] = ()) -> None:
        super().__init__(namespaces)
        self._seen: Mapping[str, Observed] | None = None

    def observe(self, views: Sequence[View], *, afresh: bool = False) -> Mapping[str, Observed]:
        if afresh or self._seen is None:
            self._seen = super().observe(views)
        return self._seen

    def apply(self, operations: Sequence[Operation]) -> Sequence[object]:  # type: ignore[override]
        self._seen = None
        return super().apply(operations)

    def lose_routes(self) -> None:
        """What nobody says anything of."""
        self._space("host").routes.clear()


async def test_a_round_afresh_believes_nothing_that_was_seen_before(bench: Bench) -> None:
    kernel = bench.kernel = Remembering(["host", "node"])
    bench.restart()
    file = File(path="/etc/hosts", content=b"127.0.0.1 localhost\n")
    state = replace(STATE, files=[file])
    await bench.round(state)
    kernel.lose_routes()
    (bench.config.root / "etc/hosts").write_bytes(b"")
    assert (await bench.round(state)).operations == 0
    done = await bench.reconciler.reconcile(state, afresh=True)
    assert done.operations > 1
    assert (bench.config.root / "etc/hosts").read_bytes() == file.content
    assert (await bench.reconciler.reconcile(state, afresh=True)).operations == 0


FEWER, MORE = (
    InCommon(node=NetworkContainer(routes=STATE.vswitch.node.routes), pods=NetworkContainer()),
    InCommon(node=NetworkContainer(routes=routes_of(nodes=[1, 2, 3])), pods=NetworkContainer()),
)
MORE_ROUTES = node(1, routes=routes_of(nodes=[1, 2, 3]), pods=[pod(1, 0), pod(1, 1)])


class Telling(FakeKernel):
    """Tells in which order it is looked at and written to; routes may get lost."""

    def __init__(self, namespaces: Sequence[str] = ()) -> None:
        super().__init__(namespaces)
        self.asked: list[str] = []

    def observe(self, views: Sequence[View], *, afresh: bool = False) -> Mapping[str, Observed]:
        self.asked.append("look")
        return super().observe(views, afresh=afresh)

    def apply(self, operations: Sequence[Operation]) -> Sequence[object]:  # type: ignore[override]
        self.asked.append("write")
        return super().apply(operations)

    def lose_routes(self) -> None:
        self._space("host").routes.clear()


@pytest.fixture
def kernel() -> Telling:
    return Telling(["host", "node"])


@pytest.fixture
async def matched(tmp_path: Path, kernel: Telling) -> Bench:
    """A host that was seen to be as wanted."""
    bench = Bench(tmp_path)
    bench.kernel = kernel
    bench.restart()
    await bench.round(STATE)
    kernel.asked.clear()
    return bench


async def test_a_host_that_matched_is_written_to_and_then_looked_at(
    matched: Bench, kernel: Telling
) -> None:
    assert failed(await matched.round(MORE_ROUTES)) == {}
    assert kernel.asked == ["write", "look"]


async def test_one_that_nothing_changes_for_is_looked_at(matched: Bench, kernel: Telling) -> None:
    kernel.lose_routes()
    assert (await matched.round(STATE)).operations > 0
    assert kernel.asked == ["look", "write", "look"]


async def test_what_changed_unseen_is_mended_by_the_same_round(
    matched: Bench, kernel: Telling
) -> None:
    kernel.lose_routes()
    assert failed(await matched.round(MORE_ROUTES)) == {}
    assert kernel.asked == ["write", "look", "write", "look"]
    matched.restart()
    assert (await matched.round(MORE_ROUTES)).operations == 0


async def test_a_round_afresh_looks_first(matched: Bench, kernel: Telling) -> None:
    await matched.reconciler.reconcile(MORE_ROUTES, afresh=True)
    assert kernel.asked == ["look", "write", "look"]


async def test_files_that_could_not_be_written_are_tried_again(bench: Bench) -> None:
    bench.config.root.mkdir(parents=True)
    (bench.config.root / "etc").write_bytes(b"in the way")
    state = replace(STATE, files=[File(path="/etc/hosts", content=b"")])
    assert "files of the node" in failed(await bench.round(state))["node"]
    (bench.config.root / "etc").unlink()
    assert failed(await bench.round(state)) == {}


async def test_routes_that_are_shared_are_changed_ahead_of_the_round(
    matched: Bench, kernel: Telling
) -> None:
    """Which finds nothing else to do."""
    before = kernel.observe([View(namespace="host", routing_policy=True)])["host"]
    kernel.asked.clear()
    change = SharedChange(before=FEWER, after=MORE)
    assert matched.host.anticipate(change) == 3
    assert kernel.asked == ["write"]
    after = kernel.observe([View(namespace="host", routing_policy=True)])["host"]
    assert len(after.objects.routes - before.objects.routes) == 2
    assert len(after.objects.nexthops - before.objects.nexthops) == 1
    assert (await matched.round(MORE_ROUTES)).operations == 0


async def test_gates_that_are_shared_are_changed_ahead_of_the_round(
    bench: Bench,
) -> None:
    """Which finds nothing else to do."""

    def gated(*gates: SecurityGate) -> NodeState:
        container = replace(STATE.vswitch.node, inbound=gates)
        return replace(STATE, vswitch=replace(STATE.vswitch, node=container))

    one, other = gate(WEB), gate(REST)
    await bench.round(gated(one))
    change = SharedChange(
        before=InCommon(node=NetworkContainer(inbound=(one,)), pods=NetworkContainer()),
        after=InCommon(node=NetworkContainer(inbound=(other,)), pods=NetworkContainer()),
    )
    assert bench.host.anticipate(change) == 1
    assert (await bench.round(gated(other))).operations == 0
    bench.restart()
    assert (await bench.round(gated(other))).operations == 0


async def test_nothing_is_done_ahead_on_a_host_that_is_not_known_to_match(
    matched: Bench, kernel: Telling
) -> None:
    change = SharedChange(before=FEWER, after=MORE)
    assert matched.host.anticipate(change) > 0
    kernel.asked.clear()
    assert matched.host.anticipate(SharedChange(before=MORE, after=FEWER)) == 0
    matched.restart()
    assert matched.host.anticipate(change) == 0
    assert kernel.asked == []


async def test_what_is_refused_ahead_of_the_round_is_mended_by_it(
    matched: Bench, kernel: Telling
) -> None:
    await matched.round(MORE_ROUTES)
    kernel.lose_routes()
    assert matched.host.anticipate(SharedChange(before=MORE, after=FEWER)) < 3
    assert failed(await matched.round(STATE)) == {}
    matched.restart()
    assert (await matched.round(STATE)).operations == 0
