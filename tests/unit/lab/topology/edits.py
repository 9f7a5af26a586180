"""Files of the repository, edited again and again: they have to read as new ones do."""

import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parents[4]
FILES = sorted(
    path
    for folder in ("examples", "tests/rejected")
    for path in (ROOT / folder).glob("*.yaml")
    if path.stat().st_size < 20_000
)
NAMES = (f"{number}.yaml" for number in count())
"""Of files that were not read before."""

FRAGMENTS = (
    *("- ", "-", "  ", " ", "\t", "#", " # ", ": ", ":", ",", "[", "]", "{", "}", "|", ">", "|+"),
    *("'", '"', "&a ", "*a", "<<: ", "!!str ", "? ", "---", "...", "%", "null", "7", "~", "a: 1"),
    *("\r", "\x85", "\u2028", "\x07", "- - a", "- {a: 1, a: 2}", "- [a]", "é", "@", "\ufeff"),
)


def edits(text: str, *, turns: int, seed: str) -> Iterator[str]:
    """`text`, and what becomes of it; the same for the same `seed`."""
    chance, now = random.Random(seed), text
    for turn in range(turns):
        now = text if turn % 5 == 0 else _edited(now, chance)
        yield now


def _edited(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    number = chance.randrange(len(lines))
    line = lines[number]
    place = chance.randint(0, len(line))
    match chance.randrange(8):
        case 0:
            lines[number] = chance.choice(lines)
        case 1:
            lines[number] = line[:place] + line[place + chance.randint(1, 3) :]
        case 2:
            lines.insert(number, chance.choice(lines))
        case 3:
            del lines[number]
        case 4:
            lines[number] = " " * chance.randint(0, 9) + line.lstrip()
        case 5:
            lines[number] = line.replace("1", "2") + " # edited"
        case _:
            lines[number] = line[:place] + chance.choice(FRAGMENTS) + line[place:]
    return "\n".join(lines)
