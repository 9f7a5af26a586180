"""Which nodes are asked when, and what is made of the answers."""

import io
import json
import socket
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace

import pytest

from benchmarks.drivers.probe_stream import (
    FEW,
    LEAD,
    MANY,
    STEP,
    Rota,
    Schedule,
    Source,
    frame_of,
)
from benchmarks.measurement import NotMeasured
from benchmarks.probing import Stream

NOBODY = SimpleNamespace(getsockname=lambda: ("eth0", 0, 0, 1, bytes(range(6))))


def sources(count: int) -> list[Source]:
    return [Source(bytes([number]), NOBODY, bytearray(), flows=True) for number in range(count)]


def asked(rota: Rota, beats: int, carries: Callable[[Source, int], bool]) -> list[list[Source]]:
    """Who is asked in each of so many beats; `carries`: whether that one's datagram is carried."""
    found = []
    for beat in range(beats):
        found.append(list(rota.next()))
        for source in found[-1]:
            source.number += 1
            source.sent[source.number] = beat
            if carries(source, beat):
                source.carried.add(source.number)
    return found


def test_all_are_asked_soon_when_all_have_turned() -> None:
    nodes = sources(100)
    beats = asked(Rota(nodes, carried=True), 6, lambda *_: True)
    assert {source for beat in beats for source in beat} == set(nodes)


def test_who_has_turned_is_asked_less_than_who_has_not() -> None:
    nodes = sources(100)
    beats = asked(Rota(nodes, carried=True), 60, lambda source, _: source.address[0] < 50)
    counts = Counter(source for beat in beats[20:] for source in beat)
    assert sum(counts[late] for late in nodes[50:]) > 3 * sum(counts[each] for each in nodes[:50])


def test_probes_begin_when_some_have_turned_and_some_have_not() -> None:
    schedule = Schedule()
    assert schedule.wait is None
    schedule.learn(latest=0.1, early=1.0)
    waits = [0.1 - LEAD]
    assert schedule.wait == waits[-1]
    for early in (0, (FEW + MANY) / 2, 1, 0, 0, 0, 0, 1):
        schedule.learn(latest=0.1, early=early)
        waits.append(schedule.wait)
    steps = [after - before for before, after in pairwise(waits)]
    assert steps == pytest.approx([STEP * each for each in (-1, 0, 1, -1, -2, -4, -8, 1)])
    for _ in range(30):
        schedule.learn(latest=0.1, early=0)
    assert schedule.wait == 0


@pytest.mark.parametrize("carried", [True, False])
@pytest.mark.parametrize("count", [20, 100])
def test_the_last_to_turn_are_asked_most(count: int, *, carried: bool) -> None:
    """One after the other they turn, from the sixtieth beat on: each is seen to soon after."""
    nodes = sources(count)

    def has_turned(source: Source, beat: int) -> bool:
        return beat >= 60 + source.address[0] * 20 // count

    for _ in range(2):
        rota = Rota(nodes, carried=carried)
        beats = asked(rota, 140, lambda source, beat: has_turned(source, beat) is carried)
        seen: dict[Source, int] = {}
        for number, beat in enumerate(beats):
            for source in beat:
                if has_turned(source, number):
                    seen.setdefault(source, number)
        assert len(seen) == count
        assert max(seen.values()) <= 60 + 20 + 4


def test_those_that_have_turned_are_asked_whether_they_fall_back() -> None:
    nodes = sources(4)
    beats = asked(Rota(nodes, carried=True), 60, lambda source, beat: source is not nodes[2])
    asked_how_often = Counter(source for beat in beats[20:] for source in beat)
    assert asked_how_often[nodes[2]] > asked_how_often[nodes[0]] > 5


def test_a_frame_is_one_that_the_kernel_takes() -> None:
    """Its header's checksum is right: the sum of all words, carries added, has all bits set."""
    addresses = socket.inet_aton("10.0.0.4"), socket.inet_aton("10.99.0.1")
    frame = frame_of(NOBODY, bytes(6), *addresses, 7777)
    header = frame[14:34]
    words = sum(int.from_bytes(header[at : at + 2], "big") for at in range(0, 20, 2))
    assert (words & 0xFFFF) + (words >> 16) == 0xFFFF
    assert len(frame) == 14 + int.from_bytes(header[2:4], "big")


def answering(probes: dict[str, list[tuple[float, bool]]]) -> Stream:
    senders = [
        SimpleNamespace(
            stdin=io.StringIO(), stdout=io.StringIO(f"watching\n{json.dumps({node: seen})}\n")
        )
        for node, seen in probes.items()
    ]
    stream = Stream(senders)  # type: ignore[arg-type]
    stream.watch(carried=True)
    return stream


def test_what_counts_is_the_first_datagram_of_the_last_node() -> None:
    stream = answering(
        {
            "one": [(9.0, False), (11.0, False), (12.0, True), (14.0, True)],
            "two": [(9.5, False), (13.0, True), (13.5, False)],
        }
    )
    turn = stream.turn(since=10.0)
    assert (turn.latest, turn.relapses) == (3.0, 1)


@pytest.mark.parametrize(
    ("probes", "why"),
    [
        ([(9.0, False), (11.0, False)], "did not change"),
        ([(9.0, True), (11.0, True)], "before anybody wanted it"),
    ],
)
def test_what_did_not_turn_is_not_measured(probes: list[tuple[float, bool]], why: str) -> None:
    with pytest.raises(NotMeasured, match=why):
        answering({"one": probes}).turn(since=10.0)
