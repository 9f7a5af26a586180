"""Pings, one at a time, and what every place on the way had to do with each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from tests.e2e.conftest import DeployedLab
from tests.pages.capture import Sighting, capturing
from tests.pages.deciding import Counters, Decision, Visit, counters, decisions, moved
from tests.pages.ground import Ground, ground_of
from tests.pages.places import Shell, shells_in

SOURCE = "pod one"
DESTINATIONS = {"near": "pod two", "far": "pod three", "machine": "vm"}
SIZES = {"near": 101, "far": 102, "machine": 103}
"""Bytes of payload, by which sightings are told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """What a place had to do with a packet."""

    visit: Visit
    decided: Sequence[Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A ping."""

    there: Sequence[Stay]
    back: Sequence[Stay]
    printed: int
    """The TTL that ping prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Everything that a page says of a run."""

    ground: Ground
    walks: Mapping[str, Walk]
    asked: Mapping[tuple[str, str], str]
    """What commands printed, by place and command."""


def recorded(lab: DeployedLab, commands: Sequence[tuple[str, str]]) -> Recording:
    """Send the pings through a running lab, and ask `commands` of its places."""
    with shells_in(lab) as shells:
        ground = ground_of(lab, shells)
        counts: dict[str, Counters] = {}
        printed: dict[str, int] = {}
        with capturing(shells) as seen:
            for name, destination in DESTINATIONS.items():
                address = ground.addresses[destination]
                # Whoever has to learn where somebody is learns it from another ping.
                _ping(shells, address, size=56)
                before = counters(shells)
                printed[name] = _ping(shells, address, size=SIZES[name])
                counts[name] = moved(before, counters(shells))
        walks = {}
        for name, size in SIZES.items():
            ways = (
                tuple(_stays(seen, size, shells, ground, counts[name], reply=reply))
                for reply in (False, True)
            )
            there, back = ways
            assert printed[name] == back[-1].visit[-1].ttl
            walks[name] = Walk(there=there, back=back, printed=printed[name])
        asked = {(place, command): shells[place].ask(command) for place, command in commands}
    return Recording(ground=ground, walks=walks, asked=asked)


def _ping(shells: Mapping[str, Shell], address: str, *, size: int) -> int:
    printed = shells[SOURCE].ask(f"ping -n -c 1 -W 5 -s {size} {address} 2>&1")
    answer = re.search(r"\bttl=(\d+)", printed)
    assert answer, printed
    return int(answer[1])


def _stays(
    seen: Sequence[Sighting],
    size: int,
    shells: Mapping[str, Shell],
    ground: Ground,
    counted: Counters,
    *,
    reply: bool,
) -> Iterator[Stay]:
    packet = (each for each in seen if each.size == size and each.reply is reply)
    for place, group in groupby(packet, key=lambda each: each.place):
        visit = tuple(group)
        yield Stay(visit=visit, decided=tuple(decisions(visit, shells[place], ground, counted)))
        # A flow meets a translation table once, however often it comes by.
        counted = {key: more for key, more in counted.items() if key[:2] != (place, "nat")}
