import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

from lab.checks.outcome import Outcome, Verdict
from lab.checks.probing import KEPT_ATTEMPTS, CanNotAsk, Peer, run_test, run_tests
from lab.checks.verdict import Addresses
from lab.contract.v1.agent_pb2 import (
    CaptureResult,
    ConnectionResult,
    PingResult,
    ProbeReply,
    ProbeRequest,
)
from lab.topology.model import Expectation, Test

ANSWERED = ProbeReply(ping=PingResult(sent=3, received=3, ttls=[62, 62, 62]))
SILENT = ProbeReply(ping=PingResult(sent=3, received=0))
REFUSED = ProbeReply(connection=ConnectionResult(failure="refused"))
CONNECTED = ProbeReply(connection=ConnectionResult(connected=True))


class FakeClock:
    """Time passes only where somebody waits, or where the lab takes it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@dataclass
class FakeLab:
    """Answers by the kind of probe, and remembers what it was asked, in order.

    Captures behave as an agent's: they start, see what is asked while they run,
    and answer when they are stopped.
    """

    replies: dict[str, Iterator[ProbeReply]] = field(default_factory=dict)
    during: Callable[[str], None] = lambda kind: None
    asked: list[str] = field(default_factory=list)
    running: dict[str, asyncio.Event] = field(default_factory=dict)
    seen: dict[str, list[str]] = field(default_factory=dict)
    clusters: list[str] = field(default_factory=list)
    """From inside which clusters targets were looked for."""

    async def ask(self, target: str, request: ProbeRequest) -> AsyncIterator[ProbeReply]:
        kind = request.WhichOneof("probe") or ""
        self.asked.append(f"{kind} {target}")
        self.during(kind)
        if kind == "stop_capture":
            if capture := self.running.get(request.stop_capture.token):
                capture.set()
            yield ProbeReply()
            return
        if kind == "capture" and "capture" not in self.replies:
            token = request.capture.token
            self.running[token], self.seen[token] = asyncio.Event(), []
            yield ProbeReply(capture_started=True)
            await self.running[token].wait()
            packets = self.seen[token]
            yield ProbeReply(capture=CaptureResult(packets=packets, matched=len(packets)))
            return
        for packets in self.seen.values():
            packets.append(kind)
        yield next(self.replies[kind])

    async def find(self, name: str, *, cluster: str = "") -> Peer:
        self.clusters.append(cluster)
        if name == "pod/nobody":
            raise CanNotAsk("no such target: pod/nobody", permanent=True)
        if name == "203.0.113.9":
            return Peer(address=name, is_target=False)
        if name == "node/aks0":
            return Peer(address="10.0.0.5", cluster="aks")
        return Peer(address="10.0.0.9", addresses=Addresses(node_ip="10.0.0.4"))


def always(reply: ProbeReply) -> Iterator[ProbeReply]:
    while True:
        yield reply


def make_test(
    name: str = "a test",
    *,
    source: str = "pod/a",
    to: str | None = "pod/b",
    within: float = 10,
    **values: object,
) -> Test:
    expect = Expectation(values=values or {"ping": {}})
    return Test(name=name, source=source, destination=to, expect=expect, within=within)


async def outcome_of(test: Test, lab: FakeLab, clock: FakeClock | None = None) -> Outcome:
    return await run_test(test, lab=lab, clock=clock or FakeClock())


async def test_what_holds_at_once_is_asked_once_and_waits_for_nothing() -> None:
    lab, clock = FakeLab({"ping": always(ANSWERED)}), FakeClock()
    outcome = await outcome_of(make_test(), lab, clock)
    assert outcome.verdict is Verdict.PASSED
    assert lab.asked == ["ping pod/a"]
    assert clock.pauses == []


async def test_who_is_asked_is_looked_for_from_inside_the_cluster_of_who_asks() -> None:
    lab = FakeLab({"ping": always(ANSWERED)})
    await outcome_of(make_test(source="node/aks0", to="service/web"), lab)
    assert lab.clusters == ["", "aks"]


async def test_what_comes_true_in_time_passes() -> None:
    lab = FakeLab({"ping": iter([SILENT, SILENT, ANSWERED])})
    outcome = await outcome_of(make_test(), lab)
    assert outcome.verdict is Verdict.PASSED
    assert outcome.last.number == 3


async def test_asking_ends_with_the_time_and_the_last_attempts_are_kept() -> None:
    lab, clock = FakeLab({"tcp": always(REFUSED)}), FakeClock()
    outcome = await outcome_of(make_test(within=3, tcp={"port": 80}), lab, clock)
    assert outcome.verdict is Verdict.FAILED
    assert outcome.seconds == 3
    assert len(outcome.attempts) == KEPT_ATTEMPTS
    numbers = [attempt.number for attempt in outcome.attempts]
    assert numbers == [outcome.last.number - 2, outcome.last.number - 1, outcome.last.number]


async def test_pauses_grow_and_are_bounded() -> None:
    lab, clock = FakeLab({"tcp": always(REFUSED)}), FakeClock()
    await outcome_of(make_test(within=6, tcp={"port": 80}), lab, clock)
    assert clock.pauses[:5] == [0.05, 0.1, 0.2, 0.4, 0.8]
    assert max(clock.pauses) == 1.0


async def test_an_attempt_is_made_even_when_the_time_is_shorter_than_it() -> None:
    clock = FakeClock()

    def take_time(kind: str) -> None:
        clock.now += 5

    lab = FakeLab({"ping": always(ANSWERED)}, during=take_time)
    outcome = await outcome_of(make_test(within=0.1), lab, clock)
    assert outcome.verdict is Verdict.PASSED


async def test_all_that_is_expected_has_to_hold_in_one_attempt() -> None:
    replies = {
        "ping": iter([ANSWERED, SILENT, ANSWERED]),
        "tcp": iter([REFUSED, CONNECTED, CONNECTED]),
    }
    outcome = await outcome_of(make_test(ping={}, tcp={"port": 80}), FakeLab(replies))
    assert outcome.verdict is Verdict.PASSED
    assert outcome.last.number == 3


async def test_traffic_begins_after_every_capture_has_started() -> None:
    lab = FakeLab({"ping": always(ANSWERED)})
    test = make_test(packets=({"on": "node/n"}, {"on": "vm/v"}), ping={})
    outcome = await outcome_of(test, lab)
    assert outcome.verdict is Verdict.PASSED
    assert lab.asked == [
        "capture node/n",
        "capture vm/v",
        "ping pod/a",
        "stop_capture node/n",
        "stop_capture vm/v",
    ]


async def test_a_capture_that_can_not_run_spoils_the_attempt_before_any_traffic() -> None:
    lab = FakeLab({"capture": always(ProbeReply(error="eth9: No such device exists"))})
    test = make_test(within=0.01, packets=({"on": "vm/v", "interface": "eth9", "seen": False},))
    outcome = await outcome_of(test, lab)
    assert outcome.verdict is Verdict.BROKEN
    assert outcome.last.trouble == "eth9: No such device exists"
    assert "ping pod/a" not in lab.asked


async def test_an_agent_that_went_away_is_not_taken_for_silence() -> None:
    class VanishingLab(FakeLab):
        async def ask(self, target: str, request: ProbeRequest) -> AsyncIterator[ProbeReply]:
            if request.WhichOneof("probe") == "capture":
                yield ProbeReply(capture_started=True)
                return
            async for reply in super().ask(target, request):
                yield reply

    lab = VanishingLab({"ping": always(ANSWERED)})
    outcome = await outcome_of(
        make_test(within=0.01, packets=({"on": "vm/v", "seen": False},)), lab
    )
    assert outcome.verdict is Verdict.BROKEN
    assert "vm/v went away" in outcome.last.trouble


async def test_a_target_that_does_not_exist_is_not_asked_again() -> None:
    clock = FakeClock()
    outcome = await outcome_of(make_test(source="pod/nobody"), FakeLab(), clock)
    assert outcome.verdict is Verdict.BROKEN
    assert outcome.last.trouble == "no such target: pod/nobody"
    assert clock.pauses == []


async def test_the_source_at_a_bare_address_can_not_be_seen() -> None:
    lab = FakeLab({"ping": always(ANSWERED)})
    outcome = await outcome_of(make_test(to="203.0.113.9", sourceSeen="nodeIP"), lab)
    assert outcome.verdict is Verdict.BROKEN
    assert "203.0.113.9 is no target" in outcome.last.trouble


async def test_a_probe_that_could_not_be_made_is_asked_again() -> None:
    lab = FakeLab({"ping": iter([ProbeReply(error="pod-1 does not exist yet"), ANSWERED])})
    assert (await outcome_of(make_test(), lab)).verdict is Verdict.PASSED


async def test_outcomes_come_in_the_order_of_the_file() -> None:
    lab = FakeLab({"ping": always(ANSWERED), "tcp": always(CONNECTED)})
    tests = [
        make_test("captures", packets=({"on": "vm/v"},)),
        make_test("connects", tcp={"port": 80}),
        make_test("pings"),
    ]
    outcomes = await run_tests(tests, lab=lab, clock=FakeClock())
    assert [outcome.test.name for outcome in outcomes] == ["captures", "connects", "pings"]


async def test_captures_run_when_no_other_test_sends_packets() -> None:
    lab = FakeLab({"ping": always(ANSWERED)})
    finished: list[str] = []
    tests = [
        make_test("first capture", packets=({"on": "vm/v", "seen": 1},)),
        make_test("ping"),
        make_test("second capture", packets=({"on": "vm/v", "seen": 1},)),
    ]
    outcomes = await run_tests(
        tests, lab=lab, clock=FakeClock(), on_outcome=lambda o: finished.append(o.test.name)
    )
    assert {outcome.verdict for outcome in outcomes} == {Verdict.PASSED}
    assert finished == ["ping", "first capture", "second capture"]
