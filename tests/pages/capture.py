"""What tcpdump sees of pings on all devices of a place, as sightings."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from tests.pages.places import Shell

LAST = 9
"""Bytes of the ping that a place sends to itself to end its capture: all before it is seen."""

# At its own snapshot length tcpdump's ring has eight slots in immediate mode, and loses packets.
START = """\
d=$(mktemp -d); mkfifo $d/said $d/seen
tcpdump --immediate-mode -s 256 -l -n -tt -v --time-stamp-precision=nano -i any icmp \
2>$d/said >$d/seen </dev/null &
exec 3<$d/said 4<$d/seen
while read -r line <&3; do case $line in *"listening on"*) break;; esac; done
rm -r $d
"""
STOP = f"""\
ping -q -c 1 -s {LAST} 127.0.0.1 >/dev/null
while read -r line <&4; do
printf '%s\\n' "$line"
case $line in *", length {LAST + 8}") break;; esac
done
kill $!
"""

FIRST_LINE = re.compile(r"(\d+)\.(\d{9}) (\S+)\s+(\w+)\s+IP \(.*\bttl (\d+),")
SECOND_LINE = re.compile(r"\s*(\S+) > (\S+): ICMP echo (request|reply), .*, length (\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A packet of a ping as one device of a place had it."""

    place: str
    device: str
    outward: bool
    """Whether it leaves the place's kernel here."""
    ttl: int
    source: str
    destination: str
    reply: bool
    size: int
    """Bytes of payload: no two walks have the same, and no translation changes it."""
    at: int
    """Nanoseconds; all places have one clock."""


def sightings(place: str, printed: str) -> Iterator[Sighting]:
    for first, second in pairwise(printed.splitlines()):
        head, tail = FIRST_LINE.match(first), SECOND_LINE.match(second)
        if head and tail:
            yield Sighting(
                place=place,
                device=head[3],
                outward=head[4] == "Out",
                ttl=int(head[5]),
                source=tail[1],
                destination=tail[2],
                reply=tail[3] == "reply",
                size=int(tail[4]) - 8,
                at=int(head[1] + head[2]),
            )


@contextmanager
def capturing(shells: Mapping[str, Shell]) -> Iterator[list[Sighting]]:
    """Everything that any place saw while the block ran, in the order of time."""
    seen: list[Sighting] = []
    _everywhere(shells, START)
    yield seen
    for place, printed in _everywhere(shells, STOP):
        seen.extend(sightings(place, printed))
    seen.sort(key=lambda sighting: sighting.at)


def _everywhere(shells: Mapping[str, Shell], script: str) -> Iterable[tuple[str, str]]:
    for shell in shells.values():
        shell.begin(script)
    return [(place, shell.end()) for place, shell in shells.items()]
